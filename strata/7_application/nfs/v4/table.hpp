// Which operation has which number (RFC 7530 16): `what` is called
// with the function that does it, or `illegal` is.
#pragma once

#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4 {

template <typename What, typename Illegal>
auto with_operation(Op op, What what, Illegal illegal) {
    switch (op) {
        case Op::access: return what(ops::access);
        case Op::close: return what(ops::close);
        case Op::commit: return what(ops::commit);
        case Op::create: return what(ops::create);
        case Op::delegpurge: return what(ops::delegpurge);
        case Op::delegreturn: return what(ops::delegreturn);
        case Op::getattr: return what(ops::getattr);
        case Op::getfh: return what(ops::getfh);
        case Op::link: return what(ops::link);
        case Op::lock: return what(ops::lock);
        case Op::lockt: return what(ops::lockt);
        case Op::locku: return what(ops::locku);
        case Op::lookup: return what(ops::lookup);
        case Op::lookupp: return what(ops::lookupp);
        case Op::nverify: return what(ops::nverify);
        case Op::open: return what(ops::open);
        case Op::openattr: return what(ops::openattr);
        case Op::open_confirm: return what(ops::open_confirm);
        case Op::open_downgrade: return what(ops::open_downgrade);
        case Op::putfh: return what(ops::putfh);
        case Op::putpubfh:
        case Op::putrootfh: return what(ops::putrootfh);
        case Op::read: return what(ops::read);
        case Op::readdir: return what(ops::readdir);
        case Op::readlink: return what(ops::readlink);
        case Op::remove: return what(ops::remove);
        case Op::rename: return what(ops::rename);
        case Op::renew: return what(ops::renew);
        case Op::restorefh: return what(ops::restorefh);
        case Op::savefh: return what(ops::savefh);
        case Op::secinfo: return what(ops::secinfo);
        case Op::setattr: return what(ops::setattr);
        case Op::setclientid: return what(ops::setclientid);
        case Op::setclientid_confirm: return what(ops::setclientid_confirm);
        case Op::verify: return what(ops::verify);
        case Op::write: return what(ops::write);
        case Op::release_lockowner: return what(ops::release_lockowner);
        case Op::illegal: break;
    }
    return illegal();
}

}  // namespace strata::application::nfs::v4
