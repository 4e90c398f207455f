// EchoSocket: one kernel socket that sends ICMP echo requests and reads the answers and errors, for one address family.
// It waits for nothing; KernelEcho does.
#pragma once

#include <boost/system/error_code.hpp>
#include <optional>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/5_session/echo.hpp"

namespace strata::session::kernel {

class EchoSocket {
public:
    // What arrived: an answer (no error), or an ICMP error that one of our requests caused.
    struct Arrival {
        error_code error;
        EchoReply reply;  // without round_trip; intact is for the caller to say
        std::vector<std::byte> payload;
    };

    // `identifier` is used on raw sockets; on a ping socket the kernel chooses one.
    EchoSocket(bool v6, std::uint16_t identifier, error_code& error);
    EchoSocket(const EchoSocket&) = delete;
    EchoSocket& operator=(const EchoSocket&) = delete;
    ~EchoSocket();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    error_code send(const EchoRequest& request, Bytes payload);
    // Nothing: no more is waiting. What is not ours is skipped.
    [[nodiscard]] std::optional<Arrival> receive();

private:
    [[nodiscard]] std::optional<Arrival> receive_error();
    [[nodiscard]] std::optional<Arrival> read_reply(Bytes message, Arrival arrival) const;
    bool v6_;
    bool raw_ = false;
    std::uint16_t identifier_;
    int descriptor_ = -1;
};

}  // namespace strata::session::kernel
