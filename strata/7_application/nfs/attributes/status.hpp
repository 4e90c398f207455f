// Status: how a procedure ended (RFC 1813 2.6, nfsstat3).
#pragma once

#include <cstdint>
#include <system_error>

namespace strata::application::nfs {

enum class Status : std::uint32_t {
    ok = 0,
    perm = 1,
    noent = 2,
    io = 5,
    nxio = 6,
    acces = 13,
    exist = 17,
    xdev = 18,
    nodev = 19,
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
    remote = 71,
    badhandle = 10001,
    not_sync = 10002,
    bad_cookie = 10003,
    notsupp = 10004,
    toosmall = 10005,
    serverfault = 10006,
    badtype = 10007,
    jukebox = 10008,
};
[[nodiscard]] bool declared(Status status) noexcept;
// What a system call says.
[[nodiscard]] Status status_of(const std::error_code& error) noexcept;
[[nodiscard]] Status status_of_errno() noexcept;

}  // namespace strata::application::nfs
