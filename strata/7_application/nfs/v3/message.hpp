// What is said to NFS version 3 (RFC 1813 3): the procedures, and what most of them share. Their
// arguments and results are in names.hpp, data.hpp and folders.hpp beside it.
//
// Results begin with a status. Behind one that is no success less follows, but mostly attributes
// all the same (RFC 1813 3.1).
#pragma once

#include "strata/7_application/nfs/attributes/attributes.hpp"
#include "strata/7_application/nfs/attributes/status.hpp"
#include "strata/7_application/nfs/handles/handle.hpp"

namespace strata::application::nfs::v3 {

namespace xdr = presentation::xdr;

inline constexpr std::uint32_t program_number = 100003;
inline constexpr std::uint32_t version = 3;

enum Procedure : std::uint32_t {
    null = 0,
    getattr,
    setattr,
    lookup,
    access,
    readlink,
    read,
    write,
    create,
    mkdir,
    symlink,
    mknod,
    remove,
    rmdir,
    rename,
    link,
    readdir,
    readdirplus,
    fsstat,
    fsinfo,
    pathconf,
    commit,
};

using Verifier = std::array<std::byte, 8>;  // of cookies, of writes, of exclusive creation
using Name = xdr::Text<>;                   // filename3: one that is too long has an answer of its own

// diropargs3.
struct Place {
    Handle folder;
    Name name;
    static void fields(auto& codec, auto& self) { codec(self.folder, self.name); }
};

// Arguments that are a handle alone: of GETATTR, READLINK, FSSTAT, FSINFO, PATHCONF.
struct OfOne {
    Handle object;
    [[nodiscard]] auto handles() const { return std::array{&object}; }
    static void fields(auto& codec, auto& self) { codec(self.object); }
};

// Results that are weak cache data alone: of SETATTR, REMOVE, RMDIR.
struct Changed {
    Status status = Status::ok;
    WeakCacheData wcc;
    static void fields(auto& codec, auto& self) { codec(self.status, self.wcc); }
};

}  // namespace strata::application::nfs::v3
