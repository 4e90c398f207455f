#include "strata/cli/help/man_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "strata/cli/help/manual.hpp"
#include "strata/cli/version.hpp"

namespace strata::cli {
namespace {

constexpr std::size_t line_length_max = 76;

// One character of UTF-8, and how many bytes it takes. What is none is shown as a question mark.
std::pair<std::uint32_t, std::size_t> character(std::string_view text) {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at])); };
    const std::uint32_t first = byte(0);
    const std::size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    if (size == 1) return {first, 1};
    if (size == 0 || size > text.size()) return {'?', 1};
    std::uint32_t value = first & (0x7fU >> size);
    for (std::size_t i = 1; i < size; ++i) value = value << 6 | (byte(i) & 0x3f);
    return {value, size};
}

// What is between backquotes is bold.
std::string marked(std::string_view text) {
    std::string shown;
    for (bool bold = false; !text.empty(); bold = !bold) {
        const std::size_t quote = std::min(text.find('`'), text.size());
        const std::string piece = roff(text.substr(0, quote));
        text.remove_prefix(std::min(quote + 1, text.size()));
        if (piece.empty()) continue;
        shown += bold ? "\\fB" + piece + "\\fR" : piece;
    }
    return shown;
}

// A new line for each sentence, as the form wants it, and where one grows too long.
std::string paragraph(std::string_view text) {
    const std::string whole = marked(text);
    std::string lines;
    std::size_t length = 0;
    for (std::size_t at = 0; at < whole.size();) {
        const std::size_t space = std::min(whole.find(' ', at), whole.size());
        const std::string word = whole.substr(at, space - at);
        at = space + 1;
        const bool new_line = length > 0 && (length + 1 + word.size() > line_length_max || lines.ends_with('.'));
        if (length > 0) lines += new_line ? '\n' : ' ';
        length = new_line ? word.size() : length + 1 + word.size();
        if (new_line && (word.front() == '.' || word.front() == '\'')) lines += "\\&";
        lines += word;
    }
    return lines + "\n";
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string title_of(const Argument& argument) {
    std::string text;
    for (const auto& name : argument.names) text += (text.empty() ? "" : ", ") + bold(name);
    if (!argument.value.empty()) text += (text.empty() ? "" : " ") + italic(argument.value);
    return text;
}

std::string synopsis(const Page& page) {
    std::string text = ".SH SYNOPSIS\n" + bold(page.invocation());
    if (page.name.empty()) return text + "\n" + italic("COMMAND") + "\n[" + italic("OPTION") + "]...\n";
    for (const Argument& argument : page.positionals) {
        const std::string shown = italic(argument.value) + (argument.repeats ? "..." : "");
        text += "\n" + (argument.required ? shown : "[" + shown + "]");
    }
    for (const Argument& option : page.options) {
        if (option.has_name("--help")) continue;
        text += "\n[" + bold(option.names.front());
        if (!option.value.empty()) text += "\\ " + italic(option.value);
        text += "]";
    }
    return text + "\n";
}

std::string tagged(const std::string& tag, const std::string& text) { return ".TP\n" + tag + "\n" + text; }

std::string tagged(const std::string& tag, const Argument& argument, const Manual& manual) {
    std::string text = paragraph(sentence(argument.description));
    for (const auto& name : argument.names) {
        const auto more = std::ranges::find(manual.options, name, &Note::title);
        if (more != manual.options.end()) text += paragraph(more->text);
    }
    return tagged(tag, text);
}

std::string options_of(std::string_view heading, const std::vector<Argument>& arguments, const Manual& manual) {
    if (arguments.empty()) return "";
    std::string text = fmt::format(".SH {}\n", heading);
    for (const Argument& argument : arguments) text += tagged(title_of(argument), argument, manual);
    return text;
}

std::string list_of(std::string_view heading, const std::vector<Note>& notes) {
    if (notes.empty()) return "";
    std::string text = fmt::format(".SH {}\n", heading);
    for (const Note& note : notes) text += tagged(bold(note.title), paragraph(note.text));
    return text;
}

std::string page_name(const Page& page) { return page.name.empty() ? "strata" : "strata-" + page.name; }

// What all commands have in common, with what the page says instead.
std::vector<Note> exit_status(const Manual& manual) {
    std::vector<Note> notes = exit_status_of_all();
    for (Note& note : notes) {
        const auto own = std::ranges::find(manual.exit_status, note.title, &Note::title);
        if (own != manual.exit_status.end()) note = *own;
    }
    return notes;
}

std::string see_also(const Pages& pages, const Page& page) {
    std::vector<std::string> names;
    if (!page.name.empty()) names.emplace_back("strata");
    for (const Page& command : pages.commands) {
        if (command.name != page.name) names.push_back(page_name(command));
    }
    std::string text = ".SH SEE ALSO\n";
    for (const auto& name : names) text += fmt::format(".BR {} (1){}\n", roff(name), name == names.back() ? "" : ",");
    return text;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return text;
}

// "Fetch a file by http://." is "fetch a file by http://" behind the name.
std::string summary_of(const Page& page) {
    std::string text = page.summary;
    if (!text.empty() && text.back() == '.') text.pop_back();
    if (!text.empty() && text.front() >= 'A' && text.front() <= 'Z')
        text.front() = static_cast<char>(text.front() - 'A' + 'a');
    return text;
}

}  // namespace

std::string roff(std::string_view text) {
    std::string shown;
    if (!text.empty() && (text.front() == '.' || text.front() == '\'')) shown += "\\&";
    while (!text.empty()) {
        const auto [value, size] = character(text);
        text.remove_prefix(size);
        switch (value) {
            case '\\': shown += "\\e"; break;
            case '-': shown += "\\-"; break;
            case '\'': shown += "\\(aq"; break;
            case '`': shown += "\\(ga"; break;
            case '^': shown += "\\(ha"; break;
            case '~': shown += "\\(ti"; break;
            case '"': shown += "\\(dq"; break;
            case 0x2026:
                shown += "...";
                break;  // not all devices have it
            // Where a long value may be broken.
            case ',': shown += text.empty() || text.front() == ' ' ? "," : ",\\:"; break;
            default:
                shown += value < 0x80 ? std::string(1, static_cast<char>(value)) : fmt::format("\\[u{:04X}]", value);
        }
    }
    return shown;
}

std::string man_page(const Pages& pages, const Page& page) {
    const Manual& manual = manual_of(page.name);
    std::string text = fmt::format(".\\\" Made by 'strata help {}--man' from the program's own definitions.\n",
                                   page.name.empty() ? "" : page.name + " ");
    text += fmt::format(".TH {} 1 {} \"strata {}\" \"Strata's manual\"\n.nh\n.ad l\n", upper(page_name(page)),
                        build_date(), version());
    text += ".SH NAME\n" + roff(page_name(page)) + " \\-\n" + paragraph(summary_of(page));
    text += synopsis(page);
    text += ".SH DESCRIPTION\n";
    if (manual.description.empty()) text += paragraph(sentence(page.summary));
    for (const auto& each : manual.description)
        text += (&each == &manual.description.front() ? "" : ".PP\n") + paragraph(each);
    if (page.name.empty()) {
        text += ".SH COMMANDS\n";
        for (const Page& command : pages.commands)
            text += tagged(bold(command.name), paragraph(sentence(command.summary)));
    }
    text += options_of("ARGUMENTS", page.positionals, manual) + options_of("OPTIONS", page.options, manual);
    text += list_of("EXIT STATUS", exit_status(manual)) + list_of("FILES", manual.files);
    return text + list_of("EXAMPLES", manual.examples) + see_also(pages, page);
}

}  // namespace strata::cli
