// A link whose other end is the test itself: it keeps what is sent to
// hardware addresses, or hands it to a function.
#pragma once

#include <functional>
#include <vector>

#include "strata/2_link/neighbors/cache.hpp"
#include "strata/2_link/service.hpp"

namespace strata::test {

class FakeLink final : public link::Service {
public:
    struct Sent {
        Packet packet;
        link::EtherType type{};
        MacAddress to;
    };

    explicit FakeLink(MacAddress mac) : mac_(mac) {}

    [[nodiscard]] const link::Features& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return true; }
    [[nodiscard]] bool enabled() const noexcept override { return true; }
    void set_enabled(bool) override {}
    [[nodiscard]] MacAddress mac_address() const noexcept override { return mac_; }
    void attach(link::EtherType, link::User*) override {}
    void send(Packet packet, const IpAddress& next_hop) override {
        send_to(std::move(packet), link::ether_type_of(next_hop), MacAddress::broadcast());
    }
    void send_to(Packet packet, link::EtherType type, MacAddress to) override {
        if (on_send) return on_send(Sent{std::move(packet), type, to});
        sent.push_back({std::move(packet), type, to});
    }
    [[nodiscard]] bool ready() const noexcept override { return true; }
    void confirm_reachable(const IpAddress&) override {}
    void add_address(const IpAddress&) override {}
    void remove_address(const IpAddress&) override {}
    [[nodiscard]] std::error_code join(const IpAddress&) override { return {}; }
    void leave(const IpAddress&) override {}
    void attach(IpVersion, link::Resolver*) override {}
    void visit_counters(const link::CounterVisitor&) const override {}
    [[nodiscard]] link::NeighborCache* neighbors() noexcept override { return cache; }

    link::NeighborCache* cache = nullptr;
    std::function<void(Sent)> on_send;
    std::vector<Sent> sent;

private:
    link::Features features_;
    MacAddress mac_;
};

}  // namespace strata::test
