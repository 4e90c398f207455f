// A serial line whose other end is the test itself, and users that keep what they get.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/1_physical/serial/serial_line.hpp"
#include "strata/2_link/service.hpp"

namespace strata::test {

class TestSerialLine final : public physical::SerialLine {
public:
    explicit TestSerialLine(physical::SerialUnit unit = physical::SerialUnit::octet) : unit_(unit) {}

    [[nodiscard]] physical::SerialUnit unit() const noexcept override { return unit_; }
    [[nodiscard]] bool carrier() const noexcept override { return up; }
    void attach(physical::SerialLineUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(Bytes octets) override {
        const std::size_t taken = std::min(octets.size(), room - std::min(room, sent.size()));
        sent.insert(sent.end(), octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(taken));
        return taken;
    }

    void arrives(Bytes octets) {
        if (user_ != nullptr) user_->octets_arrived(octets);
    }
    void set_carrier(bool now_up) {
        up = now_up;
        if (user_ != nullptr) user_->carrier_changed(now_up);
    }
    void has_room() {
        if (user_ != nullptr) user_->line_writable();
    }
    // Takes what was sent.
    std::vector<std::byte> take() { return std::exchange(sent, {}); }

    std::vector<std::byte> sent;
    std::size_t room = static_cast<std::size_t>(-1);
    bool up = true;

private:
    physical::SerialUnit unit_;
    physical::SerialLineUser* user_ = nullptr;
};

// The end of a line: keeps what arrives.
class RecordingSerialUser final : public physical::SerialLineUser {
public:
    void octets_arrived(Bytes octets) override {
        calls.push_back(octets.size());
        arrived.insert(arrived.end(), octets.begin(), octets.end());
    }
    void line_writable() override { ++writable_calls; }
    void carrier_changed(bool up) override { carrier_events.push_back(up); }

    std::vector<std::byte> arrived;
    std::vector<std::size_t> calls;
    int writable_calls = 0;
    std::vector<bool> carrier_events;
};

// A network floor that keeps the packets' texts.
class RecordingLinkUser final : public link::User {
public:
    void deliver(Packet packet, const link::Arrival& arrival) override {
        (void)packet.pull(packet.size());
        arrived.emplace_back(text_of(packet.front()));
        types.push_back(arrival.type);
    }
    void burst_ended() override { ++bursts; }
    void writable() override { ++writable_calls; }
    void link_changed(bool up) override { link_events.push_back(up); }
    void reachable_again(const IpAddress& next_hop) override { again.push_back(next_hop); }

    std::vector<std::string> arrived;
    std::vector<link::EtherType> types;
    int bursts = 0, writable_calls = 0;
    std::vector<bool> link_events;
    std::vector<IpAddress> again;
};

// Octets written as hexadecimal digits, two each; blanks are left out.
[[nodiscard]] inline std::vector<std::byte> hex(std::string_view digits) {
    std::vector<std::byte> octets;
    unsigned value = 0, count = 0;
    for (const char digit : digits) {
        if (digit == ' ') continue;
        value = value << 4 | static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        if (++count % 2 == 0) octets.push_back(static_cast<std::byte>(value & 0xff));
    }
    return octets;
}

[[nodiscard]] inline std::string hex(Bytes octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::byte octet : octets) {
        if (!text.empty()) text += ' ';
        text += digits[std::to_integer<unsigned>(octet) >> 4];
        text += digits[std::to_integer<unsigned>(octet) & 15];
    }
    return text;
}

}  // namespace strata::test
