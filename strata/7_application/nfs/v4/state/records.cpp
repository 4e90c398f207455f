#include "strata/7_application/nfs/v4/state/records.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "strata/7_application/files/descriptor.hpp"

namespace strata::application::nfs::v4 {
namespace {

constexpr std::string_view first_line = "strata nfs4 leases 1\n";

std::string hexadecimal(const std::string& id) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char letter : id) {
        const auto byte = static_cast<unsigned char>(letter);
        text += digits[byte >> 4u];
        text += digits[byte & 15u];
    }
    return text;
}

std::optional<std::string> id_in(std::string_view line) {
    if (line.size() % 2 != 0 || line.empty() || line.size() > 2 * opaque_max) return std::nullopt;
    std::string id;
    for (std::size_t at = 0; at < line.size(); at += 2) {
        unsigned value = 0;
        const char* end = line.data() + at + 2;
        if (std::from_chars(line.data() + at, end, value, 16).ptr != end) return std::nullopt;
        id += static_cast<char>(value);
    }
    return id;
}

std::string text_in(const std::string& path, std::size_t size_max) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat found{};
    if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
    if (found.st_size < 0 || static_cast<std::uint64_t>(found.st_size) > size_max) return {};
    std::string text(static_cast<std::size_t>(found.st_size), '\0');
    const ssize_t size = ::pread(file.get(), text.data(), text.size(), 0);
    return size == found.st_size ? text : std::string();
}

std::error_code write_text(const std::string& path, std::string_view text) {
    const std::string beside = path + ".new";
    const auto failed = [] { return std::error_code(errno, std::generic_category()); };
    Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file) return failed();
    const bool is_written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!is_written || ::fsync(file.get()) != 0) return failed();
    if (::rename(beside.c_str(), path.c_str()) != 0) return failed();
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor above{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (above) (void)::fsync(above.get());
    return {};
}

}  // namespace

std::unordered_set<std::string> read_records(const std::string& path, std::size_t ids_max) {
    const std::string text = text_in(path, first_line.size() + ids_max * (2 * opaque_max + 1));
    std::string_view rest = text;
    if (!rest.starts_with(first_line)) return {};
    rest.remove_prefix(first_line.size());
    std::unordered_set<std::string> ids;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const auto id = end == std::string_view::npos ? std::nullopt : id_in(rest.substr(0, end));
        if (!id || ids.size() == ids_max) return {};
        ids.insert(*id);
        rest.remove_prefix(end + 1);
    }
    return ids;
}

std::error_code write_records(const std::string& path, const std::unordered_set<std::string>& ids) {
    std::string text(first_line);
    for (const std::string& id : ids) text += hexadecimal(id) + "\n";
    const std::error_code failed = write_text(path, text);
    if (failed) ::unlink(path.c_str());
    return failed;
}

Records::Records(std::string path, std::size_t ids_max, Instant now, Duration grace)
    : path_(std::move(path)), ids_max_(ids_max), grace_until_(now) {
    if (path_.empty()) return;
    now_ = earlier_ = read_records(path_, ids_max);
    if (!earlier_.empty()) grace_until_ = saturating_add(now, grace);
    changed_ = earlier_.empty();  // what was no such file is one
}

bool Records::is_grace(Instant now) {
    if (now < grace_until_) return true;
    // Whoever has not come is struck out.
    for (const std::string& id : earlier_) changed_ = (!came_.contains(id) && now_.erase(id) > 0) || changed_;
    earlier_.clear();
    return false;
}

void Records::add(const std::string& id) {
    const bool is_known = now_.contains(id);
    if (path_.empty() || (!is_known && now_.size() >= ids_max_)) return;
    if (!is_known) now_.insert(id);
    changed_ = changed_ || !is_known;
    came_.insert(id);
}

void Records::remove(const std::string& id) {
    changed_ = now_.erase(id) > 0 || changed_;
    earlier_.erase(id);
    came_.erase(id);
}

std::optional<std::unordered_set<std::string>> Records::take_changes() {
    if (!changed_ || path_.empty()) return std::nullopt;
    changed_ = false;
    return now_;
}

}  // namespace strata::application::nfs::v4
