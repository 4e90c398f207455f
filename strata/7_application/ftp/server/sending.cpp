// RETR: a file goes to the client.
#include <algorithm>
#include <boost/asio/error.hpp>
#include <vector>

#include "strata/6_presentation/netascii/line_ends.hpp"
#include "strata/7_application/ftp/server/transfer.hpp"

namespace strata::application::ftp {
namespace {

namespace asio = session::asio;
using asio::awaitable;
using session::error_code;

constexpr std::size_t text_at_a_time = 32 << 10;  // bytes of a file that is text

// As many bytes as the file had when it was opened: one that became longer or shorter must not look
// like the one that was asked for.
class Sending final : public Transfer {
public:
    Sending(Shared& shared, std::string request, std::shared_ptr<const OpenFile> file, std::uint64_t from, bool ascii)
        : Transfer(shared, std::move(request)), file_(std::move(file)), from_(from), ascii_(ascii) {}

private:
    awaitable<Outcome> carry(session::Stream& stream, Watchdog& watchdog) override {
        const error_code error = ascii_ ? co_await send_text(stream, watchdog) : co_await send_bytes(stream, watchdog);
        if (!error) co_return co_await send_end(stream, watchdog);
        watchdog.look();
        bytes_ = watchdog.arrived();
        co_return lost(watchdog, error == asio::error::eof);
    }

    awaitable<error_code> send_bytes(session::Stream& stream, Watchdog& watchdog) {
        const FileFacts& facts = file_->facts();
        const session::FileSlice rest{file_->descriptor(), from_, facts.size - from_, facts.device};
        co_return co_await send(stream, watchdog, {}, rest);
    }

    awaitable<error_code> send_text(session::Stream& stream, Watchdog& watchdog) {
        presentation::LineEndsEncoder encoder;
        std::vector<std::byte> text(text_at_a_time);
        std::vector<std::byte> wire;
        error_code error;
        for (std::uint64_t at = 0; at < file_->facts().size && !error;) {
            const auto left = std::min<std::uint64_t>(text.size(), file_->facts().size - at);
            const auto read = file_->read(at, MutableBytes(text).first(static_cast<std::size_t>(left)));
            if (!read || *read == 0) co_return asio::error::eof;
            wire.clear();
            encoder.encode(Bytes(text).first(*read), wire);
            error = co_await send(stream, watchdog, wire);
            at += *read;
        }
        co_return error;
    }

    std::shared_ptr<const OpenFile> file_;
    std::uint64_t from_;
    bool ascii_;
};

class Line final : public Transfer {
public:
    Line(Shared& shared, std::string request, std::string line)
        : Transfer(shared, std::move(request)), line_(std::move(line)) {}

private:
    awaitable<Outcome> carry(session::Stream& stream, Watchdog& watchdog) override {
        const error_code error = co_await send(stream, watchdog, bytes_of(line_));
        if (error) co_return lost(watchdog, false);
        co_return co_await send_end(stream, watchdog);
    }

    std::string line_;
};

}  // namespace

std::shared_ptr<Transfer> make_sending(Shared& shared, std::string request, std::shared_ptr<const OpenFile> file,
                                       std::uint64_t from, bool ascii) {
    return std::make_shared<Sending>(shared, std::move(request), std::move(file), from, ascii);
}

std::shared_ptr<Transfer> make_line(Shared& shared, std::string request, std::string line) {
    return std::make_shared<Line>(shared, std::move(request), std::move(line));
}

}  // namespace strata::application::ftp
