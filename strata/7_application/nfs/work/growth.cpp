#include "strata/7_application/nfs/work/growth.hpp"

#include <sys/statvfs.h>

#include "strata/7_application/files/file_error.hpp"

namespace strata::application::nfs {

Growth::Growth(const FileRoot& root, std::uint64_t size_now) : root_(root), size_now_(size_now) {
    if (!root.quota()) return;
    if (!root.quota()->was_counted()) root.count_quota();
    share_.emplace(root.quota(), size_now);
}

std::error_code Growth::to(std::uint64_t size, std::uint64_t new_bytes, int on_disk_of) {
    if (share_ && size > size_now_) {
        if (const std::error_code full = share_->grow_to(size)) return full;
    }
    return check_free(root_, on_disk_of, new_bytes);
}

void Growth::is(std::uint64_t size) {
    if (share_) share_->is_there(size, size_now_);
}

std::error_code check_free(const FileRoot& root, int on_disk_of, std::uint64_t new_bytes) {
    struct statvfs disk{};
    if (root.keep_free() == 0 || ::fstatvfs(on_disk_of, &disk) != 0 || disk.f_blocks == 0) return {};
    const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    const bool is_full = free < root.keep_free() || free - root.keep_free() < new_bytes;
    return is_full ? file_error(std::errc::no_space_on_device) : std::error_code{};
}

void is_removed(const FileRoot& root, std::uint64_t size) {
    if (root.quota()) root.quota()->is_removed(size);
}

}  // namespace strata::application::nfs
