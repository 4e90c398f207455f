#include "strata/7_application/remote/parts/parts.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>

#include "strata/7_application/http/message/date.hpp"

namespace strata::application {

using session::asio::awaitable;

namespace {

// The pieces of one file, which several work on.
class Pieces {
public:
    Pieces(std::string target, FileVersion version, OutputFile& out, Progress on_progress)
        : target_(std::move(target)), version_(std::move(version)), out_(out), on_progress_(std::move(on_progress)) {}

    // One piece after the other, until none is left or one failed.
    awaitable<void> work(Remote& by) {
        try {
            while (next_ < out_.missing().size() && !failure_) {
                const std::size_t number = next_++;
                const Section wanted = out_.missing()[number];
                Remote::Take take = [this, number](Bytes bytes) { keep(number, bytes); };
                awaitable<void> reading =
                    by.read_piece(target_, version_, {.first = wanted.place, .end = wanted.end}, std::move(take));
                co_await std::move(reading);
                see_whole(number);
            }
        } catch (...) {
            if (!failure_) failure_ = std::current_exception();
        }
        co_await by.leave();
    }
    void tell() const {
        if (on_progress_) on_progress_(*version_.total - missing_bytes(), version_.total);
    }
    void rethrow() const {
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    void keep(std::size_t number, Bytes bytes) {
        const Section& section = out_.missing()[number];
        if (bytes.size() > section.end - section.place)
            throw TransferError("the server sent more of " + target_ + " than was asked for; fetch it without --parts");
        out_.write_at(number, bytes);
        tell();
    }
    void see_whole(std::size_t number) const {
        const Section& section = out_.missing()[number];
        if (section.place != section.end)
            throw PassingError("the server sent less of " + target_ + " than was asked for; try again");
    }
    [[nodiscard]] std::uint64_t missing_bytes() const {
        std::uint64_t bytes = 0;
        for (const Section& each : out_.missing()) bytes += each.end - each.place;
        return bytes;
    }

    std::string target_;
    FileVersion version_;
    OutputFile& out_;
    Progress on_progress_;
    std::size_t next_ = 0;
    std::exception_ptr failure_;
};

// All at once, from this one on.
awaitable<void> work_together(Pieces& pieces, std::vector<Remote*>& workers, std::size_t from) {
    using namespace session::asio::experimental::awaitable_operators;
    awaitable<void> first = pieces.work(*workers[from]);
    if (from + 1 == workers.size()) {
        co_await std::move(first);
        co_return;
    }
    awaitable<void> others = work_together(pieces, workers, from + 1);
    co_await (std::move(first) && std::move(others));
}

// Nothing is known where the protocol has no word for it.
awaitable<std::optional<FileVersion>> version_of(Remote& remote, std::string target) {
    std::optional<FileVersion> version;
    try {
        version = co_await remote.version(std::move(target));
    } catch (const NotSupported&) {
        version.reset();
    }
    co_return version;
}

bool has_pieces(const std::optional<FileVersion>& version, const PartsOptions& options) {
    return version && version->known() && version->total && *version->total / 2 >= options.least;
}

}  // namespace

awaitable<void> read_in_parts(Remote& remote, MakeRemote another, std::string target, OutputFile& out,
                              Progress on_progress, PartsOptions options) {
    std::optional<FileVersion> version;
    if (options.at_once > 1 && out.can_be_split()) version = co_await version_of(remote, target);
    if (!has_pieces(version, options)) {
        co_await remote.read(target, out, std::move(on_progress));
        co_return;
    }
    const std::size_t count = std::min(out.split(*version, options.at_once, options.least).size(), options.at_once);
    if (const auto date = http::parse_date(version->last_modified, options.now)) out.note_date(*date);
    std::vector<std::unique_ptr<Remote>> made;
    std::vector<Remote*> workers{&remote};
    while (workers.size() < count) workers.push_back(made.emplace_back(another()).get());
    Pieces pieces(target, *version, out, std::move(on_progress));
    pieces.tell();
    if (count > 0) co_await work_together(pieces, workers, 0);
    pieces.rethrow();
    // It may have been replaced behind the answers that the pieces were compared with; and what an
    // earlier fetch left may be shorter than its records say.
    const std::optional<FileVersion> now = co_await version_of(remote, target);
    if (now == version) out.join();
    if (now == version && out.size() == *version->total) co_return;
    out.restart();
    throw PassingError((now == version ? "what was there of a file is not as long as was recorded: "
                                       : "a file was changed while it was fetched in pieces: ") +
                       target + "; try again");
}

}  // namespace strata::application
