#include "strata/7_application/users/users_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "strata/0_foundation/printable.hpp"
#include "strata/0_foundation/utf8.hpp"
#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/users/password.hpp"

namespace strata::application {
namespace {

// Up to the next colon, which is taken too; the last field has all that is left.
std::string_view take_field(std::string_view& line) {
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    line.remove_prefix(colon == std::string_view::npos ? line.size() : colon + 1);
    return field;
}

bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text, [](char letter) { return (letter >= 0 && letter < ' ') || letter == 0x7F; });
}

std::string quoted_word(std::string_view word) { return "'" + printable(word) + "'"; }

std::expected<UserLine, std::string> parse_user(std::string_view line, const UsersFileOptions& options) {
    UserLine user;
    user.name = take_field(line);
    user.hash = take_field(line);
    const std::string_view rights = take_field(line);
    const std::string_view quota = take_field(line);
    user.folder = line;
    if (auto wrong = wrong_with_name(user.name, options)) return std::unexpected(std::move(*wrong));
    if (!is_strong_hash(user.hash))
        return std::unexpected("the password of " + quoted_word(user.name) +
                               " is not hashed by scrypt, yescrypt, bcrypt or SHA-crypt");
    if (!rights.empty()) {
        const auto known = rights_named(rights);
        if (!known) return std::unexpected(quoted_word(rights) + " are no rights; write read, add or all");
        user.rights = *known;
    }
    if (!quota.empty()) {
        user.quota = bytes_named(quota);
        if (!user.quota) return std::unexpected(quoted_word(quota) + " is no number of bytes; write one such as 2G");
    }
    return user;
}

}  // namespace

std::expected<std::vector<UserLine>, BadUserLine> parse_users(std::string_view text, const UsersFileOptions& options) {
    std::vector<UserLine> users;
    std::set<std::string, std::less<>> names;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#')) continue;
        if (has_control_characters(line)) return std::unexpected(BadUserLine{number, "there are control characters"});
        auto user = parse_user(line, options);
        if (!user) return std::unexpected(BadUserLine{number, std::move(user.error())});
        if (!names.insert(user->name).second)
            return std::unexpected(BadUserLine{number, "there are two of the name " + quoted_word(user->name)});
        if (users.size() == options.users_max)
            return std::unexpected(BadUserLine{number, fmt::format("there are more than {} users", users.size())});
        users.push_back(std::move(*user));
    }
    return users;
}

std::string line_of(const UserLine& user) {
    const std::string quota = user.quota ? std::to_string(*user.quota) : "";
    return fmt::format("{}:{}:{}:{}:{}", user.name, user.hash, name_of(user.rights), quota, user.folder);
}

std::optional<std::string> wrong_with_name(std::string_view name, const UsersFileOptions& options) {
    if (name.empty()) return "a user has a name";
    if (name.size() > options.name_size_max)
        return fmt::format("a user's name has at most {} bytes", options.name_size_max);
    if (name.starts_with('#') || name.find(':') != std::string_view::npos || has_control_characters(name) ||
        !is_utf8(name, true))
        return quoted_word(name) + " is no user's name: it is UTF-8, does not begin with '#', and has neither ':' " +
               "nor control characters";
    return std::nullopt;
}

std::optional<FileRights> rights_named(std::string_view word) {
    for (const FileRights rights : {FileRights::read, FileRights::add, FileRights::all}) {
        if (word == name_of(rights)) return rights;
    }
    return std::nullopt;
}

std::string_view name_of(FileRights rights) noexcept {
    switch (rights) {
        case FileRights::read: return "read";
        case FileRights::add: return "add";
        case FileRights::all: return "all";
    }
    return "";
}

std::optional<std::uint64_t> bytes_named(std::string_view word) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view unit(end, static_cast<std::size_t>(word.data() + word.size() - end));
    if (unit.empty()) return count;
    const std::size_t power = std::string_view("KMGT").find(unit);
    if (power == std::string_view::npos || unit.size() != 1) return std::nullopt;
    const unsigned shift = 10 * (static_cast<unsigned>(power) + 1);
    if (count > (~std::uint64_t{0} >> shift)) return std::nullopt;
    return count << shift;
}

std::expected<std::string, std::string> read_users_file(const std::string& path, const UsersFileOptions& options) {
    const auto fails = [&](const std::string& why) { return std::unexpected(printable(path) + ": " + why); };
    // Not waiting: it may be a FIFO.
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct ::stat facts{};
    if (!file || ::fstat(file.get(), &facts) != 0) return fails("cannot be read: " + last_file_error().message());
    if (!S_ISREG(facts.st_mode)) return fails("is no file");
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fails("others than its owner may write it, and let themselves in: chmod go-w it");
    std::string text(options.size_max + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count = ::read(file.get(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fails("cannot be read: " + last_file_error().message());
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
    }
    if (size > options.size_max) return fails(fmt::format("has more than {} bytes", options.size_max));
    text.resize(size);
    return text;
}

}  // namespace strata::application
