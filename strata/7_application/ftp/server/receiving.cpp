// STOR, STOU, APPE: a file comes from the client.
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "strata/6_presentation/netascii/line_ends.hpp"
#include "strata/7_application/ftp/server/replies.hpp"
#include "strata/7_application/ftp/server/transfer.hpp"
#include "strata/7_application/serving/aside.hpp"
#include "strata/7_application/serving/intake.hpp"

namespace strata::application::ftp {
namespace {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

constexpr std::size_t received_at_a_time = 256 << 10;
constexpr std::size_t heard_out_max = 4 << 20;  // bytes of a file that is not taken
constexpr Duration patience_with_the_refused = 2s;
// Of the event loop, until the end of the other connection is seen too.
constexpr int turns_for_what_came_together = 4;
constexpr int share_of_doubt = 16;  // of the time that a file took
constexpr Duration least_doubt = 100us;
constexpr std::uint64_t copied_at_a_time = 8 << 20;  // of what stays, between two turns of the event loop

// Brings it to the disk, or puts it in place: both wait for the disk.
class ToTheDisk final : public Chore {
public:
    enum class Step : std::uint8_t { settle, commit };
    ToTheDisk(Upload& upload, Step step) : upload_(upload), step_(step) {}
    void do_it() override {
        const auto done = step_ == Step::settle ? upload_.settle() : upload_.commit();
        error = done ? std::error_code{} : done.error();
    }
    std::error_code error = std::make_error_code(std::errc::io_error);

private:
    Upload& upload_;  // its owner waits
    Step step_;
};

class Receiving final : public Transfer {
public:
    Receiving(Shared& shared, std::string request, Upload upload, bool ascii, std::optional<std::uint64_t> size)
        : Transfer(shared, std::move(request)), upload_(std::move(upload)), ascii_(ascii), size_(size) {}

private:
    awaitable<Outcome> carry(session::Stream& stream, Watchdog& watchdog) override {
        std::error_code wrong = co_await copy();
        if (wrong) co_return refusal(wrong);
        const error_code error = co_await receive(stream, watchdog, wrong);
        if (wrong) {
            Outcome refused = refusal(wrong);
            refused.in_order = co_await hear_out(stream, watchdog);
            co_return refused;
        }
        if (error || is_cancelled()) co_return lost(watchdog, false);
        watchdog.reset();  // it is not the client who takes his time now
        const Instant ended = shared_.network.now();
        wrong = co_await wait_for(ToTheDisk::Step::settle);
        co_await doubt(ended);
        if (is_cancelled()) co_return lost(watchdog, false);
        if (!wrong) wrong = co_await wait_for(ToTheDisk::Step::commit);
        co_return wrong ? refusal(wrong) : Outcome{};
    }

    awaitable<std::error_code> copy() {
        for (;;) {
            const auto more = upload_.go_on_copying(copied_at_a_time);
            if (!more) co_return more.error();
            if (!*more || is_cancelled()) co_return std::error_code{};
            co_await asio::post(shared_.network.get_executor(), use_awaitable);
        }
    }

    // To the end of the stream. `wrong`: it could not be kept.
    awaitable<error_code> receive(session::Stream& stream, Watchdog& watchdog, std::error_code& wrong) {
        const auto room = std::make_unique_for_overwrite<std::byte[]>(received_at_a_time);
        Intake intake(shared_.options.patience, shared_.network.now());
        error_code error;
        while (!error && !wrong) {
            watchdog.expect_within(shared_.options.patience.stall_timeout);
            const asio::mutable_buffer buffer(room.get(), received_at_a_time);
            const std::size_t count = co_await stream.async_read_some(buffer, redirect_error(use_awaitable, error));
            bytes_ += count;
            wrong = keep({room.get(), count}, error == asio::error::eof);
            if (!error && intake.too_slow(shared_.network.now(), bytes_)) error = asio::error::timed_out;
        }
        co_return error == asio::error::eof ? error_code{} : error;
    }

    // A client that was killed ends both connections in order, one soon after the other, and is not
    // there any more to be told that half a file is one. The more there is to lose the longer it is
    // waited for; not for one that said how long the file is (ALLO).
    awaitable<void> doubt(Instant ended) {
        for (int i = 0; i < turns_for_what_came_together; ++i)
            co_await asio::post(shared_.network.get_executor(), use_awaitable);
        const Duration wanted = std::min((ended - began) / share_of_doubt, shared_.options.doubt_max);
        const Duration left = ended + wanted - shared_.network.now();
        if (is_cancelled() || size_ == bytes_ || left < least_doubt) co_return;
        session::Timer timer = shared_.network.make_timer();
        timer.expires_after(left);
        error_code error;
        co_await timer.async_wait(redirect_error(use_awaitable, error));
    }

    // A client that is reset in the middle of its file does not read why. What it has on its way is
    // thrown away; false: it goes on for too long.
    static awaitable<bool> hear_out(session::Stream& stream, Watchdog& watchdog) {
        watchdog.only_cancels(true);
        watchdog.expect_within(patience_with_the_refused);
        std::vector<std::byte> nowhere(received_at_a_time);
        error_code error;
        for (std::size_t heard = 0; !error && heard < heard_out_max;)
            heard += co_await stream.async_read_some(asio::buffer(nowhere), redirect_error(use_awaitable, error));
        co_return error == asio::error::eof;
    }

    std::error_code keep(Bytes bytes, bool last) {
        if (ascii_) {
            text_.clear();
            decoder_.decode(bytes, text_);
            if (last) decoder_.finish(text_);
            bytes = text_;
        }
        if (bytes.size() > shared_.options.size_max - upload_.size())
            return std::make_error_code(std::errc::file_too_large);
        const auto written = upload_.write(bytes);
        return written ? std::error_code{} : written.error();
    }

    awaitable<std::error_code> wait_for(ToTheDisk::Step step) {
        const auto chore = std::make_shared<ToTheDisk>(upload_, step);
        if (!shared_.options.sync) {
            chore->do_it();
            co_return chore->error;
        }
        const asio::any_io_executor executor = shared_.network.get_executor();
        error_code none;
        auto doing = Aside::of(executor).async_do(chore, executor, redirect_error(use_awaitable, none));
        co_await std::move(doing);
        co_return chore->error;
    }

    static Outcome refusal(const std::error_code& error) {
        const Refusal why = refusal_of_writing(error);
        return {why.code == 550 ? 451u : why.code, std::string(why.text), Ending::not_kept};
    }

    Upload upload_;
    presentation::LineEndsDecoder decoder_;
    std::vector<std::byte> text_;
    bool ascii_;
    std::optional<std::uint64_t> size_;  // that the client has told
};

}  // namespace

std::shared_ptr<Transfer> make_receiving(Shared& shared, std::string request, Upload upload, bool ascii,
                                         std::optional<std::uint64_t> size) {
    return std::make_shared<Receiving>(shared, std::move(request), std::move(upload), ascii, size);
}

}  // namespace strata::application::ftp
