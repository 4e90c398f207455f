#include "strata/7_application/nfs/client/files/batch.hpp"

#include "strata/7_application/nfs/client/session/together.hpp"
#include "strata/7_application/nfs/v3/data.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v3::Procedure;
using Stable = v3::WriteArguments::Stable;

namespace {

class BatchWriting {
public:
    BatchWriting(Session& session, const Handle& file, std::uint64_t offset, Bytes bytes,
                 const std::function<void(std::uint64_t)>& on_written)
        : session_(session), file_(file), offset_(offset), bytes_(bytes), on_written_(on_written) {}

    awaitable<void> run() {
        for (unsigned again = 0; again <= session_.options().rewrites_max; ++again) {
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
        const std::size_t parts = (bytes_.size() + session_.write_size() - 1) / session_.write_size();
        return std::max<std::size_t>(std::min(parts, session_.options().in_flight_max), 1);
    }

    // One part after the other, until none is left; nothing more of what is to be written again.
    awaitable<void> work() {
        while (next_ < bytes_.size() && !is_forgotten_) {
            const std::size_t at = next_;
            const std::size_t size = std::min<std::size_t>(bytes_.size() - at, session_.write_size());
            next_ += size;
            for (std::size_t done = 0; done < size && !is_forgotten_;)
                done += co_await write(at + done, bytes_.subspan(at + done, size - done));
        }
    }

    // How many of them the server took: at least one.
    awaitable<std::size_t> write(std::size_t at, Bytes bytes) {
        v3::WriteArguments arguments;
        arguments.file = file_;
        arguments.offset = offset_ + at;
        arguments.count = static_cast<std::uint32_t>(bytes.size());
        arguments.stable = Stable::unstable;
        arguments.data = xdr::Opaque<>(bytes);
        const auto called = co_await session_.ask<v3::WriteResults>(Procedure::write, arguments);
        const v3::WriteResults& said = called.value;
        check(said.status);
        if (said.count == 0 || said.count > bytes.size())
            throw nonsense("the server says that it has written " + std::to_string(said.count) + " bytes of " +
                           std::to_string(bytes.size()));
        if (said.committed == Stable::unstable) is_unstable_ = true;
        see(said.verifier);
        session_.note_write();
        written_ += said.count;
        if (on_written_) on_written_(written_);
        co_return said.count;
    }

    // All of the file: other ranges than ours have nothing to wait for.
    awaitable<void> commit() {
        v3::CommitArguments arguments;
        arguments.file = file_;
        const auto called = co_await session_.ask<v3::CommitResults>(Procedure::commit, arguments);
        check(called.value.status);
        see(called.value.verifier);
    }

    void see(const v3::Verifier& verifier) {
        if (verifier_.value_or(verifier) != verifier) is_forgotten_ = true;
        verifier_ = verifier;
    }

    Session& session_;
    const Handle& file_;
    std::uint64_t offset_;
    Bytes bytes_;
    const std::function<void(std::uint64_t)>& on_written_;
    std::size_t next_ = 0;  // which nobody has begun with
    std::uint64_t written_ = 0;
    std::optional<v3::Verifier> verifier_;
    bool is_forgotten_ = false;
    bool is_unstable_ = false;  // some of it waits for COMMIT
};

}  // namespace

awaitable<void> write_batch(Session& session, const Handle& file, std::uint64_t offset, Bytes bytes,
                            const std::function<void(std::uint64_t)>& on_written) {
    if (bytes.empty()) co_return;
    BatchWriting writing(session, file, offset, bytes, on_written);
    co_await writing.run();
}

}  // namespace strata::application::nfs::client
