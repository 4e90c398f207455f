#include "strata/7_application/files/writing/upload.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/files/writing/temporary.hpp"

namespace strata::application {
namespace {

constexpr std::uint64_t worth_reserving = 1 << 20;   // bytes; less is written before another has taken it
constexpr std::size_t copied_at_a_time = 256 << 10;  // bytes, where the kernel does not copy them
constexpr std::uint64_t room_seen_ahead = 1 << 20;   // bytes, between two looks at what is free

}  // namespace

std::expected<Upload, std::error_code> Upload::begin(const FileRoot& root, std::string_view name,
                                                     const Options& options) {
    if (const std::error_code wrong = root.check_right(FileRights::add)) return std::unexpected(wrong);
    auto place = root.place_of(name);
    if (!place) return std::unexpected(place.error());
    Upload upload(std::move(*place), root.keep_free(), options);
    std::error_code wrong = upload.look_at_target();
    if (!wrong && upload.target_) wrong = root.check_right(FileRights::all);
    if (root.rights() < FileRights::all) upload.options_.replace = false;  // nor what comes meanwhile
    if (!wrong) upload.have_a_share(root);
    if (!wrong) wrong = upload.open();
    if (!wrong && options.keep_first != 0) wrong = upload.open_kept(options.keep_first);
    if (!wrong) wrong = upload.reserve(std::max(options.size_expected.value_or(0), upload.keep_first_));
    if (wrong) return std::unexpected(wrong);
    return upload;
}

Upload::~Upload() { discard(); }

// What is in its place, if it may be replaced.
std::error_code Upload::look_at_target() {
    struct stat found{};
    target_is_there_ = false;
    if (::fstatat(place_.folder.get(), place_.entry.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? std::error_code{} : last_file_error();
    if (S_ISDIR(found.st_mode)) return file_error(std::errc::is_a_directory);
    if (!S_ISREG(found.st_mode)) return file_error(std::errc::permission_denied);
    if (!options_.replace) return file_error(std::errc::file_exists);
    target_ = found;
    target_is_there_ = true;
    return {};
}

void Upload::have_a_share(const FileRoot& root) {
    if (!root.quota()) return;
    if (!root.quota()->was_counted()) root.count_quota();
    share_.emplace(root.quota(), target_ ? static_cast<std::uint64_t>(target_->st_size) : 0);
}

// What replaces a file is never readable for more people than that is, not even while it arrives.
std::error_code Upload::open() {
    auto made = make_temporary(place_.folder.get(), target_ ? 0600 : 0666, options_.named);
    if (!made) return made.error();
    file_ = std::move(made->file);
    temporary_ = std::move(made->name);
    return {};
}

std::error_code Upload::open_kept(std::uint64_t count) {
    if (!target_) return count == keep_whole ? std::error_code{} : file_error(std::errc::invalid_argument);
    kept_ =
        Descriptor{::openat(place_.folder.get(), place_.entry.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat found{};
    if (!kept_ || ::fstat(kept_.get(), &found) != 0) return last_file_error();
    if (!S_ISREG(found.st_mode)) return file_error(std::errc::permission_denied);
    const auto size = static_cast<std::uint64_t>(found.st_size);
    if (size < count && count != keep_whole) return file_error(std::errc::invalid_argument);
    keep_first_ = std::min(size, count);
    kept_as_ = found;
    return {};
}

// As it was when it was opened.
bool Upload::kept_is_there() const {
    struct stat now{};
    if (::fstatat(place_.folder.get(), place_.entry.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) return false;
    return now.st_ino == kept_as_->st_ino && now.st_dev == kept_as_->st_dev && now.st_size == kept_as_->st_size &&
           now.st_mtim.tv_sec == kept_as_->st_mtim.tv_sec && now.st_mtim.tv_nsec == kept_as_->st_mtim.tv_nsec;
}

std::expected<bool, std::error_code> Upload::go_on_copying(std::uint64_t count) {
    const std::uint64_t left = keep_first_ - std::min(keep_first_, size_);
    if (const std::error_code wrong = copy(std::min(count, left))) return std::unexpected(wrong);
    if (size_ < keep_first_) return true;
    kept_ = Descriptor{};
    keep_first_ = 0;
    return false;
}

// In the kernel where the file system can do it; it may even share the blocks.
std::error_code Upload::copy(std::uint64_t count) {
    if (count == 0) return {};
    if (const std::error_code full = find_room(count)) return full;
    std::vector<std::byte> buffer;
    while (count > 0) {
        auto from = static_cast<off_t>(size_);
        auto to = static_cast<off_t>(size_);
        ssize_t done = buffer.empty() ? ::copy_file_range(kept_.get(), &from, file_.get(), &to, count, 0) : -1;
        if (done < 0 && errno == EINTR && buffer.empty()) continue;
        if (done < 0) {
            buffer.resize(copied_at_a_time);
            done = ::pread(kept_.get(), buffer.data(), std::min<std::uint64_t>(count, buffer.size()), from);
            if (done > 0) done = ::pwrite(file_.get(), buffer.data(), static_cast<std::size_t>(done), from);
            if (done < 0 && errno == EINTR) continue;
        }
        if (done < 0) return last_file_error();
        if (done == 0) return file_error(std::errc::io_error);  // it has become shorter
        size_ += static_cast<std::uint64_t>(done);
        count -= static_cast<std::uint64_t>(done);
    }
    return {};
}

std::error_code Upload::reserve(std::uint64_t size) {
    if (const std::error_code full = find_room(std::max<std::uint64_t>(size, 1))) return full;
    if (size < worth_reserving || !std::in_range<off_t>(size)) return {};
    if (::fallocate(file_.get(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size)) == 0) {
        reserved_ = size;
    } else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
        return last_file_error();
    }
    return {};  // a file system that sets nothing aside
}

// Whether so many bytes more may be written: others fill the same disk.
std::error_code Upload::find_room(std::uint64_t count) {
    const std::uint64_t end = size_ + count;
    if (share_) {
        if (const std::error_code full = share_->grow_to(end)) return full;
    }
    if (end <= std::max(reserved_, room_seen_to_)) return {};
    struct statvfs disk{};
    if (::fstatvfs(file_.get(), &disk) != 0 || disk.f_blocks == 0) return {};  // it knows of no bound
    const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free < keep_free_ || free - keep_free_ < count) return file_error(std::errc::no_space_on_device);
    room_seen_to_ = end + std::min(room_seen_ahead, free - keep_free_ - count);
    return {};
}

std::expected<void, std::error_code> Upload::write(Bytes bytes) {
    if (const std::error_code full = find_room(bytes.size())) return std::unexpected(full);
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_with_errno();
        if (count == 0) return fail_with(std::errc::io_error);
        size_ += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

std::expected<std::size_t, std::error_code> Upload::read(std::uint64_t offset, MutableBytes buffer) const {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count =
            ::pread(file_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_with_errno();
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

std::expected<FileFacts, std::error_code> Upload::facts() const { return facts_of_open(file_.get()); }

std::expected<void, std::error_code> Upload::commit() {
    std::error_code wrong = settled_ ? std::error_code{} : bring_to_disk();
    if (!wrong) wrong = put_in_place();
    if (!wrong && share_)
        share_->is_there(size_, replaced_ && target_ ? static_cast<std::uint64_t>(target_->st_size) : 0);
    if (!wrong && options_.sync) wrong = sync_folder();
    if (wrong) discard();
    if (wrong) return std::unexpected(wrong);
    return {};
}

std::expected<void, std::error_code> Upload::settle() {
    if (const std::error_code wrong = bring_to_disk()) return std::unexpected(wrong);
    settled_ = true;
    return {};
}

// All of it but the name.
std::error_code Upload::bring_to_disk() {
    if (size_ < keep_first_) return file_error(std::errc::invalid_argument);  // what stays is not all there
    if (const std::error_code wrong = take_mode()) return wrong;
    // What was set aside and not used is given back.
    if (reserved_ > size_ && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) return last_file_error();
    if (modified_) {
        const auto second = std::chrono::floor<std::chrono::seconds>(*modified_);
        const timespec date{static_cast<time_t>(second.time_since_epoch().count()), (*modified_ - second).count()};
        const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, date};
        ::futimens(file_.get(), times.data());  // a file system that keeps no such date has the file all the same
    }
    if (options_.sync && ::fsync(file_.get()) != 0) return last_file_error();
    return {};
}

// Of another owner only root can make it; a stranger's bytes never run with an owner's rights.
std::error_code Upload::take_mode() {
    if (!target_) return {};
    if (::fchown(file_.get(), target_->st_uid, target_->st_gid) != 0)
        (void)!::fchown(file_.get(), static_cast<uid_t>(-1), target_->st_gid);
    return ::fchmod(file_.get(), target_->st_mode & 0777) == 0 ? std::error_code{} : last_file_error();
}

std::error_code Upload::put_in_place() {
    const int folder = place_.folder.get();
    if (!target_) {
        const std::error_code wrong = temporary_.empty() ? link_file(file_.get(), folder, place_.entry)
                                                         : rename_to_new(folder, temporary_, folder, place_.entry);
        if (!wrong) temporary_.clear();
        if (wrong != std::errc::file_exists || !options_.replace) return wrong;
    }
    return put_in_place_of_a_file();
}

std::error_code Upload::put_in_place_of_a_file() {
    const int folder = place_.folder.get();
    if (kept_as_ && !kept_is_there()) return file_error(std::errc::device_or_resource_busy);
    if (const std::error_code wrong = look_at_target()) return wrong;
    if (const std::error_code wrong = take_mode()) return wrong;
    if (temporary_.empty()) {
        std::string name = temporary_name();
        if (const std::error_code wrong = link_file(file_.get(), folder, name)) return wrong;
        temporary_ = std::move(name);
    }
    if (::renameat(folder, temporary_.c_str(), folder, place_.entry.c_str()) != 0) return last_file_error();
    temporary_.clear();
    replaced_ = target_is_there_;  // it may have been removed meanwhile
    return {};
}

std::error_code Upload::sync_folder() const {
    const Descriptor opened{::openat(place_.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    // A folder that may be written but not be read.
    const int result = opened ? ::fsync(opened.get()) : ::syncfs(file_.get());
    // EINVAL: a file system that has nothing to say to that.
    return result == 0 || errno == EINVAL ? std::error_code{} : last_file_error();
}

void Upload::discard() noexcept {
    if (!temporary_.empty() && place_.folder) ::unlinkat(place_.folder.get(), temporary_.c_str(), 0);
    temporary_.clear();
}

}  // namespace strata::application
