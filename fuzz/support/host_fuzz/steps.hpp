// The steps that a script is made of: a byte that says which (modulo their number), and then the
// arguments that it reads.
//
// make_seeds.py reads the names below, and each step's place is its
// number: new ones belong at the end.
#pragma once

#include "world.hpp"

namespace strata::fuzz {

enum class Step : std::uint8_t {
    peer_syn,          // flow, options: bits timestamps, sack, scaling; MSS
    peer_answer,       // flow: a SYN-ACK for a SYN, an ACK for anything else
    handshake,         // flow, options, as peer_syn and peer_answer
    payload,           // flow, length
    gap,               // flow, how far ahead, length
    ack_all,           // flow
    ack_part,          // flow, how much of what is in flight
    ack_again,         // flow, how often
    ack_sack,          // flow, begin, length: of what is in flight
    window,            // flow, field
    peer_fin,          // flow
    peer_reset,        // flow, how far from the exact place
    syn_again,         // flow, how far from the old one's place
    old_payload,       // flow, how far back, length
    raw_segment,       // flow, control, SEQ and ACK shifts, length, options as bytes
    raw_frame,         // length, bytes
    raw_packet,        // protocol, length, bytes
    datagram,          // port, length
    icmp_error,        // flow, type, code, MTU, shift of the quoted SEQ
    arp,               // operation, MAC, what is asked
    arp_silence,       // whether the peer answers
    port_room,         // how many frames, then it is full
    port_writable,     //
    link,              // up or down
    interface,         // up or down
    burst,             // how many frames arrive together
    milliseconds,      // how many
    seconds,           // how many
    minutes,           // how many
    accept,            // listener, habit
    user_write,        // user, length
    user_read,         // user, length
    user_close,        // user
    user_abort,        // user
    user_release,      // user
    user_options,      // user, bits: no_delay, keepalive
    connect,           // flow (6 or 7), habit
    connect_from_any,  // habit
    listen,            // which: begins or stops
    user_datagram,     // length
    peer_clock,        // flow, shifts of its timestamps and of what they echo
    ack_wrong,         // flow, how far beyond what the host has sent
    user_promise,      // user, length, whether more follows
    connect_to_self,   // listener, habit
    ip_options,        // length, bytes: an echo request with options in its IP header
    bent_packet,       // place, byte: an echo request with another byte in its IP header
    other_error,       // type, code: about the host's newest packet that is not TCP
    echo_reply,        // shift of the identifier: to the host's newest packet, if it is an echo request
    ping,              // whom, length
    datagram_to,       // whom, port, length
    udp_socket,   // which, port: opens, connected to the peer if it is odd, or closes; the last is bound to our address
    group,        // joins or leaves
    own_address,  // takes the address away, or brings it back
    fragment,     // bits: datagram (2), more, another content, ECN (2), another source; offset and size in eights
    ping_unfragmented,  // whom, length
    tagged,             // TCI, type, length, bytes: a frame with a tag
    pause,              // to the group, the host or everybody; quanta: a PAUSE frame
    congested,          // whether the host says so to the peer
    promiscuous,        // whether somebody looks on
    querier,            // starts or stops: the interface is a router of its link
    count
};

// Does the next step of the script. Returns true if time may have passed.
bool do_step(World& world, Script& script);

}  // namespace strata::fuzz
