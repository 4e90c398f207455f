// What the tests of TFTP's two ends share: a file in memory, one that is written into memory, and a
// peer that notes what it is sent.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "strata/7_application/tftp/transfer/transfer.hpp"

namespace strata::application::tftp {

class TextReading final : public Reading {
public:
    explicit TextReading(std::string made_of) : text(std::move(made_of)), size_(text.size()) {}
    std::uint64_t size() const noexcept override { return size_; }
    std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const override {
        if (fails) return std::unexpected(std::make_error_code(std::errc::io_error));
        const Bytes rest = bytes_of(text).subspan(std::min<std::size_t>(offset, text.size()));
        const std::size_t count = std::min(rest.size(), buffer.size());
        std::ranges::copy(rest.first(count), buffer.begin());
        return count;
    }
    std::string text;  // may become shorter than it was
    bool fails = false;

private:
    std::uint64_t size_;
};

class TextWriting final : public Writing {
public:
    std::error_code write(Bytes bytes) override {
        text += text_of(bytes);
        return on_write;
    }
    std::error_code commit() override {
        ++commits;
        return on_commit;
    }
    std::string text;
    int commits = 0;
    std::error_code on_write{}, on_commit{};
};

// Packets in words: "DATA 1 (512)", "ACK 0", "ERROR 5", "OACK", "RRQ".
[[nodiscard]] inline std::string in_short(Bytes datagram) {
    const auto packet = parse(datagram);
    if (!packet) return "nonsense";
    if (const auto* data = std::get_if<Data>(&*packet))
        return "DATA " + std::to_string(data->block) + " (" + std::to_string(data->bytes.size()) + ")";
    if (const auto* ack = std::get_if<Acknowledgment>(&*packet)) return "ACK " + std::to_string(ack->block);
    if (const auto* error = std::get_if<ErrorMessage>(&*packet))
        return "ERROR " + std::to_string(static_cast<unsigned>(error->code));
    if (const auto* request = std::get_if<Request>(&*packet)) return request->write ? "WRQ" : "RRQ";
    return "OACK";
}

class NotedOutbox final : public Outbox {
public:
    void send(std::span<const Bytes> datagrams) override {
        for (const Bytes datagram : datagrams) {
            sent.push_back(in_short(datagram));
            octets += datagram.size();
        }
    }
    MutableBytes room(std::size_t at_least) override {
        room_.resize(std::max<std::size_t>(at_least, 4096));
        return room_;
    }
    // What was sent since it was asked last, one behind the other.
    [[nodiscard]] std::string took() {
        std::string all;
        for (const std::string& one : std::exchange(sent, {})) all += (all.empty() ? "" : ", ") + one;
        return all;
    }
    std::vector<std::string> sent;
    std::size_t octets = 0;

private:
    std::vector<std::byte> room_;
};

// A transfer in time that passes when it is told to.
struct TransferBench : testing::Test {
    void wait(Duration time) {
        now += time;
        transfer->deadline_reached(now);
    }
    // Until the next deadline, and at it.
    void wait_for_deadline() {
        ASSERT_NE(transfer->deadline(), never);
        now = std::max(now, transfer->deadline());
        transfer->deadline_reached(now);
    }
    void acknowledge(std::uint16_t block) { transfer->hear(Acknowledgment{block}, now); }
    void data(std::uint16_t block, std::string_view text) { transfer->hear(Data{block, bytes_of(text)}, now); }
    [[nodiscard]] Outcome::How how() const { return transfer->outcome()->how; }

    SeededEntropy entropy{1};
    NotedOutbox outbox;
    TransferOptions options;
    Instant now{100s};
    std::unique_ptr<Transfer> transfer;
};

}  // namespace strata::application::tftp
