// bash: one function that finds out where on the line it is, and one
// table of what is allowed there.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "strata/cli/completion/completion.hpp"

namespace strata::cli {
namespace {

// The line is read as it was typed: bash's own COMP_WORDS are cut at every ':' and '=', which
// tap:NAME, URLs and --net=NET are full of.
constexpr std::string_view what_to_offer = R"(
_strata_offer() {  # what is allowed here: files, folders, users or words, of those that begin with $current
    case $1 in
        files) compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
        folders) compopt -o filenames 2> /dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
        users) mapfile -t COMPREPLY < <(compgen -u -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current") ;;
    esac
}

_strata() {
    local line=${COMP_LINE:0:COMP_POINT} current previous command= place=0 skip= word
    local -a words
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    COMPREPLY=()
    current=${words[-1]}
    previous=${words[-2]}
    for word in "${words[@]:1:${#words[@]}-2}"; do
        if [[ $skip ]]; then
            skip=
        elif [[ $word == -* ]]; then
            [[ " $(_strata_valued "$command") " == *" $word "* ]] && skip=1
        elif [[ ! $command ]]; then
            command=$word
        else
            ((++place))
        fi
    done
    local whole=$current
    if [[ $skip ]]; then
        _strata_offer $(_strata_values "$command" "$previous")
    elif [[ $current == --*=* ]]; then
        current=${whole#*=}
        _strata_offer $(_strata_values "$command" "${whole%%=*}")
        current=$whole
        COMPREPLY=("${COMPREPLY[@]/#/${whole%%=*}=}")
    elif [[ $current == -* ]]; then
        _strata_offer $(_strata_options "$command")
    elif [[ ! $command ]]; then
        _strata_offer $(_strata_commands)
    else
        _strata_offer $(_strata_values "$command" $((place + 1)))
    fi
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[:/] ]] && compopt -o nospace 2> /dev/null
    # bash replaces only what follows the last of its own word breaks.
    local broken=${current%"${current##*[:=]}"}
    [[ $broken && $COMP_WORDBREAKS == *[:=]* ]] && COMPREPLY=("${COMPREPLY[@]#"$broken"}")
    return 0
}

complete -F _strata strata
)";

std::string words_of(const ValueHints& hints) {
    switch (hints.kind) {
        case ValueHints::Kind::files: return "files";
        case ValueHints::Kind::folders: return "folders";
        case ValueHints::Kind::users: return "users";
        case ValueHints::Kind::words: break;
    }
    return fmt::format("{}", fmt::join(hints.words, " "));
}

std::string entry(std::string_view pattern, std::string_view words) {
    return words.empty() ? "" : fmt::format("        {}) echo {} ;;\n", pattern, words);
}

// A function that says, by its arguments, which words there are.
std::string table(std::string_view name, std::string_view key, const std::string& entries) {
    return fmt::format("\n{}() {{\n    case {} in\n{}    esac\n}}\n", name, key, entries);
}

std::string option_names(const Page& page) {
    std::string text;
    for (const Argument& option : page.options) {
        for (const auto& name : option.names) text += (text.empty() ? "" : " ") + name;
    }
    return text;
}

std::string value_entries(const Page& page) {
    std::string text;
    for (const Argument& option : page.options) {
        if (option.value.empty()) continue;
        for (const auto& name : option.names) text += entry(page.name + ":" + name, words_of(option.hints));
    }
    for (std::size_t i = 0; i < page.positionals.size(); ++i) {
        const std::string pattern = fmt::format("{}:{}", page.name, i + 1);
        text += entry(pattern, words_of(page.positionals[i].hints));
    }
    return text;
}

}  // namespace

std::string completion_for_bash(const Pages& pages) {
    std::vector<std::string> names;
    std::string options = entry("''", option_names(pages.program));
    std::string valued = entry("''", fmt::format("{}", fmt::join(names_with_values(pages.program), " ")));
    std::string values = value_entries(pages.program);
    for (const Page& command : pages.commands) {
        names.push_back(command.name);
        options += entry(command.name, option_names(command));
        valued += entry(command.name, fmt::format("{}", fmt::join(names_with_values(command), " ")));
        values += value_entries(command);
    }
    return "# Completion of strata for bash, made by 'strata help --completion bash'.\n" +
           fmt::format("\n_strata_commands() {{ echo {}; }}\n", fmt::join(names, " ")) +
           table("_strata_options", "$1", options) + table("_strata_valued", "$1", valued) +
           table("_strata_values", "$1:$2", values) + std::string(what_to_offer);
}

}  // namespace strata::cli
