// What is said to MOUNT (RFC 1813 5.1), which gives the handle of a folder by its name.
#pragma once

#include "strata/7_application/nfs/handles/handle.hpp"

namespace strata::application::nfs::mount {

inline constexpr std::uint32_t program_number = 100005;
inline constexpr std::uint32_t version = 3;

enum Procedure : std::uint32_t { null = 0, mnt, dump, umnt, umntall, export_list };

// mountstat3.
enum class Status : std::uint32_t {
    ok = 0,
    perm = 1,
    noent = 2,
    io = 5,
    acces = 13,
    notdir = 20,
    inval = 22,
    nametoolong = 63,
    notsupp = 10004,
    serverfault = 10006,
};

using Path = presentation::xdr::Text<1024>;  // dirpath, MNTPATHLEN
using Name = presentation::xdr::Text<255>;   // name, MNTNAMLEN

// mountres3. Flavors: how a client may say who calls.
struct MountResults {
    static constexpr std::uint32_t auth_none = 0, auth_sys = 1;
    Status status = Status::ok;
    Handle handle;
    presentation::xdr::List<std::uint32_t, 16> flavors;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status::ok) codec(self.handle, self.flavors);
    }
};

// mountbody: who has mounted what.
struct Mounted {
    Name host;
    Path folder;
    static void fields(auto& codec, auto& self) { codec(self.host, self.folder); }
};
using MountList = presentation::xdr::Chain<Mounted, 65536>;

// exportnode: what there is to mount, and for whom; without groups for everybody.
struct Export {
    Path folder;
    presentation::xdr::Chain<Name, 16> groups;
    static void fields(auto& codec, auto& self) { codec(self.folder, self.groups); }
};
using Exports = presentation::xdr::Chain<Export, 16>;

}  // namespace strata::application::nfs::mount
