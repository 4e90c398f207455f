// A file's attributes, as they are said (RFC 1813 2.6).
#pragma once

#include <optional>

#include "strata/6_presentation/xdr/xdr.hpp"
#include "strata/7_application/nfs/handles/file_id.hpp"

namespace strata::application::nfs {

inline constexpr std::size_t name_size_max = 255;  // bytes of a name

// ftype3.
enum class FileType : std::uint32_t { file = 1, folder, block_device, character_device, link, socket, fifo };
[[nodiscard]] constexpr bool declared(FileType type) noexcept {
    return type >= FileType::file && type <= FileType::fifo;
}

// nfstime3. From 1970 to 2106: others are said as the nearest of these.
struct Time {
    std::uint32_t seconds = 0;
    std::uint32_t nanoseconds = 0;
    [[nodiscard]] bool operator==(const Time&) const = default;
    static void fields(auto& codec, auto& self) { codec(self.seconds, self.nanoseconds); }
};

// specdata3.
struct DeviceNumbers {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    [[nodiscard]] bool operator==(const DeviceNumbers&) const = default;
    static void fields(auto& codec, auto& self) { codec(self.major, self.minor); }
};

// fattr3.
struct Attributes {
    FileType type = FileType::file;
    std::uint32_t mode = 0, nlink = 0, uid = 0, gid = 0;
    std::uint64_t size = 0, used = 0;
    DeviceNumbers rdev;
    std::uint64_t fsid = 0, fileid = 0;
    Time atime, mtime, ctime;
    [[nodiscard]] bool operator==(const Attributes&) const = default;
    static void fields(auto& codec, auto& self) {
        codec(self.type, self.mode, self.nlink, self.uid, self.gid, self.size, self.used, self.rdev, self.fsid,
              self.fileid, self.atime, self.mtime, self.ctime);
    }
};
using PostAttributes = std::optional<Attributes>;  // post_op_attr

// wcc_attr: what shows whether somebody else has changed it meanwhile.
struct CacheAttributes {
    std::uint64_t size = 0;
    Time mtime, ctime;
    [[nodiscard]] bool operator==(const CacheAttributes&) const = default;
    static void fields(auto& codec, auto& self) { codec(self.size, self.mtime, self.ctime); }
};

// wcc_data: before and after a change.
struct WeakCacheData {
    std::optional<CacheAttributes> before;
    PostAttributes after;
    static void fields(auto& codec, auto& self) { codec(self.before, self.after); }
};

[[nodiscard]] Attributes attributes_of(const Looked& seen) noexcept;
[[nodiscard]] CacheAttributes cache_attributes_of(const Looked& seen) noexcept;
// As it is now; nothing if it cannot be looked at.
[[nodiscard]] PostAttributes attributes_now(int descriptor);

// sattr3: what of a file is to be set.
struct NewTime {
    enum class How : std::uint32_t { keep, servers, clients };  // time_how
    friend constexpr bool declared(How value) noexcept { return value <= How::clients; }
    How how = How::keep;
    Time time;
    static void fields(auto& codec, auto& self) {
        codec(self.how);
        if (self.how == How::clients) codec(self.time);
    }
};
struct NewAttributes {
    std::optional<std::uint32_t> mode, uid, gid;
    std::optional<std::uint64_t> size;
    NewTime atime, mtime;
    static void fields(auto& codec, auto& self) {
        codec(self.mode, self.uid, self.gid, self.size, self.atime, self.mtime);
    }
};

}  // namespace strata::application::nfs
