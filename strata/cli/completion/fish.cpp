// fish: a line for each thing that can be completed, with the condition under which it can.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "strata/cli/completion/completion.hpp"

namespace strata::cli {
namespace {

// Where on the line the cursor is. Fish's own helpers would take the
// argument of `strata help get` for the command.
constexpr std::string_view where_it_is = R"(
# The command on the line, and how many arguments follow it.
function __strata_line
    set -l words (commandline -opc)
    set -l command ''
    set -l place 0
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            if contains -- $word (__strata_valued $command)
                set skip 1
            end
        else if test -z "$command"
            set command $word
        else
            set place (math $place + 1)
        end
    end
    echo $command
    echo $place
end

function __strata_in
    set -l line (__strata_line)
    test "$line[1]" = "$argv[1]"
end

function __strata_at
    set -l line (__strata_line)
    test "$line[1]" = "$argv[1]" -a "$line[2]" = "$argv[2]"
end

complete -c strata -f
)";

std::string in_quotes(std::string_view text) {
    std::string shown = "'";
    for (const char letter : text) {
        if (letter == '\'' || letter == '\\') shown += '\\';
        shown += letter;
    }
    return shown + "'";
}

std::string values_of(const Argument& argument) {
    if (argument.value.empty()) return "";
    if (argument.hints.kind == ValueHints::Kind::files) return " -r -F";
    if (argument.hints.kind == ValueHints::Kind::folders) return " -x -a '(__fish_complete_directories)'";
    if (argument.hints.kind == ValueHints::Kind::users) return " -x -a '(__fish_complete_users)'";
    if (argument.hints.words.empty()) return " -x";
    return " -x -a " + in_quotes(fmt::format("{}", fmt::join(argument.hints.words, " ")));
}

std::string option_line(const Page& page, const Argument& option) {
    std::string names;
    for (const auto& name : option.names) {
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    }
    return fmt::format("complete -c strata -n \"__strata_in '{}'\"{}{} -d {}\n", page.name, names, values_of(option),
                       in_quotes(option.description));
}

std::string place_line(const Page& page, std::size_t place, const Argument& argument) {
    const std::string condition = fmt::format("complete -c strata -n \"__strata_at '{}' {}\"", page.name, place);
    const std::string_view description = argument.description;
    switch (argument.hints.kind) {
        case ValueHints::Kind::files: return fmt::format("{} -F -d {}\n", condition, in_quotes(description));
        case ValueHints::Kind::users:
            return fmt::format("{} -a '(__fish_complete_users)' -d {}\n", condition, in_quotes(description));
        case ValueHints::Kind::folders:
            return fmt::format("{} -a '(__fish_complete_directories)' -d {}\n", condition, in_quotes(description));
        case ValueHints::Kind::words: break;
    }
    if (argument.hints.words.empty()) return "";
    return fmt::format("{} -a {} -d {}\n", condition,
                       in_quotes(fmt::format("{}", fmt::join(argument.hints.words, " "))), in_quotes(description));
}

std::string lines_of(const Page& page) {
    std::string text = "\n";
    for (const Argument& option : page.options) text += option_line(page, option);
    for (std::size_t i = 0; i < page.positionals.size(); ++i) text += place_line(page, i, page.positionals[i]);
    return text;
}

}  // namespace

std::string completion_for_fish(const Pages& pages) {
    std::string valued, lines;
    for (const Page& command : pages.commands) {
        valued += fmt::format("        case {}\n            printf '%s\\n' {}\n", command.name,
                              fmt::join(names_with_values(command), " "));
        lines += fmt::format("complete -c strata -n \"__strata_in ''\" -a {} -d {}\n", command.name,
                             in_quotes(command.summary));
    }
    lines += lines_of(pages.program);
    for (const Page& command : pages.commands) lines += lines_of(command);
    return "# Completion of strata for fish, made by 'strata help --completion fish'.\n"
           "\n# The options that take a value.\nfunction __strata_valued\n    switch \"$argv[1]\"\n" +
           valued + "    end\nend\n" + std::string(where_it_is) + lines;
}

}  // namespace strata::cli
