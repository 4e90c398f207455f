// EchoSocket: one kernel socket that sends ICMP echo requests and reads the answers and errors, for
// one address family. It never blocks: KernelEcho waits for it, and EchoTable finds the request
// that an answer belongs to.
#pragma once

#include <boost/system/error_code.hpp>
#include <optional>

#include "strata/5_session/echo/table.hpp"

namespace strata::session::kernel {

class EchoSocket {
public:
    // What arrived under our identifier: an answer, or an ICMP error about a request; never both.
    struct Arrival {
        std::optional<EchoAnswer> answer;    // its payload lives until the next receive()
        std::optional<EchoFailure> failure;  // an error that no host reported (from any()) is the kernel's own
    };

    // `identifier` is used on raw sockets; on a ping socket the kernel chooses one.
    EchoSocket(bool v6, std::uint16_t identifier, error_code& error);
    EchoSocket(const EchoSocket&) = delete;
    EchoSocket& operator=(const EchoSocket&) = delete;
    ~EchoSocket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] error_code send(const EchoRequest& request, Bytes payload);
    // A group, or a broadcast address of a subnet of this machine's.
    [[nodiscard]] bool is_non_unicast(const IpAddress& destination);
    // Nothing: no more is waiting, or messages_a_turn_max of other people's were skipped.
    [[nodiscard]] std::optional<Arrival> receive();

private:
    struct Envelope;
    static constexpr int messages_a_turn_max = 64;  // on a raw socket, all ICMP of this machine comes by
    void learn_identifier(error_code& error);
    [[nodiscard]] std::optional<Arrival> receive_error(bool& empty);
    [[nodiscard]] std::optional<Arrival> receive_answer(bool& empty);
    [[nodiscard]] Bytes without_ip_header(Bytes message) const;
    [[nodiscard]] error_code record_route(bool on);
    bool v6_;
    bool raw_ = false;
    std::uint16_t identifier_;
    int descriptor_ = -1;
    std::unique_ptr<Envelope> envelope_;
    network::Fragmentation fragmentation_ = network::Fragmentation::when_needed;  // the kernel's default
    bool records_route_ = false;
    std::optional<std::pair<IpAddress, bool>> audience_;  // the latest answer of is_non_unicast()
};

}  // namespace strata::session::kernel
