#include "strata/7_application/nfs/v4/state/opens.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace strata::application::nfs::v4 {
namespace {

// Whoever opens files leaves half of the process's descriptors to everybody else.
std::size_t descriptors_for_opens() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur / 2 : std::numeric_limits<std::size_t>::max();
}

}  // namespace

Share OpenFile4::share() const noexcept {
    const auto bits_of = [](const std::array<std::uint32_t, 2>& counts) {
        return (counts[0] > 0 ? share_read : 0) | (counts[1] > 0 ? share_write : 0);
    };
    return {bits_of(access), bits_of(deny)};
}

void OpenFile4::count(const Share& share, bool up) noexcept {
    for (std::size_t bit = 0; bit < 2; ++bit) {
        const std::uint32_t mask = 1u << bit;
        if ((share.access & mask) != 0) access.at(bit) += up ? 1 : -1u;
        if ((share.deny & mask) != 0) deny.at(bit) += up ? 1 : -1u;
    }
}

Opens::Opens(const StateOptions& options) : options_(options) {
    options_.opens_max = std::min(options.opens_max, descriptors_for_opens());
}

Opens::Count Opens::count_of(ClientNumber client) const {
    const auto found = counts_.find(client);
    return found == counts_.end() ? Count{} : found->second;
}

void Opens::count(ClientNumber client, std::ptrdiff_t opens, std::ptrdiff_t locks) {
    Count& now = counts_[client];
    now.opens += static_cast<std::size_t>(opens);
    now.locks += static_cast<std::size_t>(locks);
    if (now.opens == 0 && now.locks == 0) counts_.erase(client);
}

bool Opens::is_full(ClientNumber client) const {
    return open_count_ >= options_.opens_max || count_of(client).opens >= options_.opens_per_client_max;
}

bool Opens::has_room_for_locks(ClientNumber client, std::size_t more) const {
    return locks() + more <= options_.locks_max && count_of(client).locks + more <= options_.locks_per_client_max;
}

StateNumber Opens::new_number() {
    do ++last_number_;
    while (last_number_ == 0 || opens_.contains(last_number_) || lock_states_.contains(last_number_));
    return last_number_;
}

Open* Opens::find(StateNumber number, bool closed_too) {
    const auto found = opens_.find(number);
    return found == opens_.end() || (found->second.is_closed && !closed_too) ? nullptr : &found->second;
}

Open* Opens::find(const Owner& owner, const FileId& id) {
    const OpenFile4* there = file(id);
    if (there == nullptr) return nullptr;
    const auto found = there->opens.find(&owner);
    return found == there->opens.end() ? nullptr : find(found->second);
}

LockState* Opens::find_lock(StateNumber number) {
    const auto found = lock_states_.find(number);
    return found == lock_states_.end() ? nullptr : found->second.get();
}

OpenFile4* Opens::file(const FileId& id) {
    const auto found = files_.find(id);
    return found == files_.end() ? nullptr : &found->second;
}

// RFC 7530 9.7.
Status4 Opens::check(const FileId& id, const Share& share) {
    const OpenFile4* there = file(id);
    if (there == nullptr) return Status4::ok;
    const Share now = there->share();
    return (share.access & now.deny) != 0 || (share.deny & now.access) != 0 ? Status4::share_denied : Status4::ok;
}

Open& Opens::add(std::shared_ptr<Owner> owner, const FileId& id, const Share& share, Descriptor data) {
    const StateNumber number = new_number();
    Open& open = opens_[number];
    open.number = number;
    open.file = id;
    open.share = share;
    open.accesses = 1u << share.access;
    open.denies = 1u << share.deny;
    open.data = std::move(data);
    owner->held.insert(number);
    ++open_count_;
    count(owner->client, 1, 0);
    OpenFile4& there = files_[id];
    there.opens[owner.get()] = number;
    there.count(share, true);
    open.owner = std::move(owner);
    return open;
}

void Opens::upgrade(Open& open, const Share& share, Descriptor data) {
    OpenFile4& there = files_[open.file];
    there.count(open.share, false);
    open.share = {open.share.access | share.access, open.share.deny | share.deny};
    there.count(open.share, true);
    open.accesses |= 1u << share.access;
    open.denies |= 1u << share.deny;
    if (data) open.data = std::move(data);
    ++open.seqid;
}

void Opens::downgrade(Open& open, const Share& share) {
    OpenFile4& there = files_[open.file];
    there.count(open.share, false);
    open.share = share;
    there.count(open.share, true);
    const auto keep_within = [](unsigned seen, std::uint32_t bits) {
        for (std::uint32_t value = 0; value <= share_both; ++value) {
            if ((value & ~bits) != 0) seen &= ~(1u << value);
        }
        return seen | 1u << bits;
    };
    open.accesses = keep_within(open.accesses, share.access);
    open.denies = keep_within(open.denies, share.deny);
    ++open.seqid;
}

void Opens::close(Open& open) {
    while (!open.locks.empty()) remove_lock_state(*open.locks.begin()->second);
    OpenFile4& there = files_[open.file];
    there.count(open.share, false);
    there.opens.erase(open.owner.get());
    if (there.opens.empty()) files_.erase(open.file);
    open.data = {};
    open.is_closed = true;
    ++open.seqid;
    open.owner->held.erase(open.number);
    --open_count_;
    count(open.owner->client, -1, 0);
}

void Opens::remove(StateNumber number) {
    const auto found = opens_.find(number);
    if (found == opens_.end()) return;
    if (!found->second.is_closed) close(found->second);
    opens_.erase(found);
}

LockState* Opens::add_lock_state(Open& open, std::shared_ptr<Owner> owner) {
    if (!has_room_for_locks(owner->client, 1)) return nullptr;
    count(owner->client, 0, 1);
    auto state = std::make_shared<LockState>();
    state->number = new_number();
    state->open = open.number;
    state->owner = std::move(owner);
    state->owner->held.insert(state->number);
    open.locks[state->owner.get()] = state;
    lock_states_[state->number] = state;
    return state.get();
}

void Opens::remove_lock_state(LockState& state) {
    const StateNumber number = state.number;
    const std::shared_ptr<LockState> kept = lock_states_.at(number);
    Open& open = opens_.at(state.open);
    const std::size_t ranges = files_[open.file].locks.remove_state(number);
    range_count_ -= ranges;
    count(state.owner->client, 0, -1 - static_cast<std::ptrdiff_t>(ranges));
    state.owner->held.erase(number);
    open.locks.erase(state.owner.get());
    lock_states_.erase(number);
}

bool Opens::set_ranges(OpenFile4& there, ClientNumber client, std::vector<LockRanges::Range> ranges) {
    const std::size_t before = there.locks.all().size();
    if (ranges.size() > before) {
        const bool is_full = ranges.size() > options_.locks_per_file_max;
        if (is_full || !has_room_for_locks(client, ranges.size() - before)) return false;
    }
    const auto more = static_cast<std::ptrdiff_t>(ranges.size()) - static_cast<std::ptrdiff_t>(before);
    range_count_ += static_cast<std::size_t>(more);
    count(client, 0, more);
    there.locks.set(std::move(ranges));
    return true;
}

}  // namespace strata::application::nfs::v4
