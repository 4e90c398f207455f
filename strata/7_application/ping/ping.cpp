#include "strata/7_application/ping/ping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>
#include <stdexcept>

#include "strata/0_foundation/printable.hpp"

namespace strata::application::ping {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr Duration wait_by_default = 10s;
constexpr Duration fastest = 10ms;  // between two requests to a host that does not answer

// One run: what is asked, what is still waited for, and the one who waits to ask more.
class Run : public std::enable_shared_from_this<Run> {
public:
    Run(session::Network& network, IpAddress destination, const Options& options, Print print, Statistics& statistics,
        session::Echo echo)
        : network_(network),
          options_(options),
          print_(std::move(print)),
          statistics_(statistics),
          echo_(std::move(echo)),
          news_(network.make_timer()),
          deadline_(network.make_timer()) {
        request_.destination = destination;
        request_.payload_size = options.payload_size;
        request_.ttl = options.ttl;
        request_.fragmentation = options.fragmentation;
        request_.timeout = options.wait.value_or(wait_by_default);
        request_.record_route = options.record_route;
        echo_.on_more_answers([this](const error_code& error, const session::EchoReply& reply) {
            error ? failed(error, reply) : answered(reply);
        });
    }

    awaitable<void> ask_and_wait(std::shared_ptr<bool> stop) {
        end_at_deadline(stop);
        Instant next = network_.now();
        while (!*stop && !refused_ && (options_.count == 0 || sent_ < options_.count)) {
            ask();
            next = std::max(saturating_add(next, options_.interval), network_.now());
            const bool last = options_.count != 0 && sent_ == options_.count;
            if (!last) co_await pause(next, *stop);
        }
        co_await wait_for_the_last(*stop);
        if (refused_) throw std::runtime_error(*refused_);
    }

private:
    void end_at_deadline(std::shared_ptr<bool> stop) {
        if (!options_.deadline) return;
        deadline_.expires_after(*options_.deadline);
        deadline_.async_wait([weak = weak_from_this(), stop = std::move(stop)](const error_code& error) {
            const auto self = weak.lock();
            if (error || !self) return;
            *stop = true;
            self->news_.cancel();
        });
    }
    void ask() {
        ++sent_;
        request_.sequence = static_cast<std::uint16_t>(sent_);
        waiting_.insert(sent_);
        latest_waits_ = true;
        statistics_.sent();
        show(".");
        echo_.async_echo(request_, [weak = weak_from_this(), number = sent_](const error_code& error,
                                                                             const session::EchoReply& reply) {
            if (const auto self = weak.lock()) self->ended(number, error, reply);
        });
    }

    // Until it is time for the next request and there is room for it.
    awaitable<void> pause(Instant next, const bool& stop) {
        if (options_.interval == 0ns) next = saturating_add(next, fastest);
        while (!stop && !refused_) {
            const Duration left = next - network_.now();
            const bool full = waiting_.size() >= options_.requests_waiting_max;
            const bool early = left > 0ns && (options_.interval > 0ns || latest_waits_);
            if (!early && !full) co_return;
            co_await sleep(full ? request_.timeout : left);
        }
    }

    // Those that are waited for longer than is worth while are given up together.
    awaitable<void> wait_for_the_last(const bool& stop) {
        const Instant sent_at = network_.now();
        while (!stop && !waiting_.empty()) {
            Duration patience = request_.timeout;
            if (!options_.wait && statistics_.received() > 0)
                patience = std::min(patience, std::max(2 * statistics_.longest(), options_.interval));
            const Duration left = saturating_add(sent_at, patience) - network_.now();
            if (left <= 0ns) give_all_up();
            if (left > 0ns) co_await sleep(left);
        }
    }

    void give_all_up() {
        for (const std::size_t number : std::exchange(waiting_, {})) unanswered(static_cast<std::uint16_t>(number));
    }
    void unanswered(std::uint16_t sequence) {
        say(fmt::format("no answer from {}: icmp_seq={}", request_.destination.to_string(), sequence));
    }

    // An answer, or what else a request ends with, wakes whoever sleeps.
    awaitable<void> sleep(Duration duration) {
        error_code ignored;
        news_.expires_after(duration);
        co_await news_.async_wait(redirect_error(use_awaitable, ignored));
    }

    void ended(std::size_t number, const error_code& error, const session::EchoReply& reply) {
        if (waiting_.erase(number) == 0) return;
        if (number == sent_) latest_waits_ = false;
        if (!error) {
            answered(reply);
        } else if (error == asio::error::timed_out) {
            unanswered(reply.sequence);
        } else if (error == asio::error::address_family_not_supported) {
            refused_ = "cannot ping " + request_.destination.to_string() +
                       ": this network has no IPv6; use --net kernel, or an IPv4 address";
        } else if (error != asio::error::operation_aborted) {
            failed(error, reply);
        }
        news_.cancel();
    }

    // The words of ping(8). Where many were asked, whoever answers is right.
    void answered(const session::EchoReply& reply) {
        const std::size_t number = number_of_request(reply.sequence);
        reply.repeated ? statistics_.duplicate(number, reply.round_trip)
                       : statistics_.received(number, reply.round_trip);
        if (options_.flood) return show("\b \b");
        say(fmt::format("{} bytes from {}: icmp_seq={} ttl={} time={:.3f} ms{}{}{}", reply.bytes,
                        reply.from.to_string(), reply.sequence, reply.ttl, seconds_of(reply.round_trip) * 1000,
                        reply.repeated && !reply.non_unicast ? " (DUP!)" : "",
                        reply.from != request_.destination && !reply.non_unicast ? " (DIFFERENT ADDRESS!)" : "",
                        reply.intact ? "" : " (damaged)"));
        if (!reply.route.empty()) say_route(reply.route);
    }

    // The way of the request, and behind its destination that of the answer.
    void say_route(const std::vector<IpAddress>& route) {
        if (route == latest_route_) return say("RR: (same route)");
        latest_route_ = route;
        std::string_view before = "RR: ";
        for (const IpAddress& host : route) {
            say(fmt::format("{}\t{}", before, host.to_string()));
            before = "";
        }
    }

    void failed(const error_code& error, const session::EchoReply& reply) {
        if (reply.said.empty()) {
            statistics_.failed(0);
            return say(fmt::format("icmp_seq={} cannot be sent: {}", reply.sequence, error.message()));
        }
        statistics_.failed(number_of_request(reply.sequence));
        show("\bE");
        const IpAddress from = reply.from.is_any() ? request_.destination : reply.from;
        const std::string mtu = reply.mtu == 0 ? "" : fmt::format(" (mtu = {})", reply.mtu);
        say(fmt::format("From {}: icmp_seq={} {}{}", from.to_string(), reply.sequence, reply.said, mtu));
    }

    // The latest request with this number: they come round after 65,536.
    [[nodiscard]] std::size_t number_of_request(std::uint16_t sequence) const noexcept {
        return sent_ - static_cast<std::uint16_t>(sent_ - sequence);
    }
    // In a flood: what stays there is what was not answered.
    void show(const char* mark) {
        if (options_.flood && !options_.quiet) print_(mark, false);
    }
    void say(const std::string& line) {
        if (!options_.quiet && !options_.flood) print_(line, true);
    }

    session::Network& network_;
    Options options_;
    Print print_;
    Statistics& statistics_;
    session::EchoRequest request_;
    session::Echo echo_;
    session::Timer news_;
    session::Timer deadline_;
    std::size_t sent_ = 0;
    std::set<std::size_t> waiting_;  // by the number of the request, which does not come round
    bool latest_waits_ = false;
    std::vector<IpAddress> latest_route_;
    std::optional<std::string> refused_;  // nothing can be sent at all
};

}  // namespace

awaitable<void> run(session::Network& network, std::string host, Options options, Print print, Statistics& statistics,
                    std::shared_ptr<bool> stop) {
    const std::string cannot = "cannot ping";
    const IpAddress destination = co_await host_address(network, host, options.family, cannot);
    error_code error;
    session::Echo echo = network.open_echo(error);
    if (error) {
        throw std::runtime_error(
            "cannot ping " + printable(host) + ": " + error.message() +
            "; run it as root, allow it by the sysctl net.ipv4.ping_group_range, or use --net tap:…");
    }
    print(fmt::format("PING {} ({}) {} bytes of data.", printable(host), destination.to_string(), options.payload_size),
          true);
    const auto one = std::make_shared<Run>(network, destination, options, print, statistics, std::move(echo));
    co_await one->ask_and_wait(stop);
}

}  // namespace strata::application::ping
