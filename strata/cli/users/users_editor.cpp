#include "strata/cli/users/users_editor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/descriptor.hpp"
#include "strata/7_application/files/file_stamp.hpp"

namespace strata::cli {

using application::UserLine;

namespace {

[[noreturn]] void fail_to_write(const std::string& path) {
    throw std::runtime_error(
        fmt::format("cannot write {}: {}; choose another with --file", printable(path), std::strerror(errno)));
}

// What a link leads to is written, not the link.
std::string behind_links(const std::string& path) {
    std::error_code wrong;
    const auto real = std::filesystem::canonical(path, wrong);
    return wrong ? path : real.string();
}

void write_all_of(int file, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail_to_write(path);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace

UsersEditor::UsersEditor(std::string path) : path_(behind_links(path)) {
    if (!application::stamp_of(path_).there) return;
    auto text = application::read_users_file(path_);
    if (!text) throw std::runtime_error(text.error() + "; choose another with --file");
    read_again(std::move(*text));
}

void UsersEditor::read_again(std::string text) {
    auto users = application::parse_users(text);
    if (!users)
        throw std::runtime_error(
            fmt::format("{}:{}: {}; put it right first", printable(path_), users.error().number, users.error().what));
    text_ = std::move(text);
    users_ = std::move(*users);
}

const UserLine* UsersEditor::find(const std::string& name) const {
    const auto found = std::ranges::find(users_, name, &UserLine::name);
    return found == users_.end() ? nullptr : &*found;
}

// All lines, with `instead` in the place of that user's, if it is said.
std::vector<std::string> UsersEditor::lines_without(const std::string& name, const std::string* instead) const {
    std::vector<std::string> lines;
    for (std::string_view rest = text_; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        const std::string line(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        const bool is_his = !line.starts_with('#') && line.substr(0, line.find(':')) == name;
        if (!is_his) lines.push_back(line);
        if (is_his && instead != nullptr) lines.push_back(*instead);
    }
    return lines;
}

void UsersEditor::put(const UserLine& user) {
    const std::string line = application::line_of(user);
    std::vector<std::string> lines = lines_without(user.name, &line);
    if (find(user.name) == nullptr) lines.push_back(line);
    read_again(fmt::format("{}\n", fmt::join(lines, "\n")));
}

void UsersEditor::remove(const std::string& name) {
    const std::vector<std::string> lines = lines_without(name, nullptr);
    read_again(lines.empty() ? "" : fmt::format("{}\n", fmt::join(lines, "\n")));
}

void UsersEditor::write() const {
    std::error_code ignored;
    const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
    std::string temporary = path_ + ".XXXXXX";
    const application::Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};  // 0600
    if (!file) fail_to_write(path_);
    try {
        struct ::stat before{};
        const bool was_there = ::stat(path_.c_str(), &before) == 0;
        if (was_there && ::fchown(file.get(), before.st_uid, before.st_gid) != 0) fail_to_write(path_);
        write_all_of(file.get(), text_, path_);
        if (::fsync(file.get()) != 0 || ::rename(temporary.c_str(), path_.c_str()) != 0) fail_to_write(path_);
    } catch (const std::exception&) {
        ::unlink(temporary.c_str());
        throw;
    }
}

}  // namespace strata::cli
