// OPEN_CONFIRM, OPEN_DOWNGRADE, CLOSE (RFC 7530 16.2, 16.18, 16.19).
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

// The open that a stateid is of, of the current file, when it is its owner's turn. Null: `results`
// says why not, or it was done already.
Open* begin_with_open(Work& work, const Stateid& id, std::uint32_t seqid, StateResults& results) {
    results.status = work.look();
    if (results.status != Status4::ok) return nullptr;
    const auto found = work.state.find_any(id, true);
    const bool is_open = found && found->open != nullptr;
    if (!is_open) {
        results.status = found ? Status4::bad_stateid : found.error();
        return nullptr;
    }
    Open& open = *found->open;
    const std::shared_ptr<Owner> owner = open.owner;
    if (work.begin_turn(owner, seqid, results.status) == Work::Begun::no) return nullptr;
    if (open.is_closed || !(open.file == work.node().seen.id)) {
        results.status = Status4::bad_stateid;
        return nullptr;
    }
    work.state.owner_goes_on(owner);
    results.status = State::check_seqid(id, *found);
    return results.status == Status4::ok ? &open : nullptr;
}

// RFC 7530 16.19.5: what it was opened with before, or all of several such.
bool was_opened_with(unsigned seen, std::uint32_t bits) noexcept {
    std::uint32_t together = 0;
    for (std::uint32_t value = 0; value <= share_both; ++value) {
        if ((seen >> value & 1u) != 0 && (value & ~bits) == 0) together |= value;
    }
    return together == bits;
}

}  // namespace

void open_confirm(Work& work, const OpenConfirmArguments& arguments, StateResults& results) {
    Open* open = begin_with_open(work, arguments.state, arguments.seqid, results);
    if (open == nullptr) return;
    if (open->owner->confirmed) {
        results.status = Status4::bad_stateid;
        return;
    }
    open->owner->confirmed = true;
    ++open->seqid;
    results.state = work.state.id_of(*open);
}

void open_downgrade(Work& work, const OpenDowngradeArguments& arguments, StateResults& results) {
    Open* open = begin_with_open(work, arguments.state, arguments.seqid, results);
    if (open == nullptr) return;
    const Share share{arguments.access, arguments.deny};
    const bool is_share = share.access != 0 && share.access <= share_both && share.deny <= share_both;
    if (!open->owner->confirmed)
        results.status = Status4::bad_stateid;
    else if (!is_share || !was_opened_with(open->accesses, share.access) || !was_opened_with(open->denies, share.deny))
        results.status = Status4::inval;
    if (results.status != Status4::ok) return;
    work.state.opens.downgrade(*open, share);
    results.state = work.state.id_of(*open);
}

// The locks that hang on it go with it (RFC 7530 16.2.5).
void close(Work& work, const CloseArguments& arguments, StateResults& results) {
    Open* open = begin_with_open(work, arguments.state, arguments.seqid, results);
    if (open == nullptr) return;
    if (!open->owner->confirmed) {
        results.status = Status4::bad_stateid;
        return;
    }
    work.state.opens.close(*open);
    open->owner->closed = open->number;
    results.state = work.state.id_of(*open);
}

}  // namespace strata::application::nfs::v4::ops
