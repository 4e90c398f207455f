// The steps that do not speak TCP: frames, ARP, IPv4, ICMP, UDP, and what the host's owner does to
// its interface. And what all steps read their arguments with.
#pragma once

#include "world.hpp"

namespace strata::fuzz {

inline constexpr std::array<std::byte, 4096> letters{};

inline Flow& flow_of(World& world, Script& script) { return world.peer.flows[script.byte() % Peer::flows_max]; }

// Lengths from one byte: of all sizes that matter, up to 2040.
inline std::size_t length_of(Script& script) { return std::size_t{script.byte()} * 8; }

// See Step.
void raw_frame(World& world, Script& script);
void raw_packet(World& world, Script& script);
void datagram(World& world, Script& script);
void icmp_error(World& world, Script& script);
void other_error(World& world, Script& script);
void ip_options(World& world, Script& script);
void bent_packet(World& world, Script& script);
void arp(World& world, Script& script);
void arp_silence(World& world, Script& script);
void echo_reply(World& world, Script& script);
void ping(World& world, Script& script);
void user_datagram(World& world, Script& script);
void datagram_to(World& world, Script& script);
void udp_socket(World& world, Script& script);
void group(World& world, Script& script);
void own_address(World& world, Script& script);
void fragment(World& world, Script& script);
void ping_unfragmented(World& world, Script& script);
void tagged(World& world, Script& script);
void pause(World& world, Script& script);
void querier(World& world, Script& script);
void congested(World& world, Script& script);
void promiscuous(World& world, Script& script);

}  // namespace strata::fuzz
