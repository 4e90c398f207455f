// READ, WRITE, COMMIT, SETATTR (RFC 7530 16.3, 16.23, 16.32, 16.36): what needs a stateid, or none.
#include <fcntl.h>

#include <algorithm>
#include <limits>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

constexpr std::size_t read_header_max = 128;  // of a READ's results, before the data

Status4 kind_of(const Node& node) noexcept {
    if (node.seen.is_link()) return Status4::inval;
    return status4_of(acts::kind_of_data(node));
}

// What reads or writes goes through. Locks are advisory (RFC 7530 9.1.5); shares are not.
struct Through {
    Descriptor opened;           // for this once
    const Open* open = nullptr;  // or whose descriptor it is
    [[nodiscard]] const Descriptor& file() const noexcept { return open != nullptr ? open->data : opened; }
};

// RFC 7530 9.1.4.3: nobody's, which goes with what is denied to
// others alone. Who reads by all ones is let through.
Status4 check_special(Work& work, const Stateid& id, std::uint32_t access) {
    if (work.state.is_grace()) return Status4::grace;
    if (is_read_bypass(id) && access == share_read) return Status4::ok;
    const OpenFile4* file = work.state.opens.file(work.node().seen.id);
    return file != nullptr && (file->share().deny & access) != 0 ? Status4::locked : Status4::ok;
}

// The open, if the stateid is one's; null for nobody's.
std::expected<const Open*, Status4> check_state(Work& work, const Stateid& id, std::uint32_t access) {
    if (is_anonymous(id) || is_read_bypass(id)) {
        const Status4 may = check_special(work, id, access);
        if (may != Status4::ok) return std::unexpected(may);
        return nullptr;
    }
    const auto found = work.state.find(id);
    if (!found) return std::unexpected(found.error());
    const Open* open = found->open != nullptr ? found->open : work.state.opens.find(found->lock->open);
    if (open == nullptr || !(open->file == work.node().seen.id)) return std::unexpected(Status4::bad_stateid);
    // RFC 7530 9.1.6: whoever opened it to write may read as well.
    if (access == share_write && (open->share.access & share_write) == 0) return std::unexpected(Status4::openmode);
    return open;
}

std::expected<Through, Status4> find_way(Work& work, const Stateid& id, std::uint32_t access) {
    const auto open = check_state(work, id, access);
    if (!open) return std::unexpected(open.error());
    if (*open != nullptr && ((*open)->share.access & access) != 0) return Through{{}, *open};
    if (access == share_write) {
        const Status may = work.may_change(work.node());
        if (may != Status::ok) return std::unexpected(status4_of(may));
    }
    auto opened = reopen_for(work, work.node(), access == share_write ? O_WRONLY : O_RDONLY);
    if (!opened) return std::unexpected(status4_of(opened.error()));
    return Through{std::move(*opened), nullptr};
}

Status4 read_data(Work& work, const ReadArguments& arguments, ReadResults& results) {
    if (const Status4 seen = work.look(); seen != Status4::ok) return seen;
    if (const Status4 kind = kind_of(work.node()); kind != Status4::ok) return kind;
    const auto way = find_way(work, arguments.state, share_read);
    if (!way) return way.error();
    const std::uint64_t room = work.room - std::min(work.room, read_header_max);
    const auto part = acts::read_part(work, work.node(), way->file(), arguments.offset,
                                      std::min<std::uint64_t>({arguments.count, work.data_max(), room}));
    if (!part) return status4_of(part.error());
    results.end_of_file = part->end_of_file;
    results.is_last = work.is_last;
    if (work.is_last) results.last_data = part->bytes();
    if (!work.is_last) results.data = part->bytes();
    work.data = part->memory;
    return Status4::ok;
}

Status4 write_data(Work& work, const WriteArguments& arguments, WriteResults& results) {
    if (const Status4 seen = work.look(); seen != Status4::ok) return seen;
    if (work.may(FileRights::add) == Status::rofs) return Status4::rofs;
    if (const Status4 kind = kind_of(work.node()); kind != Status4::ok) return kind;
    const auto way = find_way(work, arguments.state, share_write);
    if (!way) return way.error();
    // What is too much is not refused, but written later: the client hears how much was.
    const Bytes bytes = arguments.data.first(std::min<std::size_t>(arguments.data.size(), work.data_max()));
    const auto done = acts::write_part(work, work.node(), way->file(), arguments.offset, bytes);
    if (!done) return status4_of(done.error());
    results.count = static_cast<std::uint32_t>(*done);
    results.committed = arguments.stable;
    results.verifier = work.shared.write_verifier;
    if (arguments.stable == WriteArguments::Stable::unstable) return Status4::ok;
    work.settle(Descriptor{::fcntl(way->file().get(), F_DUPFD_CLOEXEC, 0)},
                arguments.stable == WriteArguments::Stable::data_sync);
    return Status4::ok;
}

// All of it is brought to the disk, whatever the range: no system call promises the length with it.
Status4 commit_data(Work& work, const CommitArguments& arguments, CommitResults& results) {
    if (const Status4 seen = work.look(); seen != Status4::ok) return seen;
    if (const Status4 kind = kind_of(work.node()); kind != Status4::ok) return kind;
    if (arguments.count > std::numeric_limits<std::uint64_t>::max() - arguments.offset) return Status4::inval;
    results.verifier = work.shared.write_verifier;
    if (work.may(FileRights::add) != Status::ok) return Status4::ok;
    auto file = reopen_for(work, work.node(), O_RDONLY);
    if (!file) file = reopen_for(work, work.node(), O_WRONLY);
    if (!file) return status4_of(file.error());
    work.settle(std::move(*file));
    return Status4::ok;
}

Status4 set_attributes(Work& work, const SetattrArguments& arguments) {
    if (const Status4 seen = work.look(); seen != Status4::ok) return seen;
    const auto wanted = wanted_in(arguments.attributes);
    if (!wanted) return wanted.error();
    if (const Status may = work.may_change(work.node()); may != Status::ok) return status4_of(may);
    if (wanted->changes.size) {
        if (const Status4 kind = kind_of(work.node()); kind != Status4::ok) return kind;
        const auto open = check_state(work, arguments.state, share_write);
        if (!open) return open.error();
    }
    const Status status = apply(work, work.node(), wanted->changes);
    if (status == Status::ok && work.settling.empty()) work.settle_file(work.node());
    return status4_of(status);
}

}  // namespace

void read(Work& work, const ReadArguments& arguments, ReadResults& results) {
    results.status = read_data(work, arguments, results);
}
void write(Work& work, const WriteArguments& arguments, WriteResults& results) {
    results.status = write_data(work, arguments, results);
}
void commit(Work& work, const CommitArguments& arguments, CommitResults& results) {
    results.status = commit_data(work, arguments, results);
}
void setattr(Work& work, const SetattrArguments& arguments, SetattrResults& results) {
    results.status = set_attributes(work, arguments);
    if (results.status == Status4::ok) results.set = arguments.attributes.mask;
}

}  // namespace strata::application::nfs::v4::ops
