// Served: one transfer of a server's: its socket and its timer, what it reads or writes, and what
// there is to report of it. Its packets go to one client alone.
#pragma once

#include "strata/0_foundation/rate_limit.hpp"
#include "strata/7_application/tftp/server/server.hpp"
#include "strata/7_application/tftp/transfer/transfer.hpp"

namespace strata::application::tftp {

// What a server's transfers have in common.
struct Common {
    Common(session::Network& on, std::shared_ptr<Files> from, const ServerOptions& how);

    // Who is behind this source.
    [[nodiscard]] session::Address behind(const session::Address& from) const {
        return options.client_behind ? options.client_behind(from) : from;
    }
    // An ERROR to somebody outside a transfer, in measure. Says whether it was sent.
    bool refuse(session::Datagram& by, const session::Address& to, ErrorCode code, std::string_view text);

    session::Network& network;
    std::shared_ptr<Files> files;
    ServerOptions options;
    PacedPeers refusals;
    std::vector<std::byte> room;  // where packets are made
};

class Served final : public Outbox, public std::enable_shared_from_this<Served> {
public:
    // What happens to it, told to whoever has it; each at most once, and in this order.
    class User {
    public:
        virtual ~User() = default;
        virtual void proven(Served& served) = 0;    // its client answered
        virtual void complete(Served& served) = 0;  // it has an outcome
        virtual void over(Served& served) = 0;      // nothing more comes of it
        // There is no other transfer.
        [[nodiscard]] virtual bool is_alone() const = 0;
    };
    struct Asked {
        session::Address client;
        session::Address behind;  // the same, or whose gateway that is
        std::string name;         // of the file, relative
        Mode mode = Mode::octet;
        bool write = false;
        std::vector<std::byte> request;  // as it came: the same once more is no other one
    };

    // The user outlives it, or calls forget(). `shared_socket`: see ServerOptions::single_port.
    Served(std::shared_ptr<Common> common, User& user, Asked asked, std::shared_ptr<session::Datagram> socket,
           bool shared_socket);

    // Of a file that is read.
    void send(std::shared_ptr<const Reading> file, const Negotiated& negotiated);
    // Of one that comes into being when the client's first block is there.
    void receive(std::optional<std::uint64_t> size, const Negotiated& negotiated);
    // A packet from its client, by the shared socket.
    void hear(Bytes datagram);
    // Its request came again.
    void asked_again();
    // Ends it, and says so to the client.
    void abort(ErrorCode code, std::string text);
    // Ends it without a word: its client began anew; or it never
    // answered, and others need the place.
    void drop(std::string_view why);
    // Whatever comes of it concerns nobody any more.
    void forget() noexcept { user_ = nullptr; }

    void set_place(Places::Place place) { place_.emplace(std::move(place)); }
    void release_place() noexcept { place_.reset(); }
    void place_is_idle(bool idle) { place_->set_idle(idle); }
    [[nodiscard]] const Asked& asked() const noexcept { return asked_; }
    [[nodiscard]] bool is_proven() const noexcept { return proven_; }
    [[nodiscard]] const Transfer& transfer() const noexcept { return *transfer_; }
    [[nodiscard]] Instant began() const noexcept { return began_; }

    // Outbox
    void send(std::span<const Bytes> datagrams) override { socket_->send_at_once(datagrams, asked_.client); }
    [[nodiscard]] MutableBytes room(std::size_t at_least) override;

private:
    void begin(const Negotiated& negotiated, std::vector<std::byte> otherwise);
    void commit(std::unique_ptr<Writing> file);
    void wait_for_packet();
    void wait_again(const session::error_code& error);
    void arrived(Bytes datagram, const session::Address& from);
    // Something happened.
    void settle();
    void arm();
    void finish();

    std::shared_ptr<Common> common_;
    User* user_;
    Asked asked_;
    std::shared_ptr<session::Datagram> socket_;
    bool shared_socket_;
    session::Timer timer_;
    Instant armed_for_ = never;
    Instant began_;
    std::optional<Places::Place> place_;
    std::optional<session::DatagramBurst> burst_;  // what he says, where the socket is his alone
    std::shared_ptr<const Reading> reading_;
    std::unique_ptr<Writing> writing_;
    std::unique_ptr<Transfer> transfer_;
    bool proven_ = false, complete_ = false, over_ = false;
};

}  // namespace strata::application::tftp
