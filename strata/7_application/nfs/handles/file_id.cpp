#include "strata/7_application/nfs/handles/file_id.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "strata/0_foundation/siphash.hpp"

namespace strata::application::nfs {
namespace {

// Without a time of birth: what the file system itself makes a handle of has the inode's generation
// (name_to_handle_at(2)). 0: it has none.
std::uint64_t generation_of(int folder, const char* name, int flags) {
    constexpr unsigned room = 128;
    struct Handle {
        unsigned bytes = room;
        int type = 0;
        std::array<std::byte, room> content{};
    } handle;
    static_assert(sizeof(file_handle) <= sizeof(Handle));
    int mount = 0;
    if (::name_to_handle_at(folder, name, reinterpret_cast<file_handle*>(&handle), &mount, flags) != 0) return 0;
    return siphash({}, Bytes(handle.content).first(std::min(handle.bytes, room)));
}

std::expected<Looked, std::error_code> look(int folder, const char* name, int flags) {
    Looked found;
    constexpr unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
    if (::statx(folder, name, flags | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, wanted, &found.facts) != 0)
        return std::unexpected(std::error_code(errno, std::generic_category()));
    found.id.device = ::gnu_dev_makedev(found.facts.stx_dev_major, found.facts.stx_dev_minor);
    found.id.inode = found.facts.stx_ino;
    const statx_timestamp& birth = found.facts.stx_btime;
    found.id.birth = (found.facts.stx_mask & STATX_BTIME) != 0
                         ? static_cast<std::uint64_t>(birth.tv_sec) * 1'000'000'000u + birth.tv_nsec
                         : generation_of(folder, name, flags);
    return found;
}

}  // namespace

std::expected<Looked, std::error_code> look_at(int descriptor) { return look(descriptor, "", AT_EMPTY_PATH); }
std::expected<Looked, std::error_code> look_in(int folder, const std::string& name) {
    return look(folder, name.c_str(), 0);
}

}  // namespace strata::application::nfs
