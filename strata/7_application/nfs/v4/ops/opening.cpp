// OPEN (RFC 7530 16.16): a file is found or made, and shared with whoever has it open.
#include <fcntl.h>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/handles/hides.hpp"
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

using Claim = OpenArguments::Claim;
using Mode = OpenArguments::Mode;

// The file, and what of it was set when it was made.
struct FileToOpen {
    std::shared_ptr<Node> node;
    Bitmap set{};
    bool is_new = false;
};

acts::Creation creation_of_mode(Mode mode) noexcept {
    switch (mode) {
        case Mode::guarded: return acts::Creation::guarded;
        case Mode::exclusive: return acts::Creation::exclusive;
        case Mode::unchecked: break;
    }
    return acts::Creation::unchecked;
}

// RFC 7530 16.16.5: SYMLINK is said of all that is neither folder nor file.
Status4 check_kind(const Node& node) noexcept {
    if (node.seen.is_folder()) return Status4::isdir;
    return node.seen.is_file() ? Status4::ok : Status4::symlink;
}

// RFC 7530 9.6.2, 9.6.3.4.
Status4 check_claim(Work& work, const OpenArguments& arguments) {
    switch (arguments.claim) {
        case Claim::null: return work.state.is_grace() ? Status4::grace : Status4::ok;
        case Claim::delegate_cur: return Status4::bad_stateid;  // none is ever given
        case Claim::delegate_prev: return Status4::notsupp;
        case Claim::previous: break;
    }
    if (!work.state.is_grace()) return Status4::no_grace;
    const Client* client = work.state.clients.find_number(client_of(arguments.owner.client));
    return client != nullptr && work.state.records.may_reclaim(client->id) ? Status4::ok : Status4::reclaim_bad;
}

// What of the attributes was set: of whom it is was decided, and of a
// file that was there the length alone.
Bitmap set_of(const Wanted& wanted, const acts::Made& made, Mode mode) {
    Bitmap set;
    if (mode == Mode::exclusive) {  // the verifier is kept there: the client sets them anew
        for (const Attribute time :
             {Attribute::time_access, Attribute::time_access_set, Attribute::time_modify, Attribute::time_modify_set})
            add(set, time);
        return set;
    }
    (void)for_each(wanted.mask, [&](Attribute attribute) {
        const bool is_owner = attribute == Attribute::owner || attribute == Attribute::owner_group;
        if (made.is_new ? !is_owner : attribute == Attribute::size) add(set, attribute);
        return true;
    });
    return set;
}

std::expected<FileToOpen, Status4> make_to_open(Work& work, const OpenArguments& arguments, const std::string& name,
                                                const Share& share) {
    const auto wanted = arguments.mode == Mode::exclusive ? Wanted{} : wanted_in(arguments.attributes);
    if (!wanted) return std::unexpected(wanted.error());
    // What is there is not cut off under whoever denies that.
    const auto there = work.shared.tree.open(work.node(), name);
    if (there && arguments.mode == Mode::unchecked) {
        if (const Status4 kind = check_kind(*there); kind != Status4::ok) return std::unexpected(kind);
        const Share needed{share.access | (wanted->changes.size ? share_write : 0), share.deny};
        const Status4 may = work.state.opens.check(there->seen.id, needed);
        if (may != Status4::ok) return std::unexpected(may);
    }
    auto made =
        acts::make_file(work, work.node(), name, creation_of_mode(arguments.mode), wanted->changes, arguments.verifier);
    if (!made) return std::unexpected(status4_of(made.error()));
    const Bitmap set = set_of(*wanted, *made, arguments.mode);
    return FileToOpen{std::make_shared<Node>(std::move(made->node)), set, made->is_new};
}

std::expected<FileToOpen, Status4> find_to_open(Work& work, const OpenArguments& arguments, const Share& share) {
    const bool is_previous = arguments.claim == Claim::previous;
    if (is_previous && arguments.how == OpenArguments::How::create) return std::unexpected(Status4::inval);
    if (is_previous) return FileToOpen{work.current, {}};
    if (!work.node().seen.is_folder()) return std::unexpected(Status4::notdir);
    if (const Status4 named = check_component(arguments.name); named != Status4::ok) return std::unexpected(named);
    const std::string name(arguments.name);
    if (arguments.how == OpenArguments::How::create) return make_to_open(work, arguments, name, share);
    if (hides(work.shared.root, name)) return std::unexpected(Status4::noent);
    auto found = work.shared.tree.open(work.node(), name);
    if (!found) return std::unexpected(status4_of(found.error()));
    return FileToOpen{std::make_shared<Node>(std::move(*found)), {}};
}

int flags_of(std::uint32_t access) noexcept {
    return access == share_both ? O_RDWR : access == share_write ? O_WRONLY : O_RDONLY;
}

// It is there: it is opened, or opened for more.
std::expected<Open*, Status4> open_found(Work& work, const FileToOpen& found, const Share& share) {
    const Node& node = *found.node;
    if (const Status4 kind = check_kind(node); kind != Status4::ok) return std::unexpected(kind);
    if ((share.access & share_write) != 0) {
        const Status may = work.may_change(node);
        if (may != Status::ok) return std::unexpected(status4_of(may));
    }
    Opens& opens = work.state.opens;
    if (const Status4 may = opens.check(node.seen.id, share); may != Status4::ok) return std::unexpected(may);
    Open* there = opens.find(*work.owner, node.seen.id);
    const std::uint32_t access = share.access | (there != nullptr ? there->share.access : 0);
    Descriptor data;
    if (there == nullptr || access != there->share.access) {
        // Whoever makes a file may write it, whatever mode he gives it (open(2)).
        auto opened = found.is_new ? reopen_for(work, node, flags_of(access)) : reopen(node, flags_of(access));
        if (!opened) return std::unexpected(status4_of(opened.error()));
        data = std::move(*opened);
    }
    if (there == nullptr) return &opens.add(work.owner, node.seen.id, share, std::move(data));
    opens.upgrade(*there, share, std::move(data));
    return there;
}

Status4 open_file(Work& work, const OpenArguments& arguments, OpenResults& results) {
    const Share share{arguments.access, arguments.deny};
    if (share.access == 0 || share.access > share_both || share.deny > share_both) return Status4::inval;
    if (const Status4 claim = check_claim(work, arguments); claim != Status4::ok) return claim;
    if (work.state.opens.is_full(work.owner->client)) return Status4::resource;
    const std::uint64_t before = change_of(work.node().seen);
    const std::shared_ptr<Node> place = work.current;
    auto found = find_to_open(work, arguments, share);
    if (!found) return found.error();
    const auto open = open_found(work, *found, share);
    if (!open) return open.error();
    // Who may have it again asks for no confirmation (RFC 7530 16.18.5).
    if (arguments.claim == Claim::previous) work.owner->confirmed = true;
    results.state = work.state.id_of(**open);
    results.folder = changed_since(before, *place);
    results.flags = OpenResults::posix_locks | (work.owner->confirmed ? 0u : OpenResults::confirm);
    results.set = std::move(found->set);
    work.current = std::move(found->node);
    work.state.records.add(work.state.clients.find_number(work.owner->client)->id);
    return Status4::ok;
}

// RFC 7530 9.1.11: one who was not confirmed and begins anew has had nothing.
std::expected<std::shared_ptr<Owner>, Status4> find_owner(Work& work, const OpenArguments& arguments) {
    auto owner = work.state.open_owner(arguments.owner.client, arguments.owner.owner);
    if (!owner || (*owner)->confirmed || (*owner)->is_new || (*owner)->busy) return owner;
    const std::uint64_t digest = work.shared.key.digest_of(work.arguments) ^ static_cast<std::uint64_t>(work.op);
    if ((*owner)->turn(arguments.seqid, digest) == Turn::again) return owner;
    while (!(*owner)->held.empty()) work.state.opens.remove(*(*owner)->held.begin());
    work.state.forget(*owner);
    return work.state.open_owner(arguments.owner.client, arguments.owner.owner);
}

}  // namespace

void open(Work& work, const OpenArguments& arguments, OpenResults& results) {
    results.status = work.look();
    if (results.status != Status4::ok) return;
    const auto owner = find_owner(work, arguments);
    if (!owner) {
        results.status = owner.error();
        return;
    }
    if (work.begin_turn(*owner, arguments.seqid, results.status) == Work::Begun::no) return;
    work.state.owner_goes_on(*owner);
    results.status = open_file(work, arguments, results);
}

}  // namespace strata::application::nfs::v4::ops
