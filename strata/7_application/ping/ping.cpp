#include "strata/7_application/ping/ping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <optional>
#include <stdexcept>

namespace strata::application::ping {

namespace asio = session::asio;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

void Statistics::received(Duration round_trip) noexcept {
    const double milliseconds = seconds_of(round_trip) * 1000;
    min_ = received_ == 0 ? milliseconds : std::min(min_, milliseconds);
    max_ = std::max(max_, milliseconds);
    sum_ += milliseconds;
    sum_of_squares_ += milliseconds * milliseconds;
    ++received_;
}

double Statistics::loss_percent() const noexcept {
    if (transmitted_ == 0) return 0;
    return 100.0 * static_cast<double>(transmitted_ - std::min(received_, transmitted_)) /
           static_cast<double>(transmitted_);
}

std::string Statistics::summary(const std::string& host, Duration took) const {
    std::string text =
        fmt::format("\n--- {} ping statistics ---\n{} packets transmitted, {} received, {}{:g}% packet loss, time {}ms",
                    host, transmitted_, received_, duplicates_ > 0 ? fmt::format("+{} duplicates, ", duplicates_) : "",
                    std::round(loss_percent() * 10) / 10, took / 1ms);
    if (received_ > 0) {
        const double mean = sum_ / static_cast<double>(received_);
        const double deviation =
            std::sqrt(std::max(0.0, sum_of_squares_ / static_cast<double>(received_) - mean * mean));
        text += fmt::format("\nrtt min/avg/max/mdev = {:.3f}/{:.3f}/{:.3f}/{:.3f} ms", min_, mean, max_, deviation);
    }
    return text;
}

namespace {

bool is_for_many(const IpAddress& destination) {
    return destination.is_multicast() || (destination.is_v4() && destination.v4().is_broadcast());
}

// The words of ping(8). A group's or a subnet's hosts answer from addresses of their own.
std::string answer_line(const session::EchoReply& reply, const session::EchoRequest& request, bool duplicate,
                        bool to_many) {
    return fmt::format("{} bytes from {}: icmp_seq={} ttl={} time={:.3f} ms{}{}{}", reply.bytes, reply.from.to_string(),
                       reply.sequence, reply.ttl, seconds_of(reply.round_trip) * 1000, duplicate ? " (DUP!)" : "",
                       reply.from != request.destination && !to_many ? " (DIFFERENT ADDRESS!)" : "",
                       reply.intact ? "" : " (damaged)");
}

std::string failure_line(const error_code& error, const session::EchoReply& reply,
                         const session::EchoRequest& request) {
    if (error == asio::error::timed_out)
        return fmt::format("no answer from {}: icmp_seq={}", request.destination.to_string(), request.sequence);
    const std::string from = reply.from.is_any() ? request.destination.to_string() : reply.from.to_string();
    return fmt::format("From {}: icmp_seq={} {}", from, request.sequence, error.message());
}

}  // namespace

asio::awaitable<void> run(session::Network& network, std::string host, Options options, Print print,
                          Statistics& statistics, std::shared_ptr<bool> stop) {
    error_code error;
    const auto found = co_await network.async_resolve(host, redirect_error(use_awaitable, error));
    if (error)
        throw std::runtime_error("cannot ping " + host + ": " + error.message() +
                                 "; check the name, or write an address");
    session::Echo echo = network.open_echo(error);
    if (error) {
        throw std::runtime_error(
            "cannot ping " + host + ": " + error.message() +
            "; run it as root, allow it by the sysctl net.ipv4.ping_group_range, or use --net tap:…");
    }
    session::EchoRequest request;
    request.destination = found.front();
    request.payload_size = options.payload_size;
    request.ttl = options.ttl;
    request.timeout = options.timeout;
    print(fmt::format("PING {} ({}) {} bytes of data.", host, request.destination.to_string(), options.payload_size));
    const bool to_many = is_for_many(request.destination);
    std::optional<std::uint16_t> answered;
    // Answers beyond the first, and one that came after we gave it up.
    const auto take = [&](const session::EchoReply& reply) {
        const bool duplicate = std::exchange(answered, reply.sequence) == reply.sequence;
        duplicate ? statistics.duplicate() : statistics.received(reply.round_trip);
        print(answer_line(reply, request, duplicate, to_many));
    };
    echo.on_more_answers(take);
    session::Timer timer = network.make_timer();
    for (std::size_t i = 0; !*stop && (options.count == 0 || i < options.count); ++i) {
        const Instant began = network.now();
        request.sequence = static_cast<std::uint16_t>(i + 1);
        statistics.sent();
        const session::EchoReply reply = co_await echo.async_echo(request, redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted) break;
        error ? print(failure_line(error, reply, request)) : take(reply);
        const Duration left = saturating_add(began, options.interval) - network.now();
        if (*stop || i + 1 == options.count || left <= 0ns) continue;
        timer.expires_after(left);
        co_await timer.async_wait(redirect_error(use_awaitable, error));
        if (error) break;
    }
}

}  // namespace strata::application::ping
