// FakeNetwork: the network floor below a transport, for tests that need no floor below that. It has
// one address and a route to everywhere; it keeps what is sent, or hands it to `carry`.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>

#include "strata/3_network/service.hpp"

namespace strata::test {

class FakeNetwork final : public network::Service {
public:
    explicit FakeNetwork(Ipv4Address address) : own_(address) {}

    // --- network::Service
    void attach(network::Protocol, network::User* user) override { user_ = user; }
    Result<network::Path> path_to(const IpAddress& destination, const IpAddress&) override {
        if (!has_route) return fail(Error::no_route);
        network::Path path;
        path.source = own_;
        path.destination = destination;
        path.mtu = mtu;
        path.super_packet_max = super_packet_max;
        path.segmentation = super_packet_max != 0 ? Segmentation::tcp_ipv4 : Segmentation::none;
        return path;
    }
    bool refresh(network::Path& path) override {
        path.mtu = mtu;
        return true;
    }
    void path_mtu_reported(const IpAddress&, std::size_t reported) override { mtu = std::min(mtu, reported); }
    std::error_code send(Packet packet, const network::Path&, const network::SendOptions&) override {
        if (room && *room > 0) --*room;
        if (carry) {
            carry(std::move(packet));
        } else {
            sent.push_back(std::move(packet));
        }
        return {};
    }
    bool ready(const network::Path&) const noexcept override { return is_ready && room != 0u; }
    void confirm_reachable(const network::Path&) override {}
    bool is_own_address(const IpAddress& address) const noexcept override { return address == own_; }
    void refuse(Packet, const network::Arrival&) override {}

    // --- the test's side
    [[nodiscard]] Ipv4Address own() const noexcept { return own_; }
    [[nodiscard]] network::User& user() { return *user_; }
    // A segment from there; more of the burst follow unless
    // `burst_ends`. Lost if nobody is attached.
    void arrives(Packet packet, Ipv4Address from, bool burst_ends = true) {
        if (user_ == nullptr) return;
        user_->deliver(std::move(packet), {.source = from, .destination = own_, .protocol = network::Protocol::tcp});
        if (burst_ends) user_->burst_ended();
    }

    std::deque<Packet> sent;
    std::function<void(Packet)> carry;
    std::size_t mtu = 1500;
    std::size_t super_packet_max = 0;
    bool is_ready = true;
    bool has_route = true;
    std::optional<std::size_t> room = {};  // packets until the port is full

private:
    Ipv4Address own_;
    network::User* user_ = nullptr;
};

}  // namespace strata::test
