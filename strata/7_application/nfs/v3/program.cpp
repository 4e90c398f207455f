#include "strata/7_application/nfs/v3/program.hpp"

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"
#include "strata/7_application/nfs/work/waits.hpp"

namespace strata::application::nfs::v3 {
namespace {

namespace rpc = session::rpc;
using rpc::Outcome;
using rpc::Reply;
using session::asio::awaitable;

awaitable<Reply> refuse(Outcome why) { co_return Reply::refused(why); }

}  // namespace

bool Nfs3::is_idempotent(const rpc::Target& target) const noexcept {
    switch (target.procedure) {
        case Procedure::setattr:
        case Procedure::write:
        case Procedure::create:
        case Procedure::mkdir:
        case Procedure::symlink:
        case Procedure::mknod:
        case Procedure::remove:
        case Procedure::rmdir:
        case Procedure::rename:
        case Procedure::link: return false;
        default: return true;
    }
}

awaitable<Reply> Nfs3::handle(const rpc::Call& call) {
    switch (call.target.procedure) {
        case Procedure::getattr: return answer(call, deeds::getattr);
        case Procedure::setattr: return answer(call, deeds::setattr);
        case Procedure::lookup: return answer(call, deeds::lookup);
        case Procedure::access: return answer(call, deeds::access);
        case Procedure::readlink: return answer(call, deeds::readlink);
        case Procedure::read: return answer(call, deeds::read);
        case Procedure::write: return answer(call, deeds::write);
        case Procedure::create: return answer(call, deeds::create);
        case Procedure::mkdir: return answer(call, deeds::mkdir);
        case Procedure::symlink: return answer(call, deeds::symlink);
        case Procedure::mknod: return answer(call, deeds::mknod);
        case Procedure::remove: return answer(call, deeds::remove);
        case Procedure::rmdir: return answer(call, deeds::rmdir);
        case Procedure::rename: return answer(call, deeds::rename);
        case Procedure::link: return answer(call, deeds::link);
        case Procedure::readdir: return answer(call, deeds::readdir);
        case Procedure::readdirplus: return answer(call, deeds::readdirplus);
        case Procedure::fsstat: return answer(call, deeds::fsstat);
        case Procedure::fsinfo: return answer(call, deeds::fsinfo);
        case Procedure::pathconf: return answer(call, deeds::pathconf);
        case Procedure::commit: return answer(call, deeds::commit);
        default: return refuse(Outcome::procedure_unavailable);
    }
}

// The handles are looked for, what is long is read, the deed is done at one go, and what must be on
// the disk is brought there.
template <typename Arguments, typename Results>
awaitable<Reply> Nfs3::answer(const rpc::Call& call, void (*deed)(Work&, const Arguments&, Results&)) {
    const auto arguments = xdr::arguments_of<Arguments>(call);
    if (!arguments) co_return Reply::refused(Outcome::garbage_arguments);
    Work work(*shared_, call);
    Results results;
    std::size_t at = 0;
    for (const Handle* handle : arguments->handles()) {
        results.status = co_await find_node(*shared_, *handle, work.nodes.at(at++));
        if (results.status != Status::ok) co_return xdr::reply_of(call, results);
    }
    if (at > 1) {  // the first was found a while ago, if the second was looked for
        if (const auto seen = look_at(work.nodes[0].at.get())) work.nodes[0].seen = *seen;
    }
    if constexpr (requires { arguments->cookie; }) {
        const bool is_listed = work.nodes[0].seen.is_folder() &&
                               (arguments->cookie == 0 || arguments->verifier == shared_->cookie_verifier);
        if (is_listed) {
            NamesRead names;
            co_await read_names(work, work.nodes[0], arguments->cookie, names);
            work.listing = std::move(names.listing);
            work.listing_status = names.status;
        }
    }
    {
        const ActingAs acting(work.caller);
        if (acting.is_he()) {
            deed(work, *arguments, results);
        } else {
            results.status = Status::serverfault;
        }
    }
    if (!work.settling.empty()) {
        const bool well = co_await settle_all(work);
        if (!well && results.status == Status::ok) {
            results = Results{};
            results.status = Status::io;
        }
    }
    co_return xdr::reply_of(call, results, work.owner);
}

}  // namespace strata::application::nfs::v3
