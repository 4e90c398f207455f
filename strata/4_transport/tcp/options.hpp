// What can be set on a connection, a listener and TCP as a whole; every bound is here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/time.hpp"
#include "strata/4_transport/ports.hpp"

namespace strata::transport::tcp {

enum class CongestionAlgorithm : std::uint8_t { reno, cubic };

struct ConnectionOptions {
    std::size_t send_buffer_max = 1u << 20;     // bytes written and not yet acknowledged
    std::size_t receive_buffer_max = 1u << 20;  // bytes arrived and not yet read; the window never promises more
    std::uint16_t mss_max = 65495;              // beside what the path allows
    bool no_delay = false;                      // true: no Nagle (RFC 9293 3.7.4)
    bool window_scaling = true;                 // RFC 7323
    bool timestamps = true;                     // RFC 7323
    bool sack = true;                           // RFC 2018
    CongestionAlgorithm congestion = CongestionAlgorithm::cubic;
    unsigned initial_window_segments = 10;  // RFC 6928
    Duration delayed_ack = 40ms;            // RFC 9293 MUST-40: below 0.5 s
    Duration rto_initial = 1s;              // RFC 6298 2.1
    Duration rto_min = 200ms;               // RFC 6298 2.4 says 1 s; as every stack in use, see docs/decisions
    Duration rto_max = 60s;                 // RFC 6298 2.5
    Duration user_timeout = 15min;          // RFC 9293 3.8.3: data unacknowledged for so long ends it
    Duration connect_timeout = 3min;        // RFC 9293 MUST-23
    std::uint8_t ttl = 64;                  // or hop limit, of its packets; of an active open from the SYN on
    bool keepalive = false;                 // RFC 9293 3.8.4
    Duration keepalive_idle = 2h;
    Duration keepalive_interval = 75s;
    unsigned keepalive_probes = 9;
    Duration fin_wait_2 = 60s;                 // after the user has left; a peer that never closes is not waited for
    Duration orphan_timeout = 2min;            // after the user has left: a peer that takes nothing is not waited for
    std::size_t reassembly_ranges_max = 1024;  // runs of octets that arrived out of order
};

struct ListenOptions {
    std::size_t backlog = 128;        // connections established and not yet accepted
    std::size_t syn_queue_max = 256;  // connections in SYN-RECEIVED; the oldest is evicted for a newer one
    unsigned syn_ack_repeats = 4;     // after 1, 3, 7 and 15 s; 16 s later it is given up
    ConnectionOptions connection;
};

struct TcpOptions {
    std::size_t connections_max = 262144;
    std::size_t time_wait_max = 32768;        // the oldest is evicted first
    Duration maximum_segment_lifetime = 30s;  // TIME-WAIT lasts twice that
    PortRange ephemeral_ports;
    unsigned challenge_acks_per_second = 1000;  // RFC 5961 10; on the average, see RandomizedLimit
    unsigned resets_per_second = 1000;          // answers to segments for nobody; likewise
    unsigned resets_per_second_a_peer = 100;
    std::size_t orphans_max = 8192;       // connections whose user has left; the oldest is reset
    std::size_t memory_max = 256u << 20;  // bytes that all buffers hold; see memory_budget.hpp
    bool merge_segments = true;           // see demultiplexer/coalesce.hpp
    // After each verb of a connection what must hold of it is checked, and the program ended if it
    // does not; see connection/invariants.hpp.
#ifdef NDEBUG
    bool check_invariants = false;
#else
    bool check_invariants = true;
#endif
};

}  // namespace strata::transport::tcp
