#include "strata/7_application/nfs/attributes/attributes.hpp"

#include <algorithm>
#include <limits>

namespace strata::application::nfs {
namespace {

FileType type_of(const Looked& seen) noexcept {
    switch (seen.kind()) {
        case S_IFDIR: return FileType::folder;
        case S_IFBLK: return FileType::block_device;
        case S_IFCHR: return FileType::character_device;
        case S_IFLNK: return FileType::link;
        case S_IFSOCK: return FileType::socket;
        case S_IFIFO: return FileType::fifo;
        default: return FileType::file;
    }
}

Time time_said(const statx_timestamp& time) noexcept {
    if (time.tv_sec < 0) return {};
    if (time.tv_sec > std::numeric_limits<std::uint32_t>::max())
        return {std::numeric_limits<std::uint32_t>::max(), 999'999'999};
    return {static_cast<std::uint32_t>(time.tv_sec), time.tv_nsec};
}

}  // namespace

Attributes attributes_of(const Looked& seen) noexcept {
    const struct statx& facts = seen.facts;
    Attributes attributes;
    attributes.type = type_of(seen);
    attributes.mode = facts.stx_mode & 07777u;
    attributes.nlink = facts.stx_nlink;
    attributes.uid = facts.stx_uid;
    attributes.gid = facts.stx_gid;
    attributes.size = facts.stx_size;
    attributes.used = facts.stx_blocks * 512;
    attributes.rdev = {facts.stx_rdev_major, facts.stx_rdev_minor};
    attributes.fsid = seen.id.device;
    attributes.fileid = seen.id.inode;
    attributes.atime = time_said(facts.stx_atime);
    attributes.mtime = time_said(facts.stx_mtime);
    attributes.ctime = time_said(facts.stx_ctime);
    return attributes;
}

CacheAttributes cache_attributes_of(const Looked& seen) noexcept {
    return {seen.facts.stx_size, time_said(seen.facts.stx_mtime), time_said(seen.facts.stx_ctime)};
}

PostAttributes attributes_now(int descriptor) {
    const auto seen = look_at(descriptor);
    if (!seen) return std::nullopt;
    return attributes_of(*seen);
}

}  // namespace strata::application::nfs
