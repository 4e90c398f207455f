// A port that digests all that passes, with its time: two runs with equal digests had equal wires.
#pragma once

#include "strata/0_foundation/scheduler.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/1_physical/port_filter.hpp"

namespace strata::test {

class Digest final : public physical::PortFilter {
public:
    Digest(physical::Port& below, Scheduler& scheduler) : PortFilter(below), scheduler_(scheduler) {}
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
        for (const Packet& frame : frames) add(frame);
        return below().transmit(frames);
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    void add(const Packet& frame) {
        mix(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
        frame.for_each_piece([&](Bytes piece) { mix(siphash({}, piece)); });
    }
    void mix(std::uint64_t word) { value_ = (value_ ^ word) * 0x9e3779b97f4a7c15 + 1; }
    void frames_arrived(std::span<Packet> frames) override {
        for (const Packet& frame : frames) add(frame);
        (void)pass_up(frames);
    }
    Scheduler& scheduler_;
    std::uint64_t value_ = 0;
};

}  // namespace strata::test
