// A port that digests all that passes, with its time: two runs with equal digests had equal wires.
#pragma once

#include "strata/0_foundation/scheduler.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/1_physical/port.hpp"

namespace strata::test {

class Digest final : public physical::Port, private physical::PortUser {
public:
    Digest(physical::Port& below, Scheduler& scheduler) : below_(below), scheduler_(scheduler) { below_.attach(this); }
    ~Digest() override { below_.attach(nullptr); }
    [[nodiscard]] const physical::PortFeatures& features() const noexcept override { return below_.features(); }
    [[nodiscard]] bool link_up() const noexcept override { return below_.link_up(); }
    void attach(physical::PortUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
        for (const Packet& frame : frames) add(frame);
        return below_.transmit(frames);
    }
    [[nodiscard]] bool writable() const noexcept override { return below_.writable(); }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    void add(const Packet& frame) {
        mix(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
        frame.for_each_piece([&](Bytes piece) { mix(siphash({}, piece)); });
    }
    void mix(std::uint64_t word) { value_ = (value_ ^ word) * 0x9e3779b97f4a7c15 + 1; }
    void frames_arrived(std::span<Packet> frames) override {
        for (const Packet& frame : frames) add(frame);
        if (user_ != nullptr) user_->frames_arrived(frames);
    }
    void port_writable() override {
        if (user_ != nullptr) user_->port_writable();
    }
    void link_changed(bool up) override {
        if (user_ != nullptr) user_->link_changed(up);
    }
    physical::Port& below_;
    Scheduler& scheduler_;
    physical::PortUser* user_ = nullptr;
    std::uint64_t value_ = 0;
};

}  // namespace strata::test
