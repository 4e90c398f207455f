// ProbeSocket: one kernel socket that sends one probe, a connected UDP socket's datagram or a TCP
// socket's SYN, and reads who answered what (ip(7), IP_RECVERR). It needs no rights and never
// blocks: KernelProber waits for it.
#pragma once

#include <optional>

#include "strata/0_foundation/bytes.hpp"
#include "strata/5_session/probe.hpp"

namespace strata::session::kernel {

class ProbeSocket {
public:
    // Either is the end of the probe.
    struct Outcome {
        error_code error;
        ProbeReply reply;  // its time is not measured here
    };

    ProbeSocket(const ProbeRequest& request, error_code& error);
    ProbeSocket(const ProbeSocket&) = delete;
    ProbeSocket& operator=(const ProbeSocket&) = delete;
    ~ProbeSocket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] bool is_tcp() const noexcept { return tcp_; }
    // Sends the probe. `payload`: of UDP. Nothing: it is on its way, or as good as lost on it.
    [[nodiscard]] std::optional<Outcome> send(Bytes payload);
    // Nothing: no news yet.
    [[nodiscard]] std::optional<Outcome> receive();

private:
    [[nodiscard]] bool is_v6() const noexcept { return !destination_.address.is_v4(); }
    [[nodiscard]] error_code set_options(const ProbeRequest& request) const;
    [[nodiscard]] std::optional<Outcome> receive_error() const;
    [[nodiscard]] std::optional<Outcome> receive_datagram() const;
    [[nodiscard]] std::optional<Outcome> state_of_attempt() const;

    Endpoint destination_;
    bool tcp_;
    std::size_t packet_size_ = 0;  // of what was sent, with its IP header
    int descriptor_ = -1;
};

}  // namespace strata::session::kernel
