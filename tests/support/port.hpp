// A port whose other end is the test itself: it sees what is sent and says what arrives.
#pragma once

#include <vector>

#include "strata/1_physical/port.hpp"

namespace strata::test {

class TestPort final : public physical::Port {
public:
    explicit TestPort(physical::PortFeatures features = {}) : features_(features) {}

    [[nodiscard]] const physical::PortFeatures& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return up; }
    void attach(physical::PortUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
        std::size_t taken = 0;
        while (taken < frames.size() && sent.size() < room) sent.push_back(std::move(frames[taken++]));
        return taken;
    }
    [[nodiscard]] bool writable() const noexcept override { return sent.size() < room; }

    void arrives(Packet frame) {
        if (user_ != nullptr) user_->frames_arrived(std::span{&frame, 1});
    }
    void set_link(bool now_up) {
        up = now_up;
        if (user_ != nullptr) user_->link_changed(now_up);
    }
    void has_room() {
        if (user_ != nullptr) user_->port_writable();
    }
    // Takes what was sent.
    std::vector<Packet> take() { return std::exchange(sent, {}); }

    std::vector<Packet> sent;
    std::size_t room = static_cast<std::size_t>(-1);
    bool up = true;

private:
    physical::PortFeatures features_;
    physical::PortUser* user_ = nullptr;
};

// The end of a cable: keeps what arrives.
class RecordingUser final : public physical::PortUser {
public:
    void frames_arrived(std::span<Packet> frames) override {
        bursts.push_back(frames.size());
        for (Packet& frame : frames) arrived.push_back(std::move(frame));
    }
    void port_writable() override { ++writable_calls; }
    void link_changed(bool up) override { link_events.push_back(up); }

    std::vector<Packet> arrived;
    std::vector<std::size_t> bursts;
    int writable_calls = 0;
    std::vector<bool> link_events;
};

}  // namespace strata::test
