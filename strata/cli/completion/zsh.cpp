// zsh: _arguments does the work; here it is told what there is.
#include <fmt/format.h>

#include <algorithm>

#include "strata/cli/completion/completion.hpp"

namespace strata::cli {
namespace {

// For a specification of _arguments between single quotes.
std::string escaped(std::string_view text) {
    std::string shown;
    for (const char letter : text) {
        if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') shown += '\\';
        shown += letter == '\'' ? "'\\''" : std::string(1, letter);
    }
    return shown;
}

// What completes a value; a beginning such as tap: is left open.
std::string action_of(const ValueHints& hints) {
    if (hints.kind == ValueHints::Kind::files) return "_files";
    if (hints.kind == ValueHints::Kind::folders) return "_files -/";
    if (hints.kind == ValueHints::Kind::users) return "_users";
    if (hints.words.empty()) return " ";
    const bool open = std::ranges::any_of(
        hints.words, [](const std::string& word) { return word.ends_with(':') || word.ends_with('/'); });
    std::string text = open ? "compadd -S \"\" -" : "compadd -";
    for (const auto& word : hints.words) text += " " + escaped(word);
    return text;
}

std::string value_of(const Argument& argument) {
    return argument.value.empty() ? "" : fmt::format(":{}:{}", escaped(argument.value), action_of(argument.hints));
}

// '(-h --help)-h[show this]': one a name, and none of its names twice.
std::string specifications(const Argument& option) {
    std::string names;
    for (const auto& name : option.names) names += (names.empty() ? "" : " ") + name;
    std::string text;
    for (const auto& name : option.names) {
        const std::string excludes = option.repeats ? "*" : "(" + names + ")";
        text += fmt::format(" \\\n                '{}{}[{}]{}'", excludes, name, escaped(option.description),
                            value_of(option));
    }
    return text;
}

std::string arguments_of(const Page& page) {
    std::string text;
    for (const Argument& option : page.options) text += specifications(option);
    std::size_t place = 0;
    for (const Argument& argument : page.positionals) {
        text += fmt::format(" \\\n                '{}{}'", ++place, value_of(argument));
    }
    return text;
}

}  // namespace

std::string completion_for_zsh(const Pages& pages) {
    std::string commands, cases;
    for (const Page& command : pages.commands) {
        commands += fmt::format("                '{}:{}'\n", command.name, escaped(command.summary));
        cases += fmt::format("            {}) _arguments -s{} ;;\n", command.name, arguments_of(command));
    }
    return "#compdef strata\n# Completion of strata for zsh, made by 'strata help --completion zsh'.\n"
           "\n_strata() {\n"
           "    local context state state_descr line\n"
           "    local -a commands\n"
           "    typeset -A opt_args\n"
           "    _arguments -C" +
           arguments_of(pages.program) +
           " \\\n                '1:command:->command' \\\n                '*::argument:->argument'\n"
           "    case $state in\n"
           "        command)\n            commands=(\n" +
           commands +
           "            )\n            _describe command commands ;;\n"
           "        argument)\n            case $words[1] in\n" +
           cases +
           "            esac ;;\n    esac\n}\n\n"
           "if [[ $funcstack[1] == _strata ]]; then _strata \"$@\"; else compdef _strata strata; fi\n";
}

}  // namespace strata::cli
