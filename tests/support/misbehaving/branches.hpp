// Several stations at one end of a cable, as behind a switch: a frame is sent to the branch whose
// address it names, a broadcast to all.
#pragma once

#include <deque>

#include "strata/1_physical/port.hpp"
#include "strata/2_link/ethernet/header.hpp"

namespace strata::test {

class Branches final : private physical::PortUser {
public:
    explicit Branches(physical::Port& trunk) : trunk_(trunk) { trunk_.attach(this); }
    ~Branches() override { trunk_.attach(nullptr); }
    // Stays where it is as long as the branches do.
    [[nodiscard]] physical::Port& add(MacAddress mac) { return branches_.emplace_back(trunk_, mac); }

private:
    struct Branch final : physical::Port {
        Branch(physical::Port& below, MacAddress address) : trunk(below), mac(address) {}
        [[nodiscard]] const physical::PortFeatures& features() const noexcept override { return trunk.features(); }
        [[nodiscard]] bool link_up() const noexcept override { return trunk.link_up(); }
        void attach(physical::PortUser* above) noexcept override { user = above; }
        [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override { return trunk.transmit(frames); }
        [[nodiscard]] bool writable() const noexcept override { return trunk.writable(); }
        physical::Port& trunk;
        MacAddress mac;
        physical::PortUser* user = nullptr;
    };

    void frames_arrived(std::span<Packet> frames) override {
        for (Packet& frame : frames) {
            const auto header = link::EthernetHeader::parse(frame.front());
            if (!header) continue;
            for (Branch& branch : branches_) {
                if (branch.user == nullptr) continue;
                if (header->destination.is_multicast()) {
                    Packet copy = frame.flat_copy();
                    branch.user->frames_arrived({&copy, 1});
                } else if (header->destination == branch.mac) {
                    branch.user->frames_arrived({&frame, 1});
                    break;
                }
            }
        }
    }
    void port_writable() override {
        for (Branch& branch : branches_) {
            if (branch.user != nullptr) branch.user->port_writable();
        }
    }
    void link_changed(bool up) override {
        for (Branch& branch : branches_) {
            if (branch.user != nullptr) branch.user->link_changed(up);
        }
    }
    physical::Port& trunk_;
    std::deque<Branch> branches_;
};

}  // namespace strata::test
