// READ, WRITE, COMMIT (RFC 1813 3.3.6, 3.3.7, 3.3.21).
#include <fcntl.h>

#include <algorithm>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

constexpr std::size_t read_header_max = 128;  // of a READ's results, before the data

Status read_data(Work& work, const ReadArguments& arguments, ReadResults& results) {
    const Node& node = work.nodes[0];
    if (const Status kind = acts::kind_of_data(node); kind != Status::ok) return kind;
    const auto file = reopen_for(work, node, O_RDONLY);
    if (!file) return status_of(file.error());
    const std::size_t room = work.call.results_room - std::min(work.call.results_room, read_header_max);
    const auto part = acts::read_part(work, node, *file, arguments.offset,
                                      std::min<std::uint64_t>({arguments.count, work.data_max(), room}));
    if (!part) return part.error();
    results.attributes = attributes_now(file->get());
    results.data = part->bytes();
    results.count = static_cast<std::uint32_t>(part->size);
    results.end_of_file = part->end_of_file;
    work.owner = part->memory;
    return Status::ok;
}

Status write_data(Work& work, const WriteArguments& arguments, WriteResults& results) {
    const Node& node = work.nodes[0];
    if (const Status may = work.may_change(node); may != Status::ok) return may;
    if (const Status kind = acts::kind_of_data(node); kind != Status::ok) return kind;
    if (arguments.count != arguments.data.size()) return Status::inval;
    // What is too much is not refused, but written later: the client hears how much was.
    const Bytes bytes = arguments.data.first(std::min<std::size_t>(arguments.data.size(), work.data_max()));
    auto file = reopen_for(work, node, O_WRONLY);
    if (!file) return status_of(file.error());
    const auto done = acts::write_part(work, node, *file, arguments.offset, bytes);
    if (!done) return done.error();
    results.count = static_cast<std::uint32_t>(*done);
    results.committed = arguments.stable;
    results.verifier = work.shared.write_verifier;
    if (arguments.stable != WriteArguments::Stable::unstable)
        work.settle(std::move(*file), arguments.stable == WriteArguments::Stable::data_sync);
    return Status::ok;
}

}  // namespace

void read(Work& work, const ReadArguments& arguments, ReadResults& results) {
    results.attributes = attributes_of(work.nodes[0].seen);
    results.status = read_data(work, arguments, results);
}

void write(Work& work, const WriteArguments& arguments, WriteResults& results) {
    results.status = write_data(work, arguments, results);
    results.wcc = wcc_of(work.nodes[0]);
}

// All of it is brought to the disk, whatever the range: no system call promises the length with it.
void commit(Work& work, const CommitArguments& /*arguments*/, CommitResults& results) {
    const Node& node = work.nodes[0];
    results.wcc = wcc_of(node);
    results.verifier = work.shared.write_verifier;
    results.status = acts::kind_of_data(node);
    if (results.status != Status::ok || work.may(FileRights::add) != Status::ok) return;
    auto file = reopen_for(work, node, O_RDONLY);
    if (!file) file = reopen_for(work, node, O_WRONLY);
    if (file) return work.settle(std::move(*file));
    results.status = status_of(file.error());
}

}  // namespace strata::application::nfs::v3::deeds
