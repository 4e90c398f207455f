#include "strata/cli/help/pages.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace strata::cli {
namespace {

using ValueKind = ValueHints::Kind;

struct KnownValue {
    std::string_view value;
    ValueKind kind;
    std::vector<std::string> words;
};

// By what stands for the value in the definitions.
const KnownValue* known(std::string_view value) {
    static const std::array<KnownValue, 10> values{{
        {"FILE", ValueKind::files, {}},
        {"DIR", ValueKind::folders, {}},
        {"NET", ValueKind::words, {"kernel", "embedded", "tap:", "packet:", "tun:", "slip:"}},
        {"CHARSET", ValueKind::words, {"UTF-8", "GBK", "GB18030", "Big5", "Shift_JIS", "EUC-KR", "ISO-8859-1"}},
        {"URL",
         ValueKind::words,
         {"http://", "https://", "fetch://", "ftp://", "ftpes://", "ftps://", "tftp://", "nfs://", "file://"}},
        {"WHERE", ValueKind::words, {"tcp://", "udp://", "unix:"}},
        {"TAP", ValueKind::words, {"tap:"}},
        {"NAME", ValueKind::users, {}},
        {"FORM", ValueKind::words, {"text", "json", "off"}},
        {"MODE", ValueKind::words, {"octet", "netascii"}},
    }};
    const auto found = std::ranges::find(values, value, &KnownValue::value);
    return found == values.end() ? nullptr : &*found;
}

// CLI11 tells a check for membership in the type's name, as in TEXT:{listen,connect}.
std::vector<std::string> members(const std::string& type) {
    std::vector<std::string> words;
    const std::size_t open = type.find('{');
    const std::size_t close = type.find('}', open);
    if (open == std::string::npos || close == std::string::npos) return words;
    for (const auto& word : CLI::detail::split(type.substr(open + 1, close - open - 1), ',')) words.push_back(word);
    return words;
}

}  // namespace

bool Argument::has_name(std::string_view name) const { return std::ranges::find(names, name) != names.end(); }

std::string Argument::title() const {
    std::string text = CLI::detail::join(names, ", ");
    if (!value.empty()) text += (text.empty() ? "" : " ") + value;
    return text;
}

std::string Page::invocation() const { return name.empty() ? "strata" : "strata " + name; }

std::string Page::usage() const {
    std::string text = invocation();
    if (name.empty()) text += " COMMAND";
    for (const Argument& argument : positionals) {
        const std::string shown = argument.value + (argument.repeats ? "..." : "");
        text += argument.required ? " " + shown : " [" + shown + "]";
    }
    return text + " [OPTION]...";
}

const Argument* Page::find_option(std::string_view wanted) const {
    const auto found = std::ranges::find_if(options, [&](const Argument& option) { return option.has_name(wanted); });
    return found == options.end() ? nullptr : &*found;
}

const Page* Pages::find_command(std::string_view wanted) const {
    const auto found = std::ranges::find(commands, wanted, &Page::name);
    return found == commands.end() ? nullptr : &*found;
}

Argument read_argument(const CLI::Option& option) {
    Argument argument;
    for (const auto& name : option.get_snames()) argument.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) argument.names.push_back("--" + name);
    argument.description = option.get_description();
    argument.required = option.get_required();
    argument.repeats = option.get_items_expected_max() > 1;
    const bool flag = option.get_items_expected_max() == 0;
    if (flag) return argument;
    const std::string type = option.get_type_name();
    argument.value = option.get_positional() ? option.get_name(true) : type.substr(0, type.find(':'));
    argument.hints.words = members(type);
    argument.all_words = !argument.hints.words.empty();
    const KnownValue* hint = known(type.substr(0, type.find(':')));
    if (hint == nullptr) hint = known(argument.value);
    if (hint != nullptr && !argument.all_words) argument.hints = {hint->kind, hint->words};
    return argument;
}

Page read_page(const CLI::App& command) {
    Page page;
    page.name = command.get_parent() == nullptr ? "" : command.get_name();
    page.summary = command.get_description();
    for (const CLI::Option* option :
         command.get_options([](const CLI::Option* each) { return !each->get_group().empty(); })) {
        (option->get_positional() ? page.positionals : page.options).push_back(read_argument(*option));
    }
    // CLI11 defines these first; they are the last that one looks for.
    std::ranges::stable_partition(page.options, [](const Argument& option) {
        return !option.has_name("--help") && !option.has_name("--version");
    });
    return page;
}

Pages read_pages(const CLI::App& program) {
    Pages pages{.program = read_page(program), .commands = {}};
    for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
        pages.commands.push_back(read_page(*command));
    }
    // An argument that is the name of a command is one of these.
    for (Page& page : pages.commands) {
        for (Argument& argument : page.positionals) {
            if (argument.value != "COMMAND") continue;
            for (const Page& command : pages.commands) argument.hints.words.push_back(command.name);
        }
    }
    return pages;
}

std::string sentence(std::string_view description) {
    std::string text(description);
    if (text.empty()) return text;
    if (text.front() >= 'a' && text.front() <= 'z') text.front() = static_cast<char>(text.front() - 'a' + 'A');
    if (!text.ends_with('.') && !text.ends_with("…")) text += '.';
    return text;
}

}  // namespace strata::cli
