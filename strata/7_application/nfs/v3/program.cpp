#include "strata/7_application/nfs/v3/program.hpp"

#include <unistd.h>

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3 {
namespace {

namespace rpc = session::rpc;
using rpc::Outcome;
using rpc::Reply;
using session::asio::awaitable;

class Searching final : public Chore {
public:
    Searching(const Tree& tree, const FileId& id) : tree_(tree), id_(id) {}
    void do_it() override { found = search(tree_.root(), id_, tree_.options().searched_max); }
    FoundPlaces found;

private:
    const Tree& tree_;
    FileId id_;
};

class ReadingNames final : public Chore {
public:
    ReadingNames(const Shared& shared, const Node& folder, std::uint64_t after)
        : shared_(shared), folder_(folder), after_(after) {}
    void do_it() override {
        read = read_listing(shared_.root, folder_, shared_.key, after_, shared_.options.listing.names_max);
    }
    std::expected<Listing, std::error_code> read = std::unexpected(std::make_error_code(std::errc::io_error));

private:
    const Shared& shared_;
    const Node& folder_;
    std::uint64_t after_;
};

class SettlingFiles final : public Chore {
public:
    explicit SettlingFiles(const std::vector<Work::Settling>& what) : what_(what) {}
    void do_it() override {
        for (const Work::Settling& one : what_)
            well = (one.data_alone ? ::fdatasync(one.file.get()) : ::fsync(one.file.get())) == 0 && well;
        done = true;
    }
    bool well = true, done = false;

private:
    const std::vector<Work::Settling>& what_;
};

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
        results.status = co_await find(*handle, work.nodes.at(at++));
        if (results.status != Status::ok) co_return xdr::reply_of(call, results);
    }
    if (at > 1) {  // the first was found a while ago, if the second was looked for
        if (const auto seen = look_at(work.nodes[0].at.get())) work.nodes[0].seen = *seen;
    }
    if constexpr (requires { arguments->cookie; }) {
        const bool is_listed = work.nodes[0].seen.is_folder() &&
                               (arguments->cookie == 0 || arguments->verifier == shared_->cookie_verifier);
        if (is_listed) co_await read_names(work, arguments->cookie);
    }
    deed(work, *arguments, results);
    if (!work.settling.empty()) {
        const bool well = co_await settle(work);
        if (!well && results.status == Status::ok) {
            results = Results{};
            results.status = Status::io;
        }
    }
    co_return xdr::reply_of(call, results, work.owner);
}

awaitable<Status> Nfs3::find(const Handle& handle, Node& into) {
    Tree& tree = shared_->tree;
    const auto id = shared_->key.open(handle);
    if (!id) co_return Status::badhandle;
    auto found = tree.open(*id);
    if (!found && tree.is_stray(*id, shared_->network.now())) co_return Status::stale;
    if (!found) {
        const auto searching = std::make_shared<Searching>(tree, *id);
        co_await shared_->do_aside(searching);
        for (auto& [file, place] : searching->found) tree.is_at(file, std::move(place));
        found = tree.open(*id);
        if (!found) tree.was_not_found(*id, shared_->network.now());
    }
    if (!found) co_return Status::stale;
    into = std::move(*found);
    co_return Status::ok;
}

// Whoever begins is told of all that is there now; whoever goes on may go on in what was read.
awaitable<void> Nfs3::read_names(Work& work, std::uint64_t behind) {
    Listings& listings = shared_->listings;
    if (behind > Listing::parent) work.listing = listings.find(work.nodes[0], behind);
    if (work.listing) co_return;
    const auto reading = std::make_shared<ReadingNames>(*shared_, work.nodes[0], behind);
    co_await shared_->do_aside(reading);
    if (!reading->read) {
        work.listing_status = status_of(reading->read.error());
        co_return;
    }
    work.listing = std::make_shared<const Listing>(std::move(*reading->read));
    listings.keep(work.listing);
}

awaitable<bool> Nfs3::settle(Work& work) {
    const auto settling = std::make_shared<SettlingFiles>(work.settling);
    co_await shared_->do_aside(settling);
    co_return settling->done && settling->well;
}

}  // namespace strata::application::nfs::v3
