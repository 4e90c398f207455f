// LOCK, LOCKT, LOCKU, RELEASE_LOCKOWNER (RFC 7530 16.10 to 16.12,
// 16.37). Nobody waits here: a client asks again.
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

// Who asks, with which open, and the state that he has there if he has one.
struct Locker {
    std::shared_ptr<Owner> owner;
    Open* open = nullptr;
    LockState* state = nullptr;
};

Denied denied_by(const Work& work, const LockRanges::Range& range) {
    const std::uint64_t client = client_id_of(work.state.clients.run(), range.owner->client);
    return {range.span.first,
            range.span.length(),
            range.write ? LockType::write : LockType::read,
            {client, std::string_view(range.owner->name)}};
}

Status4 check_reclaim(Work& work, const LockArguments& arguments, const Owner& owner) {
    if (!arguments.reclaim) return work.state.is_grace() ? Status4::grace : Status4::ok;
    if (!work.state.is_grace()) return Status4::no_grace;
    const Client* client = work.state.clients.find_number(owner.client);
    return client != nullptr && work.state.records.may_reclaim(client->id) ? Status4::ok : Status4::reclaim_bad;
}

// Of a new lock owner, whom the open's vouches for. Nothing: `status`
// says why not, or it was done already.
std::optional<Locker> begin_new_locker(Work& work, const LockArguments& arguments, Status4& status) {
    const auto found = work.state.find_any(arguments.open_state, false);
    status = found ? Status4::bad_stateid : found.error();
    if (!found || found->open == nullptr) return std::nullopt;
    Open& open = *found->open;
    const std::shared_ptr<Owner> opener = open.owner;
    if (work.begin_turn(opener, arguments.open_seqid, status) == Work::Begun::no) return std::nullopt;
    work.state.owner_goes_on(opener);
    status = State::check_seqid(arguments.open_state, *found);
    if (!opener->confirmed || !(open.file == work.node().seen.id)) status = Status4::bad_stateid;
    if (status != Status4::ok) return std::nullopt;
    const auto owner = work.state.lock_owner(arguments.owner.client, arguments.owner.owner);
    if (!owner)
        status = owner.error();
    else if ((*owner)->client != opener->client)
        status = Status4::inval;
    // Whoever has nothing yet begins with any number.
    else if (!(*owner)->held.empty() && arguments.lock_seqid != (*owner)->seqid + 1)
        status = Status4::bad_seqid;
    if (status != Status4::ok) return std::nullopt;
    const auto there = open.locks.find(owner->get());
    return Locker{*owner, &open, there == open.locks.end() ? nullptr : there->second.get()};
}

std::optional<Locker> begin_locker(Work& work, const Stateid& id, std::uint32_t seqid, Status4& status) {
    const auto found = work.state.find_any(id, false);
    status = found ? Status4::bad_stateid : found.error();
    if (!found || found->lock == nullptr) return std::nullopt;
    LockState& state = *found->lock;
    if (work.begin_turn(state.owner, seqid, status) == Work::Begun::no) return std::nullopt;
    Open* open = work.state.opens.find(state.open);
    status = State::check_seqid(id, *found);
    if (open == nullptr || !(open->file == work.node().seen.id)) status = Status4::bad_stateid;
    if (status != Status4::ok) return std::nullopt;
    return Locker{state.owner, open, &state};
}

Status4 set_lock(Work& work, Locker& locker, const Span& span, bool write) {
    Opens& opens = work.state.opens;
    OpenFile4& file = *opens.file(locker.open->file);
    const bool is_new = locker.state == nullptr;
    if (is_new) locker.state = opens.add_lock_state(*locker.open, locker.owner);
    if (locker.state == nullptr) return Status4::resource;
    const LockRanges::Range range{locker.owner.get(), locker.state->number, span, write};
    if (opens.set_ranges(file, locker.owner->client, file.locks.with(range))) {
        if (!is_new) ++locker.state->seqid;
        return Status4::ok;
    }
    if (is_new) opens.remove_lock_state(*locker.state);
    return Status4::resource;
}

Status4 lock_range(Work& work, const LockArguments& arguments, Locker& locker, LockResults& results) {
    const auto span = Span::of(arguments.offset, arguments.length);
    const bool write = is_write(arguments.type);
    if (!span) return Status4::inval;
    if (const Status4 may = check_reclaim(work, arguments, *locker.owner); may != Status4::ok) return may;
    if ((locker.open->share.access & (write ? share_write : share_read)) == 0) return Status4::openmode;
    const OpenFile4& file = *work.state.opens.file(locker.open->file);
    if (const auto* other = file.locks.conflict(locker.owner.get(), *span, write)) {
        results.denied = denied_by(work, *other);
        return Status4::denied;
    }
    const Status4 set = set_lock(work, locker, *span, write);
    if (set == Status4::ok) results.state = work.state.id_of(*locker.state);
    return set;
}

Status4 check_lock_file(Work& work) {
    if (const Status4 seen = work.look(); seen != Status4::ok) return seen;
    if (work.node().seen.is_folder()) return Status4::isdir;
    return work.node().seen.is_file() ? Status4::ok : Status4::inval;
}

}  // namespace

void lock(Work& work, const LockArguments& arguments, LockResults& results) {
    results.status = check_lock_file(work);
    if (results.status != Status4::ok) return;
    auto locker = arguments.new_owner ? begin_new_locker(work, arguments, results.status)
                                      : begin_locker(work, arguments.lock_state, arguments.lock_seqid, results.status);
    if (!locker) return;
    results.status = lock_range(work, arguments, *locker, results);
    if (!arguments.new_owner || !counts_for_seqid(results.status)) return work.state.owner_is_now(locker->owner);
    locker->owner->seqid = arguments.lock_seqid;
    locker->owner->is_new = false;
    locker->owner->reply.clear();
    work.state.owner_is_now(locker->owner);
}

void lockt(Work& work, const LocktArguments& arguments, LocktResults& results) {
    results.status = check_lock_file(work);
    const auto span = Span::of(arguments.offset, arguments.length);
    if (results.status == Status4::ok && !span) results.status = Status4::inval;
    if (results.status == Status4::ok && work.state.is_grace()) results.status = Status4::grace;
    if (results.status != Status4::ok) return;
    const auto client = work.state.clients.find(arguments.owner.client);
    results.status = client ? Status4::ok : client.error();
    if (!client) return;
    work.state.clients.renew(**client, work.state.now());
    const auto owner = work.state.known_lock_owner(**client, arguments.owner.owner);
    const OpenFile4* file = work.state.opens.file(work.node().seen.id);
    const auto* other = file == nullptr ? nullptr : file->locks.conflict(owner.get(), *span, is_write(arguments.type));
    if (other == nullptr) return;
    results.status = Status4::denied;
    results.denied = denied_by(work, *other);
}

void locku(Work& work, const LockuArguments& arguments, StateResults& results) {
    results.status = check_lock_file(work);
    if (results.status != Status4::ok) return;
    const auto locker = begin_locker(work, arguments.state, arguments.seqid, results.status);
    if (!locker) return;
    const auto span = Span::of(arguments.offset, arguments.length);
    OpenFile4& file = *work.state.opens.file(locker->open->file);
    if (!span) results.status = Status4::inval;
    // In the midst of a range it makes two of one.
    else if (!work.state.opens.set_ranges(file, locker->owner->client, file.locks.without(locker->owner.get(), *span)))
        results.status = Status4::resource;
    if (results.status != Status4::ok) return;
    ++locker->state->seqid;
    results.state = work.state.id_of(*locker->state);
}

void release_lockowner(Work& work, const ReleaseLockownerArguments& arguments, Ended& results) {
    const auto client = work.state.clients.find(arguments.owner.client);
    results.status = client ? Status4::ok : client.error();
    if (!client) return;
    work.state.clients.renew(**client, work.state.now());
    const auto owner = work.state.known_lock_owner(**client, arguments.owner.owner);
    if (!owner) return;
    Opens& opens = work.state.opens;
    for (const StateNumber number : owner->held) {
        const Open* open = opens.find(opens.find_lock(number)->open);
        if (opens.file(open->file)->locks.has_state(number)) results.status = Status4::locks_held;
    }
    if (results.status != Status4::ok || owner->busy) return;
    while (!owner->held.empty()) opens.remove_lock_state(*opens.find_lock(*owner->held.begin()));
    work.state.forget(owner);
}

}  // namespace strata::application::nfs::v4::ops
