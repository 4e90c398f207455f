#include "strata/7_application/nfs/client/files/reading.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "strata/7_application/nfs/client/files/version.hpp"
#include "strata/7_application/nfs/client/session/together.hpp"

namespace strata::application::nfs::client {

namespace asio = session::asio;
using asio::awaitable;

namespace {

constexpr unsigned short_replies_max = 64;  // for the bytes of one READ
constexpr Duration looks_again_after = 1h;

[[noreturn]] void refuse_changed() { throw Failure("it was changed while it was read", "try again", true); }

class InOrder {
public:
    InOrder(Volume& volume, OpenFile& open, const Found& file, std::uint64_t first, std::uint64_t end, const Take& take,
            std::uint32_t at_once_max)
        : volume_(volume),
          open_(open),
          file_(file),
          next_(first),
          end_(end),
          given_(first),
          take_(take),
          at_once_max_(at_once_max) {}

    awaitable<void> run() {
        const std::function<awaitable<void>()> work = [this] { return this->work(); };
        const std::uint64_t count = (end_ - next_) / std::min(volume_.read_size(), at_once_max_) + 1;
        const std::size_t at_once = std::max<std::size_t>(volume_.options().in_flight_max, 1);
        co_await run_together(static_cast<std::size_t>(std::min<std::uint64_t>(count, at_once)), work);
    }

private:
    using Reply = OpenFile::Read;

    // One part after the other, until none is left.
    awaitable<void> work() {
        while (next_ < end_) {
            const std::uint64_t at = next_;
            const auto size = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(end_ - at, std::min(volume_.read_size(), at_once_max_)));
            next_ += size;
            co_await read(at, size);
        }
    }

    awaitable<void> read(std::uint64_t at, std::uint32_t size) {
        const Reply whole = co_await ask(at, size);
        const Bytes first = whole.data;
        if (first.size() == size) {
            co_await give(at, first);
            co_return;
        }
        std::vector<std::byte> bytes(first.begin(), first.end());
        for (unsigned replies = 1; bytes.size() < size; ++replies) {
            if (replies > short_replies_max)
                throw nonsense("the server sends a few bytes of " + std::to_string(size) + " at a time");
            const auto rest = static_cast<std::uint32_t>(size - bytes.size());
            const Reply more = co_await ask(at + bytes.size(), rest);
            bytes.insert(bytes.end(), more.data.begin(), more.data.end());
        }
        co_await give(at, bytes);
    }

    // At least a byte, and no more than that.
    awaitable<Reply> ask(std::uint64_t at, std::uint32_t size) {
        Reply said = co_await open_.read(at, size);
        const std::size_t count = said.data.size();
        if (said.attributes && !is_same_version(*said.attributes, file_.attributes)) refuse_changed();
        if (count > size) throw nonsense("the server sends other bytes than it was asked for");
        if (count < size && said.end_of_file) refuse_changed();
        if (count == 0) throw nonsense("the server sends nothing of a file, and says that there is more");
        volume_.note_read();
        co_return said;
    }

    // When those before have been given.
    awaitable<void> give(std::uint64_t at, Bytes bytes) {
        session::Timer timer = volume_.network().make_timer();
        waiting_[at] = &timer;
        const auto forget = [this, at](void*) { waiting_.erase(at); };
        const std::unique_ptr<void, decltype(forget)> entry(this, forget);
        while (given_ != at) {
            session::error_code woken;
            timer.expires_after(looks_again_after);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        co_await take_(bytes);
        given_ = at + bytes.size();
        if (const auto next = waiting_.find(given_); next != waiting_.end()) next->second->cancel();
    }

    Volume& volume_;
    OpenFile& open_;
    const Found& file_;
    std::uint64_t next_;  // which nobody has asked for
    std::uint64_t end_;
    std::uint64_t given_;                               // how far it was given on
    std::map<std::uint64_t, session::Timer*> waiting_;  // whose turn is later, by where they are
    const Take& take_;
    std::uint32_t at_once_max_;
};

}  // namespace

awaitable<void> read_bytes(Volume& volume, const Found& file, std::uint64_t first, std::uint64_t end, const Take& take,
                           std::uint32_t at_once_max) {
    if (first >= end) co_return;
    const std::unique_ptr<OpenFile> open = co_await volume.open(file, Access::read);
    InOrder reading(volume, *open, file, first, end, take, std::max<std::uint32_t>(at_once_max, 1));
    std::exception_ptr failed;
    try {
        co_await reading.run();
    } catch (...) {
        failed = std::current_exception();
    }
    co_await open->close();
    if (failed) std::rethrow_exception(failed);
}

awaitable<void> check_unchanged(Volume& volume, const Found& file) {
    const Attributes now = co_await volume.attributes_of(file.handle);
    if (!is_same_version(now, file.attributes)) refuse_changed();
}

}  // namespace strata::application::nfs::client
