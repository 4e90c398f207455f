// What is said to NFS version 4.0 (RFC 7530, RFC 7531): statuses, the
// operations' numbers, and what many of them share.
#pragma once

#include "strata/7_application/nfs/attributes/status.hpp"
#include "strata/7_application/nfs/handles/handle.hpp"

namespace strata::application::nfs::v4 {

namespace xdr = presentation::xdr;

inline constexpr std::uint32_t program_number = 100003;
inline constexpr std::uint32_t version = 4;
inline constexpr std::uint32_t compound_procedure = 1;
inline constexpr std::uint32_t opaque_max = 1024;  // NFS4_OPAQUE_LIMIT: an owner, a client's id

// nfsstat4 (RFC 7530 13). Those below 10009 that version 3 has as well have its numbers.
enum class Status4 : std::uint32_t {
    ok = 0,
    perm = 1,
    noent = 2,
    io = 5,
    nxio = 6,
    access = 13,
    exist = 17,
    xdev = 18,
    notdir = 20,
    isdir = 21,
    inval = 22,
    fbig = 27,
    nospc = 28,
    rofs = 30,
    mlink = 31,
    nametoolong = 63,
    notempty = 66,
    dquot = 69,
    stale = 70,
    badhandle = 10001,
    bad_cookie = 10003,
    notsupp = 10004,
    toosmall = 10005,
    serverfault = 10006,
    badtype = 10007,
    delay = 10008,
    same = 10009,
    denied = 10010,
    expired = 10011,
    locked = 10012,
    grace = 10013,
    fhexpired = 10014,
    share_denied = 10015,
    wrongsec = 10016,
    clid_inuse = 10017,
    resource = 10018,
    moved = 10019,
    nofilehandle = 10020,
    minor_vers_mismatch = 10021,
    stale_clientid = 10022,
    stale_stateid = 10023,
    old_stateid = 10024,
    bad_stateid = 10025,
    bad_seqid = 10026,
    not_same = 10027,
    lock_range = 10028,
    symlink = 10029,
    restorefh = 10030,
    lease_moved = 10031,
    attrnotsupp = 10032,
    no_grace = 10033,
    reclaim_bad = 10034,
    reclaim_conflict = 10035,
    badxdr = 10036,
    locks_held = 10037,
    openmode = 10038,
    badowner = 10039,
    badchar = 10040,
    badname = 10041,
    bad_range = 10042,
    lock_notsupp = 10043,
    op_illegal = 10044,
    deadlock = 10045,
    file_open = 10046,
    admin_revoked = 10047,
    cb_path_down = 10048,
};
// What version 3 says, as version 4 says it.
[[nodiscard]] constexpr Status4 status4_of(Status status) noexcept {
    switch (status) {
        case Status::nodev:
        case Status::remote: return Status4::io;
        case Status::not_sync: return Status4::serverfault;
        default: return static_cast<Status4>(status);
    }
}
[[nodiscard]] inline Status4 status4_of(const std::error_code& error) noexcept { return status4_of(status_of(error)); }

// nfs_opnum4.
enum class Op : std::uint32_t {
    access = 3,
    close,
    commit,
    create,
    delegpurge,
    delegreturn,
    getattr,
    getfh,
    link,
    lock,
    lockt,
    locku,
    lookup,
    lookupp,
    nverify,
    open,
    openattr,
    open_confirm,
    open_downgrade,
    putfh,
    putpubfh,
    putrootfh,
    read,
    readdir,
    readlink,
    remove,
    rename,
    renew,
    restorefh,
    savefh,
    secinfo,
    setattr,
    setclientid,
    setclientid_confirm,
    verify,
    write,
    release_lockowner,
    illegal = 10044,
};

// stateid4.
struct Stateid {
    std::uint32_t seqid = 0;
    std::array<std::byte, 12> other{};
    [[nodiscard]] bool operator==(const Stateid&) const = default;
    static void fields(auto& codec, auto& self) { codec(self.seqid, self.other); }
};

// bitmap4, and what a fattr4 has behind it. More words than that are of no version that there is.
using Bitmap = xdr::List<std::uint32_t, 16>;
struct Fattr {
    Bitmap mask;
    xdr::Opaque<> values;
    static void fields(auto& codec, auto& self) { codec(self.mask, self.values); }
};

// change_info4: of a folder. Nobody else changes it in between here, but others may on the disk.
struct ChangeInfo {
    bool atomic = false;
    std::uint64_t before = 0, after = 0;
    static void fields(auto& codec, auto& self) { codec(self.atomic, self.before, self.after); }
};

using Verifier = std::array<std::byte, 8>;
using Component = xdr::Text<>;  // component4: what is wrong with one has answers of its own

// Arguments of operations that have none.
struct None {
    static void fields(auto&, auto&) {}
};
// Results that are a status alone.
struct Ended {
    Status4 status = Status4::ok;
    static void fields(auto& codec, auto& self) { codec(self.status); }
};

}  // namespace strata::application::nfs::v4
