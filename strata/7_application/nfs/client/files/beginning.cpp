#include "strata/7_application/nfs/client/files/beginning.hpp"

#include <boost/asio/awaitable.hpp>

#include "strata/7_application/nfs/client/files/reading.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;

namespace {

constexpr std::uint64_t strictly_compared = 64 << 10;

struct Comparing {
    const InputFile& in;
    std::uint64_t at, sure;
    bool same = true;

    void compare(Bytes theirs) {
        std::vector<std::byte> ours(theirs.size());
        const auto count = in.read_at(at, ours);
        same = same && count == theirs.size();
        for (std::size_t i = 0; i < theirs.size() && same; ++i) {
            const bool may_be_gap = at + i >= sure && theirs[i] == std::byte{0};
            same = theirs[i] == ours[i] || may_be_gap;
        }
        at += theirs.size();
    }
};

awaitable<void> at_once() { co_return; }

}  // namespace

awaitable<std::optional<std::uint64_t>> sent_already(Volume& volume, const Found& there, const InputFile& in) {
    std::optional<std::uint64_t> found;
    const std::uint64_t size = there.attributes.size;
    if (!there.is_file() || size > *in.size()) co_return found;
    const std::uint64_t sure = size - std::min(size, volume.options().commit_bytes);
    Comparing comparing{in, sure - std::min(sure, strictly_compared), sure};
    const Take take = [&comparing](Bytes bytes) {
        comparing.compare(bytes);
        return at_once();
    };
    co_await read_bytes(volume, there, comparing.at, size, take, volume.read_size());
    if (comparing.same) found = sure;
    co_return found;
}

}  // namespace strata::application::nfs::client
