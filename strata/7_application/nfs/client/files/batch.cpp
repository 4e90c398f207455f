#include "strata/7_application/nfs/client/files/batch.hpp"

#include "strata/7_application/nfs/client/session/together.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;

namespace {

class BatchWriting {
public:
    BatchWriting(Volume& volume, OpenFile& file, std::uint64_t offset, Bytes bytes,
                 const std::function<void(std::uint64_t)>& on_written)
        : volume_(volume), file_(file), offset_(offset), bytes_(bytes), on_written_(on_written) {}

    awaitable<void> run() {
        for (unsigned again = 0; again <= volume_.options().rewrites_max; ++again) {
            next_ = written_ = 0;
            verifier_.reset();
            is_forgotten_ = is_unstable_ = false;
            const std::function<awaitable<void>()> work = [this] { return this->work(); };
            co_await run_together(workers(), work);
            if (is_unstable_ && !is_forgotten_) co_await commit();
            if (!is_forgotten_) co_return;
        }
        throw Failure("the server forgets what was written before it is on its disk, again and again", "try again",
                      true);
    }

private:
    [[nodiscard]] std::size_t workers() const {
        const std::size_t parts = (bytes_.size() + volume_.write_size() - 1) / volume_.write_size();
        return std::max<std::size_t>(std::min(parts, volume_.options().in_flight_max), 1);
    }

    // One part after the other, until none is left; nothing more of what is to be written again.
    awaitable<void> work() {
        while (next_ < bytes_.size() && !is_forgotten_) {
            const std::size_t at = next_;
            const std::size_t size = std::min<std::size_t>(bytes_.size() - at, volume_.write_size());
            next_ += size;
            for (std::size_t done = 0; done < size && !is_forgotten_;)
                done += co_await write(at + done, bytes_.subspan(at + done, size - done));
        }
    }

    // How many of them the server took: at least one.
    awaitable<std::size_t> write(std::size_t at, Bytes bytes) {
        const OpenFile::Written said = co_await file_.write(offset_ + at, bytes);
        if (said.count == 0 || said.count > bytes.size())
            throw nonsense("the server says that it has written " + std::to_string(said.count) + " bytes of " +
                           std::to_string(bytes.size()));
        if (said.waits_for_commit) is_unstable_ = true;
        see(said.verifier);
        volume_.note_write();
        written_ += said.count;
        if (on_written_) on_written_(written_);
        co_return said.count;
    }

    awaitable<void> commit() {
        const OpenFile::Verifier verifier = co_await file_.commit();
        see(verifier);
    }

    void see(const OpenFile::Verifier& verifier) {
        if (verifier_.value_or(verifier) != verifier) is_forgotten_ = true;
        verifier_ = verifier;
    }

    Volume& volume_;
    OpenFile& file_;
    std::uint64_t offset_;
    Bytes bytes_;
    const std::function<void(std::uint64_t)>& on_written_;
    std::size_t next_ = 0;  // which nobody has begun with
    std::uint64_t written_ = 0;
    std::optional<OpenFile::Verifier> verifier_;
    bool is_forgotten_ = false;
    bool is_unstable_ = false;  // some of it waits for COMMIT
};

}  // namespace

awaitable<void> write_batch(Volume& volume, OpenFile& file, std::uint64_t offset, Bytes bytes,
                            const std::function<void(std::uint64_t)>& on_written) {
    if (bytes.empty()) co_return;
    BatchWriting writing(volume, file, offset, bytes, on_written);
    co_await writing.run();
}

}  // namespace strata::application::nfs::client
