#include "strata/cli/help/help_text.hpp"

#include <algorithm>

#include "strata/cli/help/manual.hpp"

namespace strata::cli {
namespace {

constexpr std::size_t columns = 100;
constexpr std::size_t indent = 2;
constexpr std::size_t title_width_max = 22;

// A continuation byte of UTF-8 takes no column.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (byte & 0xc0) != 0x80; }));
}

// The text from column `left` on; the first line has come so far already.
std::string wrapped(std::string_view text, std::size_t left) {
    std::string lines;
    std::size_t at = left;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, space);
        text.remove_prefix(std::min(space + 1, text.size()));
        if (at > left && at + 1 + width(word) > columns) {
            lines += "\n" + std::string(left, ' ');
            at = left;
        }
        if (at > left) lines += ' ';
        lines += word;
        at += width(word) + (at > left ? 1 : 0);
    }
    return lines + "\n";
}

// Titles to the left, texts to the right.
class Table {
public:
    void add(std::string title, std::string text) {
        if (width(title) <= title_width_max) titles_width_ = std::max(titles_width_, width(title));
        rows_.emplace_back(std::move(title), std::move(text));
    }
    [[nodiscard]] std::string text(std::string_view heading) const {
        if (rows_.empty()) return "";
        const std::size_t left = indent + titles_width_ + 2;
        std::string shown = "\n" + std::string(heading) + ":\n";
        for (const auto& [title, text] : rows_) {
            std::string line = std::string(indent, ' ') + title;
            // One that is too long has a line of its own.
            if (width(line) + 2 > left) line += "\n";
            const std::size_t behind = line.back() == '\n' ? 0 : width(line);
            shown += line + std::string(left - behind, ' ') + wrapped(text, left);
        }
        return shown;
    }

private:
    std::vector<std::pair<std::string, std::string>> rows_;
    std::size_t titles_width_ = 0;
};

std::string table_of(std::string_view heading, const std::vector<Argument>& arguments) {
    Table table;
    for (const Argument& argument : arguments) table.add(argument.title(), argument.description);
    return table.text(heading);
}

}  // namespace

std::string help_text(const Pages& pages, const Page& page) {
    std::string text = sentence(page.summary) + "\n\nusage: " + page.usage() + "\n";
    if (page.name.empty()) {
        Table commands;
        for (const Page& command : pages.commands) commands.add(command.name, command.summary);
        text += commands.text("commands");
    }
    text += table_of("arguments", page.positionals) + table_of("options", page.options);
    const auto& examples = manual_of(page.name).examples;
    if (!examples.empty()) text += "\nexamples:\n";
    for (const Note& example : examples) text += "  " + std::string(example.title) + "\n";
    text += page.name.empty() ? "\n'strata help COMMAND' says more about one of them.\n" : "";
    return text;
}

}  // namespace strata::cli
