// READ, WRITE, COMMIT (RFC 1813 3.3.6, 3.3.7, 3.3.21).
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "strata/7_application/nfs/v3/deeds.hpp"
#include "strata/7_application/nfs/v3/growth.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

constexpr auto offset_max = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
constexpr std::size_t read_header_max = 128;  // of a READ's results, before the data

Status kind_of_data(const Node& node) noexcept {
    if (node.seen.is_folder()) return Status::isdir;
    return node.seen.is_file() ? Status::ok : Status::inval;
}

// Less only at the file's end.
std::expected<std::size_t, Status> read_at(const Descriptor& file, std::uint64_t offset, MutableBytes into) {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t count =
            ::pread(file.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(status_of_errno());
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

// Less if the disk is full in the midst of it; an error if nothing was written.
std::expected<std::size_t, Status> write_at(const Descriptor& file, std::uint64_t offset, Bytes bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t count =
            ::pwrite(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && done > 0) break;
        if (count < 0) return std::unexpected(status_of_errno());
        done += static_cast<std::size_t>(count);
    }
    return done;
}

Status read_data(Work& work, const ReadArguments& arguments, ReadResults& results) {
    const Node& node = work.nodes[0];
    if (const Status kind = kind_of_data(node); kind != Status::ok) return kind;
    const auto file = reopen(node, O_RDONLY);
    if (!file) return status_of(file.error());
    const std::uint64_t size = node.seen.facts.stx_size;
    const std::size_t room = work.call.results_room - std::min(work.call.results_room, read_header_max);
    std::uint64_t count = std::min<std::uint64_t>({arguments.count, work.data_max(), room});
    // Nothing is taken for what a short file does not have.
    count = arguments.offset < size ? std::min(count, size - arguments.offset) : 0;
    const auto data = std::make_shared_for_overwrite<std::byte[]>(count);
    const auto done = read_at(*file, arguments.offset, {data.get(), count});
    if (!done) return done.error();
    results.attributes = attributes_now(file->get());
    results.data = Bytes(data.get(), *done);
    results.count = static_cast<std::uint32_t>(*done);
    const std::uint64_t size_now = results.attributes ? results.attributes->size : size;
    results.end_of_file = arguments.offset >= size_now || size_now - arguments.offset <= *done;
    work.owner = data;
    return Status::ok;
}

Status write_data(Work& work, const WriteArguments& arguments, WriteResults& results) {
    const Node& node = work.nodes[0];
    if (const Status may = work.may_change(node); may != Status::ok) return may;
    if (const Status kind = kind_of_data(node); kind != Status::ok) return kind;
    if (arguments.count != arguments.data.size()) return Status::inval;
    // What is too much is not refused, but written later: the client hears how much was.
    const Bytes bytes = arguments.data.first(std::min<std::size_t>(arguments.data.size(), work.data_max()));
    if (arguments.offset > offset_max || bytes.size() > offset_max - arguments.offset) return Status::fbig;
    const std::uint64_t size = node.seen.facts.stx_size;
    const std::uint64_t end = bytes.empty() ? size : std::max(size, arguments.offset + bytes.size());
    Growth growth(work.shared.root, size);
    if (const std::error_code full = growth.to(end, bytes.size(), node.at.get())) return status_of(full);
    auto file = reopen(node, O_WRONLY);
    if (!file) return status_of(file.error());
    const auto done = write_at(*file, arguments.offset, bytes);
    if (!done) return done.error();
    growth.is(*done == 0 ? size : std::max(size, arguments.offset + *done));
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
    results.status = kind_of_data(node);
    if (results.status != Status::ok || work.may(FileRights::add) != Status::ok) return;
    auto file = reopen(node, O_RDONLY);
    if (!file) file = reopen(node, O_WRONLY);
    if (file) return work.settle(std::move(*file));
    results.status = status_of(file.error());
}

}  // namespace strata::application::nfs::v3::deeds
