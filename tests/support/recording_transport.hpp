// RecordingTransport: a transport above the network floor that notes what it is given.
#pragma once

#include <string>
#include <vector>

#include "strata/3_network/service.hpp"

namespace strata::test {

inline constexpr auto test_protocol = static_cast<network::Protocol>(253);  // RFC 3692

struct RecordingTransport final : network::User {
    struct Delivered {
        std::string text;
        network::Arrival arrival;
    };
    struct Failed {
        network::ErrorReport::Kind kind;
        IpAddress destination;
        std::string header;
    };
    void deliver(Packet packet, const network::Arrival& arrival) override {
        std::string text(packet.size(), ' ');
        packet.copy_to(std::as_writable_bytes(std::span{text.data(), text.size()}));
        delivered.push_back({text, arrival});
        if (refuse_from != nullptr) refuse_from->refuse(std::move(packet), arrival);
    }
    void burst_ended() override { ++bursts; }
    void error(const network::ErrorReport& report) override {
        errors.push_back({report.kind, report.destination, std::string{text_of(report.transport_header.first(8))}});
    }
    void writable() override { ++writable_calls; }
    void reachable_again(const IpAddress& next_hop) override { back.push_back(next_hop.to_string()); }

    std::vector<std::string> back;
    std::vector<Delivered> delivered;
    std::vector<Failed> errors;
    network::Service* refuse_from = nullptr;
    int bursts = 0;
    int writable_calls = 0;
};

}  // namespace strata::test
