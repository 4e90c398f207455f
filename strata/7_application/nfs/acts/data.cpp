// What is in files (RFC 1813 3.3.6, 3.3.7; RFC 7530 16.23, 16.36).
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/work/growth.hpp"

namespace strata::application::nfs::acts {
namespace {

constexpr auto offset_max = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
constexpr std::size_t worth_a_block = 64 << 10;

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

// Much is read into memory that is there already.
SpareBlocks::Block memory_for(const Work& work, std::size_t size) {
    SpareBlocks& blocks = *work.shared.blocks;
    return size >= worth_a_block && size <= blocks.block_size() ? blocks.take() : SpareBlocks::plain(size);
}

}  // namespace

Status kind_of_data(const Node& node) noexcept {
    if (node.seen.is_folder()) return Status::isdir;
    return node.seen.is_file() ? Status::ok : Status::inval;
}

std::expected<Part, Status> read_part(const Work& work, const Node& node, const Descriptor& file, std::uint64_t offset,
                                      std::uint64_t size_max) {
    const std::uint64_t size = node.seen.facts.stx_size;
    // Nothing is taken for what a short file does not have.
    const std::uint64_t count = offset < size ? std::min(size_max, size - offset) : 0;
    const std::shared_ptr<std::byte[]> memory = memory_for(work, count);
    const auto done = read_at(file, offset, {memory.get(), count});
    if (!done) return std::unexpected(done.error());
    const auto now = attributes_now(file.get());
    const std::uint64_t size_now = now ? now->size : size;
    return Part{memory, *done, offset >= size_now || size_now - offset <= *done};
}

std::expected<std::size_t, Status> write_part(const Work& work, const Node& node, const Descriptor& file,
                                              std::uint64_t offset, Bytes bytes) {
    if (offset > offset_max || bytes.size() > offset_max - offset) return std::unexpected(Status::fbig);
    const std::uint64_t size = node.seen.facts.stx_size;
    const std::uint64_t end = bytes.empty() ? size : std::max(size, offset + bytes.size());
    Growth growth(work.shared.root, size);
    if (const std::error_code full = growth.to(end, bytes.size(), node.at.get()))
        return std::unexpected(status_of(full));
    const auto done = write_at(file, offset, bytes);
    if (!done) return done;
    growth.is(*done == 0 ? size : std::max(size, offset + *done));
    return done;
}

}  // namespace strata::application::nfs::acts
