// The application on a TCP of ours: writes a stream without end until it is told to stop, or says
// what it hears, and checks every octet that it reads.
#pragma once

#include <algorithm>
#include <array>

#include "strata/4_transport/tcp/tcp.hpp"
#include "tests/support/misbehaving/streams.hpp"

namespace strata::test {

class Application final : public transport::tcp::ConnectionUser {
public:
    struct Task {
        unsigned out_stream = 0;
        unsigned in_stream = 0;
        bool writes = false;
        bool echoes = false;
    };
    Application(std::string name, transport::tcp::Tcp& stack, Scheduler& scheduler, const Task& task,
                Findings& findings)
        : name_(std::move(name)), stack_(stack), scheduler_(scheduler), task_(task), findings_(findings) {}

    void begin(transport::tcp::Connection* connection) {
        connection_ = connection;
        connection_->set_user(this);
        read_at_ = scheduler_.now();
        go_on();
    }
    // Nothing new is written; it closes when all is said.
    void stop() {
        stopped_ = true;
        go_on();
    }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    [[nodiscard]] std::uint64_t read() const noexcept { return read_; }
    [[nodiscard]] bool end_seen() const noexcept { return end_seen_; }
    [[nodiscard]] bool over() const noexcept { return over_; }
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    // The longest time without anything to read.
    [[nodiscard]] Duration silence_max() const { return std::max(silence_max_, scheduler_.now() - read_at_); }
    void forget_silence() {
        silence_max_ = {};
        read_at_ = scheduler_.now();
    }

    // --- transport::tcp::ConnectionUser
    void connected() override { go_on(); }
    void readable() override { go_on(); }
    void writable() override { go_on(); }
    void closed(std::error_code error) override {
        go_on();
        over_ = true;
        error_ = error;
        stack_.release(std::exchange(connection_, nullptr));
    }

private:
    static constexpr std::size_t piece = 16384;

    void go_on() {
        if (connection_ == nullptr) return;
        // An echo that was written makes room for what waits to be
        // read, and that can be echoed in turn.
        for (bool more = true; more;) {
            const bool has_read = read_all();
            const bool has_written = write_all();
            more = has_read || (has_written && task_.echoes);
        }
        const bool said = task_.echoes ? end_seen_ && written_ == read_ : task_.writes ? stopped_ : end_seen_;
        if (said) connection_->close();
    }

    // Both say whether there was anything.
    bool read_all() {
        std::array<std::byte, piece> buffer;
        const std::uint64_t before = read_;
        while (!end_seen_ && (!task_.echoes || read_ - written_ < 2 * piece)) {
            const auto count = connection_->read(buffer);
            if (!count) break;
            if (*count == 0) {
                end_seen_ = true;
                break;
            }
            if (!std::ranges::equal(Bytes{buffer}.first(*count), octets(task_.in_stream, read_, *count)))
                findings_.add(scheduler_.now(),
                              name_ + " read octets that were not sent, from " + std::to_string(read_));
            read_ += *count;
            silence_max_ = std::max(silence_max_, scheduler_.now() - read_at_);
            read_at_ = scheduler_.now();
        }
        return read_ != before;
    }

    bool write_all() {
        const std::uint64_t before = written_;
        for (;;) {
            const std::uint64_t left = task_.echoes ? read_ - written_ : task_.writes && !stopped_ ? piece : 0;
            if (left == 0) break;
            const auto count =
                connection_->write(octets(task_.out_stream, written_, std::min<std::size_t>(left, piece)));
            if (!count) break;
            written_ += *count;
        }
        return written_ != before;
    }

    std::string name_;
    transport::tcp::Tcp& stack_;
    Scheduler& scheduler_;
    Task task_;
    Findings& findings_;
    transport::tcp::Connection* connection_ = nullptr;
    std::uint64_t written_ = 0;
    std::uint64_t read_ = 0;
    bool stopped_ = false;
    bool end_seen_ = false;
    bool over_ = false;
    std::error_code error_;
    Instant read_at_{};
    Duration silence_max_{};
};

}  // namespace strata::test
