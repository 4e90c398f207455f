// What the command line is made of, read from CLI11's definitions. This is the one source of
// --help, the man pages and the completions: an option that a command defines is in all of them,
// and what it is called there is what it is called here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace strata::cli {

// What a value may be, as far as a shell can tell.
struct ValueHints {
    enum class Kind { words, files, folders, users };
    Kind kind = Kind::words;
    std::vector<std::string> words;  // one that ends in ':' or '/' is only a beginning
};

// An option, a flag, or an argument that is known by its place.
struct Argument {
    std::vector<std::string> names;  // with their dashes, the short ones first; none: known by its place
    std::string value;               // what stands for its value: FILE, NET, ...; a flag has none
    std::string description;
    ValueHints hints;
    bool all_words = false;  // no other value than the hints' words is taken
    bool required = false;
    bool repeats = false;

    [[nodiscard]] bool has_name(std::string_view name) const;
    // "-o FILE", "-h, --help", "URL".
    [[nodiscard]] std::string title() const;
};

struct Page {
    std::string name;  // of the command; empty for the program itself
    std::string summary;
    std::vector<Argument> positionals;
    std::vector<Argument> options;

    // "strata", "strata get": what is typed.
    [[nodiscard]] std::string invocation() const;
    // "strata get URL [OPTION]...".
    [[nodiscard]] std::string usage() const;
    [[nodiscard]] const Argument* find_option(std::string_view name) const;
};

struct Pages {
    Page program;
    std::vector<Page> commands;

    [[nodiscard]] const Page* find_command(std::string_view name) const;
};

[[nodiscard]] Argument read_argument(const CLI::Option& option);
[[nodiscard]] Page read_page(const CLI::App& command);
[[nodiscard]] Pages read_pages(const CLI::App& program);

// A description as it is in a list, as a sentence: "end after a while" is "End after a while."
[[nodiscard]] std::string sentence(std::string_view description);

}  // namespace strata::cli
