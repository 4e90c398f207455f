// The file of users: one a line, who he is and what he may do.
//
//     # name:hash:rights:quota:folder
//     ann:$7$CU..../....H.Q4vhDu...:all::
//     cam:$7$CU..../....42Ikosa...:add:2G:cameras/front
//     bob:$2b$12$GhvMmNVjRW29ulnu...
//
// What is left out at the end counts as empty: rights are read, add (new files) or all; a quota is
// bytes, with K, M, G or T; a folder is beneath the served one, or absolute, and without one it is
// that. A line of htpasswd -B is a user who reads.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/7_application/files/file_root.hpp"

namespace strata::application {

struct UserLine {
    std::string name;
    std::string hash;
    FileRights rights = FileRights::read;
    std::optional<std::uint64_t> quota{};  // bytes
    std::string folder{};
    [[nodiscard]] bool operator==(const UserLine&) const = default;
};

struct UsersFileOptions {
    std::size_t size_max = 1 << 20;  // bytes of the file
    std::size_t users_max = 1000;    // each has his folder open
    std::size_t name_size_max = 64;  // bytes, of UTF-8
};

struct BadUserLine {
    std::size_t number = 0;  // from 1
    std::string what;        // "there are two of the name 'ann'"
};

// All lines must be right, without control characters, or none counts: half a table would lock
// people out without a word.
[[nodiscard]] std::expected<std::vector<UserLine>, BadUserLine> parse_users(std::string_view text,
                                                                            const UsersFileOptions& options = {});
// Without its line end; parse_users() reads the same from it.
[[nodiscard]] std::string line_of(const UserLine& user);
// Why this cannot be a user's name; nothing if it can: UTF-8, without ':' (RFC 7617 2) and control
// characters.
[[nodiscard]] std::optional<std::string> wrong_with_name(std::string_view name, const UsersFileOptions& options = {});
// "read", "add" or "all".
[[nodiscard]] std::optional<FileRights> rights_named(std::string_view word);
[[nodiscard]] std::string_view name_of(FileRights rights) noexcept;
// "500", "20K", "2G".
[[nodiscard]] std::optional<std::uint64_t> bytes_named(std::string_view word);

// The file's text, of at most size_max bytes. The error is a sentence: it cannot be read, is no
// regular file, is too long, or others than its owner may write it: whoever may could let himself
// in.
[[nodiscard]] std::expected<std::string, std::string> read_users_file(const std::string& path,
                                                                      const UsersFileOptions& options = {});

}  // namespace strata::application
