#include "strata/7_application/nfs/attributes/status.hpp"

#include <cerrno>

namespace strata::application::nfs {

bool declared(Status status) noexcept {
    switch (status) {
        case Status::ok:
        case Status::perm:
        case Status::noent:
        case Status::io:
        case Status::nxio:
        case Status::acces:
        case Status::exist:
        case Status::xdev:
        case Status::nodev:
        case Status::notdir:
        case Status::isdir:
        case Status::inval:
        case Status::fbig:
        case Status::nospc:
        case Status::rofs:
        case Status::mlink:
        case Status::nametoolong:
        case Status::notempty:
        case Status::dquot:
        case Status::stale:
        case Status::remote:
        case Status::badhandle:
        case Status::not_sync:
        case Status::bad_cookie:
        case Status::notsupp:
        case Status::toosmall:
        case Status::serverfault:
        case Status::badtype:
        case Status::jukebox: return true;
    }
    return false;
}

Status status_of(const std::error_code& error) noexcept {
    switch (error.value()) {
        case 0: return Status::ok;
        case EPERM: return Status::perm;
        case ENOENT: return Status::noent;
        case ENXIO: return Status::nxio;
        case EACCES: return Status::acces;
        case EEXIST: return Status::exist;
        case EXDEV: return Status::xdev;
        case ENODEV: return Status::nodev;
        case ENOTDIR: return Status::notdir;
        case EISDIR: return Status::isdir;
        case EINVAL:
        case ELOOP: return Status::inval;
        case EFBIG: return Status::fbig;
        case ENOSPC: return Status::nospc;
        case EROFS: return Status::rofs;
        case EMLINK: return Status::mlink;
        case ENAMETOOLONG: return Status::nametoolong;
        case ENOTEMPTY: return Status::notempty;
        case EDQUOT: return Status::dquot;
        case ESTALE: return Status::stale;
        case EOPNOTSUPP: return Status::notsupp;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ETXTBSY:
        case EAGAIN: return Status::jukebox;  // later, perhaps
        default: return Status::io;
    }
}

Status status_of_errno() noexcept { return status_of({errno, std::generic_category()}); }

}  // namespace strata::application::nfs
