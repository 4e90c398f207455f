// What a FileRoot changes: folders made, files and folders removed, renamed and dated.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>

#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/files/writing/quota.hpp"
#include "strata/7_application/files/writing/temporary.hpp"

namespace strata::application {
namespace {

using Done = std::expected<void, std::error_code>;

Done done(const std::error_code& error) {
    if (error) return std::unexpected(error);
    return {};
}
Done done(int result) { return done(result == 0 ? std::error_code{} : last_file_error()); }

// What is there: a file, a folder, or a link, whose own mode this is. Others are left alone.
std::expected<struct stat, std::error_code> entry_at(const NamePlace& place) {
    struct stat found{};
    if (::fstatat(place.folder.get(), place.entry.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return fail_with_errno();
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode) && !S_ISLNK(found.st_mode))
        return fail_with(std::errc::permission_denied);
    return found;
}

// What an entry is of a quota.
std::uint64_t bytes_of_entry(const struct stat& entry) {
    return S_ISREG(entry.st_mode) ? static_cast<std::uint64_t>(entry.st_size) : 0;
}

std::error_code remove_folder(const NamePlace& place) {
    const auto remove = [&] { return ::unlinkat(place.folder.get(), place.entry.c_str(), AT_REMOVEDIR) == 0; };
    if (remove()) return {};
    std::error_code error = last_file_error();
    if (error != std::errc::directory_not_empty && error != std::errc::file_exists) return error;
    // What nobody sees keeps no folder from being removed.
    const Descriptor folder{
        ::openat(place.folder.get(), place.entry.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (folder && sweep_temporaries(folder.get()) > 0 && remove()) return {};
    return file_error(std::errc::directory_not_empty);
}

}  // namespace

Done FileRoot::make_folder(std::string_view name) const {
    if (const std::error_code wrong = check_right(FileRights::add)) return std::unexpected(wrong);
    const auto place = place_of(name);
    if (!place) return std::unexpected(place.error());
    struct statvfs disk{};
    if (::fstatvfs(place->folder.get(), &disk) == 0 && disk.f_blocks != 0 &&
        static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < options_.keep_free)
        return fail_with(std::errc::no_space_on_device);
    return done(::mkdirat(place->folder.get(), place->entry.c_str(), 0777));
}

Done FileRoot::remove(std::string_view name) const {
    if (const std::error_code wrong = check_right(FileRights::all)) return std::unexpected(wrong);
    const auto place = place_of(name);
    if (!place) return std::unexpected(place.error());
    const auto entry = entry_at(*place);
    if (!entry) return std::unexpected(entry.error());
    if (S_ISDIR(entry->st_mode)) return done(remove_folder(*place));
    const Done removed = done(::unlinkat(place->folder.get(), place->entry.c_str(), 0));
    if (removed && quota_) quota_->is_removed(bytes_of_entry(*entry));
    return removed;
}

Done FileRoot::rename(std::string_view from, std::string_view to, bool replace) const {
    if (const std::error_code wrong = check_right(FileRights::all)) return std::unexpected(wrong);
    const auto source = place_of(from);
    if (!source) return std::unexpected(source.error());
    const auto target = place_of(to);
    if (!target) return std::unexpected(target.error());
    const auto entry = entry_at(*source);
    if (!entry) return std::unexpected(entry.error());
    const auto there = entry_at(*target);
    if (!there && there.error() != std::errc::no_such_file_or_directory) return std::unexpected(there.error());
    const int folder = source->folder.get();
    const Done renamed =
        replace ? done(::renameat(folder, source->entry.c_str(), target->folder.get(), target->entry.c_str()))
                : done(rename_to_new(folder, source->entry, target->folder.get(), target->entry));
    if (renamed) renamed_->fetch_add(1, std::memory_order_release);
    // Of two names of one file both stay (rename(2)).
    const bool is_gone = renamed && there && (there->st_ino != entry->st_ino || there->st_dev != entry->st_dev);
    if (is_gone && quota_) quota_->is_removed(bytes_of_entry(*there));
    return renamed;
}

Done FileRoot::set_modified(std::string_view name, std::chrono::sys_time<std::chrono::nanoseconds> time) const {
    if (const std::error_code wrong = check_right(FileRights::all)) return std::unexpected(wrong);
    const auto place = place_of(name);
    if (!place) return std::unexpected(place.error());
    if (const auto entry = entry_at(*place); !entry) return std::unexpected(entry.error());
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const timespec date{static_cast<time_t>(second.time_since_epoch().count()), (time - second).count()};
    const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, date};
    return done(::utimensat(place->folder.get(), place->entry.c_str(), times.data(), AT_SYMLINK_NOFOLLOW));
}

// By way of what is open: of a link, or of what is neither, nothing is changed.
Done FileRoot::set_mode(std::string_view name, std::uint32_t mode) const {
    if (const std::error_code wrong = check_right(FileRights::all)) return std::unexpected(wrong);
    const auto place = place_of(name);
    if (!place) return std::unexpected(place.error());
    if (const auto there = entry_at(*place); !there) return std::unexpected(there.error());
    const Descriptor opened{
        ::openat(place->folder.get(), place->entry.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    struct stat found{};
    if (!opened || ::fstat(opened.get(), &found) != 0) return fail_with_errno();
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return fail_with(std::errc::permission_denied);
    return done(::fchmod(opened.get(), mode & 0777));
}

}  // namespace strata::application
