// UsersEditor: a file of users that is changed line by line: comments, and lines of others, stay as
// they are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "strata/7_application/users/users_file.hpp"

namespace strata::cli {

class UsersEditor {
public:
    // Reads the file, which need not be there yet. Throws std::runtime_error with one sentence: it
    // cannot be read, or is wrong.
    explicit UsersEditor(std::string path);

    [[nodiscard]] const std::vector<application::UserLine>& users() const noexcept { return users_; }
    [[nodiscard]] const application::UserLine* find(const std::string& name) const;
    // In the place of the one of that name, or at the end.
    void put(const application::UserLine& user);
    void remove(const std::string& name);
    // In one step, readable by its owner alone; the folder is made if it is missing. Throws
    // std::runtime_error with one sentence.
    void write() const;

private:
    [[nodiscard]] std::vector<std::string> lines_without(const std::string& name, const std::string* instead) const;
    void read_again(std::string text);

    std::string path_;
    std::string text_;
    std::vector<application::UserLine> users_;
};

}  // namespace strata::cli
