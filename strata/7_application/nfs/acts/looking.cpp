// What is looked at alone: rights, links, the disk.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

#include "strata/7_application/nfs/acts/acts.hpp"

namespace strata::application::nfs::acts {
namespace {

constexpr std::uint32_t links_at_least = 8;

bool may_by_mode(const Node& node, int how) {
    return ::faccessat(AT_FDCWD, name_of(node).c_str(), how, AT_EACCESS) == 0;
}

}  // namespace

std::uint32_t granted_for(const Work& work, const Node& node) {
    if (node.seen.is_link()) return Right::read;
    if (!node.seen.is_file() && !node.seen.is_folder()) return 0;
    const bool is_folder = node.seen.is_folder();
    std::uint32_t granted = 0;
    if (may_by_mode(node, R_OK)) granted |= Right::read;
    if (may_by_mode(node, X_OK)) granted |= is_folder ? Right::lookup : Right::execute;
    if (!may_by_mode(node, is_folder ? W_OK | X_OK : W_OK)) return granted;
    if (!is_folder) return work.may_change(node) == Status::ok ? granted | Right::modify | Right::extend : granted;
    // Linux makes no file in a folder without all three. Where files may only be added, who removes
    // one is refused then (the results are advisory, RFC 1813 3.3.4).
    if (work.may(FileRights::add) == Status::ok) granted |= Right::extend | Right::modify | Right::delete_entry;
    return granted;
}

std::expected<std::string, Status> text_of_link(const Node& node) {
    if (!node.seen.is_link()) return std::unexpected(Status::inval);
    std::string text(PATH_MAX, '\0');
    const ssize_t size = ::readlinkat(node.at.get(), "", text.data(), text.size());
    if (size < 0) return std::unexpected(status_of_errno());
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::expected<Disk, Status> disk_of(const Work& work, const Node& node) {
    struct statvfs found{};
    if (::fstatvfs(node.at.get(), &found) != 0) return std::unexpected(status_of_errno());
    Disk disk;
    disk.bytes = found.f_blocks * found.f_frsize;
    disk.bytes_free = found.f_bfree * found.f_frsize;
    disk.bytes_available = found.f_bavail * found.f_frsize;
    disk.bytes_available -= std::min(disk.bytes_available, work.shared.root.keep_free());
    disk.files = found.f_files;
    disk.files_free = found.f_ffree;
    disk.files_available = found.f_favail;
    return disk;
}

std::uint32_t links_max_of(const Node& node) {
    const long links = ::pathconf(name_of(node).c_str(), _PC_LINK_MAX);
    return static_cast<std::uint32_t>(std::clamp<long>(links, links_at_least, INT32_MAX));
}

}  // namespace strata::application::nfs::acts
