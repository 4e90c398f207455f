// EchoTable: the echo requests that wait for an answer, and those that no longer do, whose late and
// further answers are still reported.
//
// A request is known by its sequence number; the identifier is the socket's, and the owner of the
// table has compared it. It has no clock and no socket: StackEcho and KernelEcho hand in what
// arrives and when, and arm one timer for the next deadline.
#pragma once

#include <list>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/echo.hpp"

namespace strata::session {

struct EchoTableOptions {
    std::size_t echoes_waiting_max = 1024;     // requests that wait for an answer at once
    std::size_t echoes_remembered_max = 8192;  // and those that no longer do beside them; the oldest is forgotten first
};

// An answer under our identifier.
struct EchoAnswer {
    IpAddress from;
    std::uint16_t sequence = 0;
    std::uint8_t ttl = 0;
    Bytes payload;
    std::vector<IpAddress> route;
};

// An error about a request under our identifier.
struct EchoFailure {
    IpAddress destination;  // that the request in it was sent to
    std::uint16_t sequence = 0;
    error_code error;
    IpAddress from;  // the host that reports it
    std::string_view said;
    std::size_t mtu = 0;
    network::IcmpTypeCode icmp;
};

class EchoTable {
public:
    static constexpr std::size_t header_size = 8;
    static constexpr std::size_t payload_size_max = ipv4_datagram_max;

    // `cancelled` is called when a request's own cancellation slot ended it, so that nobody waits
    // for its deadline.
    EchoTable(asio::any_io_executor executor, Entropy& entropy, std::function<void()> cancelled = {},
              EchoTableOptions options = {})
        : executor_(std::move(executor)), entropy_(entropy), cancelled_(std::move(cancelled)), options_(options) {}
    EchoTable(const EchoTable&) = delete;
    EchoTable& operator=(const EchoTable&) = delete;

    // Takes the request in. False: it can't wait here, and the handler was told why.
    bool add(const EchoRequest& request, bool non_unicast, Instant now, EchoHandler handler);
    // The bytes of a request of this size: the beginning of random bytes that no other Echo has.
    [[nodiscard]] Bytes payload(std::size_t size);

    // Both ignore what belongs to no request that is remembered.
    void answered(const EchoAnswer& answer, Instant now);
    // False if no such request is remembered, or it has ended: nobody is told.
    bool failed(const EchoFailure& failure, Instant now);
    // The request of this number could not be sent.
    void not_sent(std::uint16_t sequence, error_code error);

    [[nodiscard]] std::size_t waiting() const noexcept { return deadlines_.size(); }
    [[nodiscard]] std::optional<Instant> next_deadline() const;
    // Ends, with timed_out, what has waited long enough.
    void expire(Instant now);
    // Ends all that waits with operation_aborted.
    void cancel();
    // Destroys the handlers that wait, without a call.
    void abandon() noexcept;

    void set_listener(EchoListener listener) { listener_ = std::move(listener); }
    [[nodiscard]] bool has_listener() const noexcept { return static_cast<bool>(listener_); }

private:
    struct Asked {
        IpAddress destination;
        std::size_t payload_size = 0;
        Instant sent_at{};
        Instant deadline{};
        bool non_unicast = false;
        bool answered = false;
        bool failed = false;
        Waiting<EchoHandler> waiting;
        std::list<std::uint16_t>::iterator ended_at;  // once it does not wait any more
    };
    using Entry = std::unordered_map<std::uint16_t, Asked>::iterator;

    void finish(Entry entry, error_code error, const EchoReply& reply);
    void tell(Entry entry, error_code error, const EchoReply& reply);
    void forget_the_oldest();

    asio::any_io_executor executor_;
    Entropy& entropy_;
    std::function<void()> cancelled_;
    EchoTableOptions options_;
    std::unordered_map<std::uint16_t, Asked> asked_;
    std::set<std::pair<Instant, std::uint16_t>> deadlines_;  // of those that wait
    std::list<std::uint16_t> ended_;                         // those that do not, oldest first
    std::vector<std::byte> text_;
    EchoListener listener_;
    std::shared_ptr<void> alive_ = std::make_shared<char>();  // guards calls of the listener
};

}  // namespace strata::session
