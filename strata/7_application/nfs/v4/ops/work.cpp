#include "strata/7_application/nfs/v4/ops/work.hpp"

#include "strata/0_foundation/utf8.hpp"

namespace strata::application::nfs::v4 {

Status4 Work::look() {
    if (!current) return Status4::nofilehandle;
    const auto seen = look_at(current->at.get());
    if (!seen) return status4_of(seen.error());
    current->seen = *seen;
    return Status4::ok;
}

Status4 Work::look_folder() {
    if (const Status4 seen = look(); seen != Status4::ok) return seen;
    if (node().seen.is_folder()) return Status4::ok;
    return node().seen.is_link() ? Status4::symlink : Status4::notdir;
}

Work::Begun Work::begin_turn(const std::shared_ptr<Owner>& of, std::uint32_t asked, Status4& status) {
    digest = shared.key.digest_of(arguments) ^ static_cast<std::uint64_t>(op);
    switch (of->turn(asked, digest)) {
        case Turn::early: status = Status4::delay; return Begun::no;
        case Turn::wrong: status = Status4::bad_seqid; return Begun::no;
        case Turn::again:
            replay = of->reply;
            if (op == Op::open && of->reply_file.inode != 0) replay_file = of->reply_file;
            status = Status4::ok;
            return Begun::no;
        case Turn::next: break;
    }
    of->busy = true;
    state.owner_is_now(of);
    owner = of;
    seqid = asked;
    return Begun::yes;
}

void Work::end_turn(Status4 status, Bytes results) {
    if (!owner) return;
    const std::shared_ptr<Owner> of = std::move(owner);
    owner.reset();
    of->busy = false;
    if (counts_for_seqid(status)) {
        of->is_new = false;
        of->seqid = seqid;
        of->digest = digest;
        of->reply.assign(results.begin(), results.end());
        of->reply_file = op == Op::open && status == Status4::ok && current ? current->seen.id : FileId{};
    }
    state.owner_is_now(of);
}

Status4 check_component(std::string_view name) noexcept {
    if (name.empty()) return Status4::inval;
    if (name.size() > name_size_max) return Status4::nametoolong;
    if (name.contains('/') || name.contains('\0')) return Status4::badchar;
    if (!is_utf8(name)) return Status4::inval;
    return name == "." || name == ".." ? Status4::badname : Status4::ok;
}

ChangeInfo changed_since(std::uint64_t before, const Node& folder) {
    const auto seen = look_at(folder.at.get());
    return {false, before, seen ? change_of(*seen) : before};
}

}  // namespace strata::application::nfs::v4
