// Server: gives the files of a folder to whoever asks, and takes some if it may (RFC 1350, 1123
// 4.2, 2347, 2348, 2349, 7440): for machines that boot, and for devices that know nothing else.
//
//     client 2070 ── RRQ ──▶ 69 ─┐                       one socket for requests,
//     client 2070 ◀═ DATA ══ 40001  its transfer         and one a transfer (RFC 1350 4), or
//     client 2071 ── RRQ ──▶ 69 ─┘   ...                 single_port: all by the first one
//
// A datagram's sender may be forged. Until a client has answered, it is sent no more than the first
// packet and a few repetitions, and an address has few such transfers; they make room for others.
#pragma once

#include <functional>

#include "strata/5_session/network.hpp"
#include "strata/7_application/service.hpp"
#include "strata/7_application/serving/ending.hpp"
#include "strata/7_application/serving/places.hpp"
#include "strata/7_application/tftp/content/files.hpp"
#include "strata/7_application/tftp/server/negotiation.hpp"

namespace strata::application::tftp {

struct ServerOptions {
    bool single_port = false;  // for gateways and filters that know one port
    // For how many transfers; unset, its own, of 1,000 in all and 64 from one address.
    std::shared_ptr<Places> places{};
    // The client behind a datagram's source, where a gateway is between; unset, itself.
    std::function<session::Address(const session::Address&)> client_behind{};
    std::size_t unproven_per_address_max = 16;  // transfers whose client has not answered yet; others wait
    unsigned refusals_burst_max = 20;           // ERRORs at once to one address outside its transfers,
    Duration refusal_interval = 100ms;          // and then one each
    NegotiationLimits limits{};
    TransferOptions transfer{.retransmission = {.repeats_unproven_max = 3}};
    std::string encoding = "UTF-8";  // of names on the wire; those on the disk are UTF-8
    // A file that has come waits for the disk on another thread, and nobody else does. Not in
    // virtual time, which no disk is in.
    bool commit_aside = false;
};

struct TransferReport {
    session::Address client;
    std::string name;  // as it was asked for, in UTF-8
    bool write = false;
    bool begun = false;       // false: it was refused, for `reason`
    std::uint64_t bytes = 0;  // that have arrived, as they are on the wire
    Duration took{};
    Ending ending = Ending::whole;
    std::string reason;  // in words, perhaps a stranger's; empty for what is whole
};

class Server final : public Service {
public:
    using Options = ServerOptions;
    using Log = std::function<void(const TransferReport&)>;

    // The network outlives it. The log must not throw. Throws std::invalid_argument for an unknown
    // encoding.
    Server(session::Network& network, std::shared_ptr<Files> files, Log log = {}, Options options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() override;  // as abort()

    [[nodiscard]] session::Address start(const session::Address& at, session::error_code& error) override;
    // Whoever sends a request to this socket.
    void start(session::Datagram socket);
    // Takes no more requests; what is being transferred is finished.
    void stop() override;
    // Ends what is still there, and says so to the clients.
    void abort() override;
    // How many transfers there are, with those that dally.
    [[nodiscard]] std::size_t active() const noexcept override;

private:
    class Desk;
    session::Network& network_;
    std::shared_ptr<Desk> desk_;
};

}  // namespace strata::application::tftp
