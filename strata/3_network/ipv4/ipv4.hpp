// Ipv4: packets of version 4 of the Internet protocol (RFC 791, RFC
// 1122 3): headers made, headers tested.
//
//   input.cpp      arrived(): is the header sound, is it for us, and for which protocol
//   output.cpp     send(): the header of a packet that leaves
//   fragments.cpp  what is too long for the path leaves in fragments; those that arrive are put together
//
// A host's, not a router's: what is for others is dropped. Owned by Internet.
#pragma once

#include <array>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/3_network/family.hpp"
#include "strata/3_network/fragmentation/reassembly.hpp"
#include "strata/3_network/interfaces/interfaces.hpp"
#include "strata/3_network/ipv4/counters.hpp"

namespace strata::network {

struct Ipv4Header;
class Ipv4HeaderView;

struct Ipv4Options {
    bool accept_source_routes = false;  // RFC 7126 4.3, 4.4: else packets that chose their own way are dropped
    ReassemblyOptions reassembly;
};

class Ipv4 final : public Family, private ReassemblyUser {
public:
    // Both outlive it.
    Ipv4(Context context, FamilyUser& user, const Interfaces& interfaces, Ipv4Options options = {});
    Ipv4(const Ipv4&) = delete;
    Ipv4& operator=(const Ipv4&) = delete;

    [[nodiscard]] const Ipv4Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] const Reassembly& reassembly() const noexcept { return reassembly_; }

    // Family
    void arrived(Packet packet, const link::Arrival& arrival, const Interface& interface) override;
    void arrived_from_ourselves(Packet packet, const Interface* interface) override;
    [[nodiscard]] std::error_code send(Packet packet, const Path& path, const SendOptions& options) override;
    void not_sent(const Packet& packet, Error why) override;
    void undelivered(const Packet& packet) override;
    void unreported() override { ++counters_.ipOutUnreported; }
    [[nodiscard]] Result<FailedPacket> failed_packet(Bytes bytes) const override;
    [[nodiscard]] FamilyFacts facts() const noexcept override;

private:
    // What an arriving packet's destination is to us.
    enum class Audience : std::uint8_t { ourselves, everybody, group, others };

    // input.cpp
    [[nodiscard]] bool take_header(Packet& packet);
    [[nodiscard]] bool source_is_possible(Ipv4Address source, Ipv4Address destination,
                                          const Interface& interface) const noexcept;
    [[nodiscard]] Audience audience_of(const Ipv4HeaderView& header, const Interface* interface) const noexcept;
    [[nodiscard]] bool options_allowed(Packet& packet, bool non_unicast);
    [[nodiscard]] static bool source_is_wanted(const Ipv4HeaderView& header, const Interface& interface) noexcept;
    void demultiplex(Packet packet, Audience audience, bool link_broadcast, std::uint32_t interface);
    void deliver(Packet& packet, const network::Arrival& arrival);
    void drop_in(const Packet& packet, CounterOf<Ipv4Counters> counter);

    // fragments.cpp
    void fragment_arrived(Packet fragment, network::Arrival arrival);
    void timed_out(Packet first, bool non_unicast) override;
    [[nodiscard]] std::error_code send_fragments(Packet payload, const Path& path, const SendOptions& options);

    // output.cpp
    [[nodiscard]] std::error_code send_packet(Packet packet, const Path& path, const Ipv4Header& header);
    [[nodiscard]] std::uint16_t next_identification(const Path& path, const SendOptions& options);
    void drop_out(const Packet& packet, CounterOf<Ipv4Counters> counter);

    Context context_;
    FamilyUser& user_;
    const Interfaces& interfaces_;
    Ipv4Options options_;
    Ipv4Counters counters_;
    Reassembly reassembly_;
    SipKey identification_key_;
    std::array<std::uint16_t, 256> identifications_{};  // the last one used, for one share of all destinations each
};

}  // namespace strata::network
