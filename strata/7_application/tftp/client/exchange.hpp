// Exchange: one transfer of a client's: its socket and its timer, the server's port once it is
// known, and what the server makes of the options.
//
//     we 50001 ── RRQ ──▶ 69              asked: at each of the host's addresses in turn, until one
//     we 50001 ◀─ OACK ── 40001           answers: that address and port are the server's (its TID)
//     we 50001 ── ACK 0 ─▶ 40001
//     we 50001 ── ERROR 5 ─▶ a stranger
#pragma once

#include "strata/0_foundation/rate_limit.hpp"
#include "strata/5_session/network.hpp"
#include "strata/7_application/serving/news.hpp"
#include "strata/7_application/tftp/transfer/transfer.hpp"

namespace strata::application::tftp {

class Exchange final : public Outbox, public std::enable_shared_from_this<Exchange> {
public:
    using OnOptions = std::function<void(const OptionValues&)>;
    struct Asked {
        Request request;
        OptionValues options;                   // those of the request
        std::vector<session::Address> servers;  // at least one
    };

    // The network outlives it. Throws boost::system::system_error if no socket can be had.
    Exchange(session::Network& network, Asked asked);

    // `on_options` hears what the server agreed to. The transfer is one of this Outbox.
    void begin(std::unique_ptr<Transfer> transfer, OnOptions on_options = {});
    // Waits until it has an outcome, or has come further; that is told now and then.
    [[nodiscard]] session::asio::awaitable<void> changed();
    [[nodiscard]] const Transfer& transfer() const noexcept { return *transfer_; }
    // The server refused the request as such, perhaps for its options.
    [[nodiscard]] bool may_be_refused_for_options() const noexcept;
    // Nobody waits for it any more: what is not whole is broken off, what is may dally.
    void leave();

    // Outbox
    void send(std::span<const Bytes> datagrams) override;
    [[nodiscard]] MutableBytes room(std::size_t at_least) override;

private:
    static session::Datagram open(session::Network& network, std::vector<session::Address>& servers);
    void wait_for_packet();
    void hear_all();
    void hear(Bytes datagram, const session::Address& from);
    void hear_options(const OptionAcknowledgment& packet, Instant now);
    [[nodiscard]] bool is_server(const session::Address& from, const Packet& packet);
    void settle();
    void arm();

    session::Network& network_;
    Asked asked_;
    session::Datagram socket_;
    session::Timer timer_;
    News news_;
    Instant armed_for_ = never;
    Instant told_at_{};
    std::optional<session::Address> server_;  // who answered
    std::size_t asked_times_ = 0;
    bool agreed_ = false;    // an OACK came
    bool has_data_ = false;  // or something else did
    OnOptions on_options_;
    Pace refusals_;
    session::DatagramBurst burst_;
    std::vector<std::byte> room_;
    std::unique_ptr<Transfer> transfer_;
    bool closed_ = false;
};

}  // namespace strata::application::tftp
