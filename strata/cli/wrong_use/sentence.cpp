#include "strata/cli/wrong_use/sentence.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>

#include "strata/cli/help/pages.hpp"
#include "strata/cli/wrong_use/nearest.hpp"

namespace strata::cli {
namespace {

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-' && word != "--"; }

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& known) {
    const auto guess = nearest(typed, known);
    return guess ? fmt::format(" (did you mean '{}'?)", *guess) : "";
}

std::string help_of(const Page& page) {
    return page.name.empty() ? "'strata help'" : "'strata help " + page.name + "'";
}

// "listen or connect", "a, b or c".
std::string one_of(const std::vector<std::string>& words) {
    if (words.size() < 2) return fmt::format("{}", fmt::join(words, ""));
    return fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::string unknown_option(const Pages& pages, const Page& page, const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    std::vector<std::string> known;
    for (const Argument& option : page.options) known.insert(known.end(), option.names.begin(), option.names.end());
    if (page.name.empty()) {
        for (const Page& command : pages.commands) {
            if (command.find_option(name) != nullptr) {
                return fmt::format("{} belongs behind a command; write it as in 'strata {} {}'", name, command.name,
                                   name);
            }
        }
    }
    return fmt::format("{} has no option {}{}; {} lists them", page.name.empty() ? "strata" : page.name, name,
                       did_you_mean(name, known), help_of(page));
}

// What is on the command line and nowhere in the definitions, if anything is.
std::optional<std::string> unknown_word(const CLI::App& program, const Pages& pages, const CLI::App* command) {
    const std::vector<std::string> of_program = program.remaining();
    if (!of_program.empty()) {
        const std::string& word = of_program.front();
        return is_option(word) ? unknown_option(pages, pages.program, word) : no_such_command(program, word);
    }
    if (command == nullptr) return std::nullopt;
    const Page page = read_page(*command);
    std::vector<std::string> words = command->remaining();
    std::erase(words, "--");
    const auto option = std::ranges::find_if(words, is_option);
    if (option != words.end()) return unknown_option(pages, page, *option);
    if (words.empty()) return std::nullopt;
    return fmt::format("{} does not know what to do with '{}'; write '{}'", page.name, words.front(), page.usage());
}

// The option that CLI11's message is about.
const CLI::Option* option_named_in(const CLI::App& app, std::string_view message) {
    constexpr std::string_view conversion = "Could not convert: ";
    if (message.starts_with(conversion)) message.remove_prefix(conversion.size());
    for (const CLI::Option* option : app.get_options()) {
        const std::string name = option->get_name();
        if (message.starts_with(name) &&
            (message.size() == name.size() || message[name.size()] == ':' || message[name.size()] == ' '))
            return option;
    }
    return nullptr;
}

std::string wrong_value(const CLI::Option& option, const Argument& argument, const Page& page,
                        const CLI::ParseError& error) {
    const std::string name = option.get_name();
    const std::string typed = option.results().empty() ? "" : option.results().back();
    if (argument.value.empty()) return fmt::format("{} takes no value; write it alone", name);
    if (option.results().size() > 1)
        return fmt::format("{} is given {} times; give it once", name, option.results().size());
    if (error.get_name() == "ArgumentMismatch")
        return fmt::format("{} needs a value; write {}", name, argument.title());
    if (argument.all_words) {
        return fmt::format("{}: '{}' is not understood{}; write {}", name, typed,
                           did_you_mean(typed, argument.hints.words), one_of(argument.hints.words));
    }
    std::string message = error.what();
    // Our own checks say what to write.
    if (message.find("; write ") != std::string::npos) return message;
    return fmt::format("{}: '{}' is not understood; {} says what it takes", name, typed, help_of(page));
}

std::optional<std::string> what_is_missing(const CLI::App& app, const Page& page) {
    std::vector<std::string> missing;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_required() && option->count() == 0) missing.push_back(option->get_name());
    }
    if (missing.empty()) return std::nullopt;
    return fmt::format("{} needs {}; write '{}'", page.name, fmt::join(missing, " and "), page.usage());
}

}  // namespace

std::string no_such_command(const CLI::App& program, const std::string& name) {
    std::vector<std::string> names;
    for (const Page& command : read_pages(program).commands) names.push_back(command.name);
    return fmt::format("there is no command '{}'{}; 'strata help' lists them", name, did_you_mean(name, names));
}

std::string explain(const CLI::App& program, const CLI::ParseError& error) {
    const Pages pages = read_pages(program);
    const auto chosen = program.get_subcommands();
    const CLI::App* const command = chosen.empty() ? nullptr : chosen.front();
    // What nobody knows is the likeliest reason for all the rest.
    if (const auto unknown = unknown_word(program, pages, command)) return *unknown;
    const CLI::App& app = command == nullptr ? program : *command;
    const Page page = read_page(app);
    const std::string kind = error.get_name();
    const bool of_value = kind == "ArgumentMismatch" || kind == "ConversionError" || kind == "ValidationError";
    const CLI::Option* const option = of_value ? option_named_in(app, error.what()) : nullptr;
    if (option != nullptr) return wrong_value(*option, read_argument(*option), page, error);
    if (kind == "RequiredError") {
        if (command == nullptr) return "no command is given; 'strata help' lists them";
        if (const auto missing = what_is_missing(app, page)) return *missing;
    }
    if (kind == "ExcludesError") return fmt::format("{}; leave one of them out", error.what());
    if (kind == "RequiresError") return fmt::format("{}; give both", error.what());
    return fmt::format("{}; {} says how it is written", error.what(), help_of(page));
}

}  // namespace strata::cli
