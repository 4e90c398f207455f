#include "strata/7_application/files/file_root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "strata/0_foundation/utf8.hpp"
#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/files/writing/quota.hpp"

namespace strata::application {
namespace {

std::chrono::sys_time<std::chrono::nanoseconds> time_of(const timespec& time) {
    return std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::seconds(time.tv_sec) +
                                                           std::chrono::nanoseconds(time.tv_nsec));
}

bool can_be_served(const struct stat& found) { return S_ISREG(found.st_mode) || S_ISDIR(found.st_mode); }

FileFacts facts_of(const struct stat& found) {
    const bool folder = S_ISDIR(found.st_mode);
    return {folder, folder ? 0 : static_cast<std::uint64_t>(found.st_size), found.st_dev, time_of(found.st_mtim)};
}

constexpr int safely(int flags) noexcept {
    return flags | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY);
}

std::unexpected<std::error_code> fail_plainly() {
    return std::unexpected(std::error_code(errno, std::generic_category()));
}

// Both say what the system call said.
std::expected<Descriptor, std::error_code> open_by_openat2(int folder, const std::string& name, int flags,
                                                           std::uint64_t resolve = 0) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(safely(flags));
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve;
    // EAGAIN: something was renamed meanwhile and the kernel could not be sure (openat2(2)).
    constexpr int attempts_max = 16;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        const long descriptor = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
        if (descriptor >= 0) return Descriptor{static_cast<int>(descriptor)};
        if (errno != EAGAIN && errno != EINTR) break;
    }
    return fail_plainly();
}

// No part of the name is a link, so none leads anywhere but down.
std::expected<Descriptor, std::error_code> open_by_steps(int folder, std::string_view name, int flags) {
    Descriptor at;
    for (;;) {
        const std::size_t slash = name.find('/');
        const bool last = slash == std::string_view::npos;
        const std::string part(name.substr(0, slash));
        const int how = O_NOFOLLOW | (last ? safely(flags) : O_PATH | O_DIRECTORY | O_CLOEXEC);
        Descriptor next{::openat(at ? at.get() : folder, part.empty() ? "." : part.c_str(), how)};
        if (!next) return fail_plainly();
        at = std::move(next);
        if (last) break;
        name.remove_prefix(slash + 1);
    }
    return at;
}

// The call may be there and be filtered out.
bool has_openat2(int folder) {
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH;
    const Descriptor opened{static_cast<int>(::syscall(SYS_openat2, folder, ".", &how, sizeof how))};
    return static_cast<bool>(opened);
}

template <typename Predicate>
bool any_part(std::string_view name, Predicate is_it) {
    for (;;) {
        const std::size_t slash = name.find('/');
        if (is_it(name.substr(0, slash))) return true;
        if (slash == std::string_view::npos) return false;
        name.remove_prefix(slash + 1);
    }
}

}  // namespace

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

bool OpenFile::is_unchanged() const {
    struct stat found{};
    return ::fstat(descriptor_.get(), &found) == 0 && found.st_nlink > 0 && time_of(found.st_ctim) == changed_ &&
           facts_of(found) == facts_;
}

bool OpenFile::is_utf8() const {
    constexpr std::size_t beginning = 64 << 10;
    if (!is_utf8_) {
        std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(facts_.size, beginning)), '\0');
        text.resize(read(0, std::as_writable_bytes(std::span(text))).value_or(0));
        is_utf8_ = strata::is_utf8(text, text.size() == facts_.size);
    }
    return *is_utf8_;
}

std::expected<std::size_t, std::error_code> OpenFile::read(std::uint64_t offset, MutableBytes buffer) const {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count =
            ::pread(descriptor_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_with_errno();
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

std::expected<FileFacts, std::error_code> facts_of_open(int descriptor) {
    struct stat found{};
    if (::fstat(descriptor, &found) != 0) return fail_with_errno();
    if (!can_be_served(found)) return fail_with(std::errc::permission_denied);
    return facts_of(found);
}

std::expected<FileFacts, std::error_code> facts_in(int folder, const std::string& entry) {
    struct stat found{};
    if (::fstatat(folder, entry.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return fail_with_errno();
    if (!can_be_served(found)) return fail_with(std::errc::permission_denied);
    return facts_of(found);
}

bool FileRoot::hides_part_of(std::string_view name) const noexcept {
    return any_part(name, [this](std::string_view part) { return part != "." && part != ".." && hides(part); });
}

std::error_code FileRoot::check_name(std::string_view name) const {
    if (name.starts_with('/') || name.find('\0') != std::string_view::npos) {
        return std::make_error_code(std::errc::invalid_argument);
    }
    if (name.size() > name_size_max) return std::make_error_code(std::errc::filename_too_long);
    // "a/../b" stays inside and the kernel would allow it; but no honest client needs it.
    if (any_part(name, [](std::string_view part) { return part == ".."; }))
        return std::make_error_code(std::errc::permission_denied);
    if (hides_part_of(name)) return std::make_error_code(std::errc::no_such_file_or_directory);
    return {};
}

FileRoot::FileRoot(Descriptor descriptor, std::string path, Options options)
    : descriptor_(std::move(descriptor)), path_(std::move(path)), options_(options) {
    if (options_.quota) quota_ = std::make_shared<Quota>(*options_.quota);
}

void FileRoot::count_quota() const {
    if (quota_) quota_->is_counted(bytes_beneath(descriptor_.get()));
}

std::expected<FileRoot, std::error_code> FileRoot::open(const std::string& folder, Options options) {
    Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!descriptor) return std::unexpected(std::error_code(errno, std::generic_category()));
    if (!has_openat2(descriptor.get())) options.by_steps = true;
    return FileRoot{std::move(descriptor), folder, options};
}

std::expected<FileRoot, std::error_code> FileRoot::open_folder(std::string_view name, Options options) const {
    if (const std::error_code wrong = check_name(name)) return std::unexpected(wrong);
    auto descriptor = open_beneath(name.empty() ? "." : std::string(name), O_RDONLY | O_DIRECTORY);
    if (!descriptor) return std::unexpected(descriptor.error());
    options.by_steps = options.by_steps || options_.by_steps;
    return FileRoot{std::move(*descriptor), name.empty() ? path_ : path_ + "/" + std::string(name), options};
}

std::error_code FileRoot::check_right(FileRights needed) const {
    return options_.rights < needed ? file_error(std::errc::operation_not_permitted) : std::error_code{};
}

// The entry itself is not followed by what is done with it: a link that is put there, or in the
// place of a folder above it, in a race, leads nowhere.
std::expected<NamePlace, std::error_code> FileRoot::place_of(std::string_view name) const {
    if (const std::error_code wrong = check_name(name)) return std::unexpected(wrong);
    const std::size_t slash = name.rfind('/');
    const bool is_top = slash == std::string_view::npos;
    const std::string_view entry = is_top ? name : name.substr(slash + 1);
    if (entry.empty() || entry == ".") return fail_with(std::errc::invalid_argument);
    auto folder = open_beneath(is_top ? "." : std::string(name.substr(0, slash)), O_PATH | O_DIRECTORY);
    if (!folder) return std::unexpected(folder.error());
    return NamePlace{std::move(*folder), std::string(entry)};
}

std::expected<Descriptor, std::error_code> FileRoot::open_beneath(const std::string& name, int flags) const {
    auto opened = options_.by_steps ? open_by_steps(descriptor_.get(), name, flags)
                                    : open_by_openat2(descriptor_.get(), name, flags);
    if (!opened) return std::unexpected(as_file_error(opened.error()));
    return opened;
}

std::expected<OpenFile, std::error_code> FileRoot::open_file(std::string_view name) const {
    if (const std::error_code wrong = check_name(name)) return std::unexpected(wrong);
    const std::string path = name.empty() ? "." : std::string(name);
    struct stat found{};
    // First a look that opens nothing: opening a device can do things to it, opening a FIFO wakes
    // its writer. It may lead out, and tells nobody what it saw there.
    if (::fstatat(descriptor_.get(), path.c_str(), &found, 0) == 0 && !can_be_served(found))
        return fail_with(std::errc::permission_denied);
    auto descriptor = open_beneath(path, O_RDONLY);
    if (!descriptor) return std::unexpected(descriptor.error());
    if (::fstat(descriptor->get(), &found) != 0) return fail_with_errno();
    if (!can_be_served(found)) return fail_with(std::errc::permission_denied);
    return OpenFile{std::move(*descriptor), facts_of(found), time_of(found.st_ctim)};
}

std::expected<Descriptor, std::error_code> FileRoot::open_itself(std::string_view name) const {
    const std::string path = name.empty() ? "." : std::string(name);
    auto opened = options_.by_steps
                      ? open_by_steps(descriptor_.get(), path, O_PATH)
                      : open_by_openat2(descriptor_.get(), path, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
    if (opened) return opened;
    const int error = opened.error().value();
    const bool is_gone = error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV || error == ESTALE;
    return is_gone ? fail_with(std::errc::no_such_file_or_directory) : std::move(opened);
}

std::error_code FileRoot::check_writable() const {
    return ::faccessat(descriptor_.get(), ".", W_OK | X_OK, AT_EACCESS) == 0 ? std::error_code{} : last_file_error();
}

std::expected<std::uint32_t, std::error_code> FileRoot::owner() const {
    struct stat found{};
    if (::fstat(descriptor_.get(), &found) != 0) return fail_with_errno();
    return found.st_uid;
}

std::expected<FileFacts, std::error_code> FileRoot::look(std::string_view name) const {
    if (const std::error_code wrong = check_name(name)) return std::unexpected(wrong);
    const auto place = open_beneath(name.empty() ? "." : std::string(name), O_PATH);
    if (!place) return std::unexpected(place.error());
    return facts_of_open(place->get());
}

}  // namespace strata::application
