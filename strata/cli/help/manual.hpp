// What the man pages and --help say beyond CLI11's definitions: explanations, examples, files. A
// command without an entry here still has its page, from the definitions alone. Text between
// `backquotes` is to be typed literally.
#pragma once

#include <string_view>
#include <vector>

namespace strata::cli {

struct Note {
    std::string_view title;
    std::string_view text;
};

struct Manual {
    std::string_view command;  // empty: the program's own page
    std::vector<std::string_view> description;
    std::vector<Note> options;   // by name: what is to be said after the option's own sentence
    std::vector<Note> examples;  // the title is the command line
    std::vector<Note> files;
    std::vector<Note> exit_status;  // where it is more than what all commands have in common
};

[[nodiscard]] const Manual& manual_of(std::string_view command);
// 0, 1, 2 and 130.
[[nodiscard]] const std::vector<Note>& exit_status_of_all();

}  // namespace strata::cli
