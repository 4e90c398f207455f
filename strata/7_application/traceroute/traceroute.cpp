#include "strata/7_application/traceroute/traceroute.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>
#include <stdexcept>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/traceroute/verdict.hpp"

namespace strata::application::traceroute {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr std::size_t data_size = 40;   // behind the IP header
constexpr std::size_t longest = 65000;  // as traceroute(8) begins with, header and all
constexpr std::size_t header_size = 8;  // of UDP and of an echo
constexpr std::size_t ports = 65536;

std::size_t ip_header_of(IpVersion version) { return version == IpVersion::v4 ? 20 : 40; }
// Every link takes as much (RFC 791 3.1, RFC 8200 5): who says less is wrong.
std::size_t mtu_min_of(IpVersion version) { return version == IpVersion::v4 ? 68 : 1280; }

class Run : public std::enable_shared_from_this<Run> {
public:
    Run(session::Network& network, IpAddress destination, const Options& options, const Print& print,
        std::optional<session::Echo> echo, session::Prober prober)
        : network_(network),
          destination_(destination),
          options_(options),
          echo_(std::move(echo)),
          prober_(std::move(prober)),
          news_(network.make_timer()),
          lines_(options.first_hop, options.probes_a_hop, print, [this](const IpAddress& host) { return shown(host); }),
          last_hop_(options.hops_max),
          size_(options.mtu ? longest : ip_header_of(destination.version()) + data_size) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    awaitable<bool> trace() {
        while (true) {
            launch();
            const bool all = lines_.write(end());
            if (refused_) throw std::runtime_error(*refused_);
            if (all) co_return reached_.contains(last_hop_);
            error_code ignored;
            news_.expires_after(next_news() - network_.now());
            co_await news_.async_wait(redirect_error(use_awaitable, ignored));
        }
    }

private:
    struct Name {
        std::optional<std::string> name;
        Instant given_up{};
    };

    // Probes up to the last hop, in all.
    [[nodiscard]] std::size_t end() const { return (last_hop_ - options_.first_hop + 1) * options_.probes_a_hop; }
    [[nodiscard]] unsigned hop_of(std::size_t number) const {
        return options_.first_hop + static_cast<unsigned>(number / options_.probes_a_hop);
    }

    void launch() {
        const std::size_t at_once = options_.mtu ? 1 : options_.probes_at_once;
        while (!refused_ && next_ < end() && in_flight_ < at_once) ask(next_++);
    }

    void ask(std::size_t number) {
        ++in_flight_;
        const auto ttl = static_cast<std::uint8_t>(hop_of(number));
        if (options_.method == Method::echo) return ask_echo(number, ttl);
        const bool udp = options_.method == Method::udp;
        const std::size_t port = udp ? options_.port + number % (ports - options_.port) : options_.port;
        session::ProbeRequest request;
        request.destination = {destination_, PortNumber{static_cast<std::uint16_t>(port)}};
        request.kind = udp ? session::ProbeKind::udp : session::ProbeKind::tcp;
        request.payload_size = payload_size();
        request.ttl = ttl;
        if (options_.mtu) request.fragmentation = network::Fragmentation::probing;
        request.timeout = options_.wait;
        prober_.async_probe(
            request, [weak = weak_from_this(), number](const error_code& error, const session::ProbeReply& reply) {
                if (const auto self = weak.lock()) self->probed(number, error, reply);
            });
    }

    void ask_echo(std::size_t number, std::uint8_t ttl) {
        session::EchoRequest request;
        request.destination = destination_;
        request.sequence = static_cast<std::uint16_t>(number + 1);
        request.payload_size = payload_size();
        request.ttl = ttl;
        request.timeout = options_.wait;
        echo_->async_echo(request,
                          [weak = weak_from_this(), number](const error_code& error, const session::EchoReply& reply) {
                              if (const auto self = weak.lock()) self->echoed(number, error, reply);
                          });
    }
    [[nodiscard]] std::size_t payload_size() const {
        return size_ - ip_header_of(destination_.version()) - header_size;
    }

    void probed(std::size_t number, const error_code& error, const session::ProbeReply& reply) {
        --in_flight_;
        if (options_.mtu && reply.mtu != 0 && shorten(reply.mtu)) {
            shortened_[number] = size_;
            return ask(number);
        }
        if (error) return failed(number, error);
        Verdict verdict{.mark = {}, .ends = true, .reached = true};
        if (reply.answer == session::ProbeAnswer::error)
            verdict = verdict_of(reply.icmp, destination_.version(), reply.mtu);
        answered(number, reply.from, reply.round_trip, std::move(verdict));
    }

    // Says whether it is worth while to ask again.
    bool shorten(std::size_t mtu) {
        if (mtu >= size_ || mtu < mtu_min_of(destination_.version()) || steps_ >= options_.mtu_steps_max) return false;
        ++steps_;
        size_ = mtu;
        return true;
    }

    void echoed(std::size_t number, const error_code& error, const session::EchoReply& reply) {
        --in_flight_;
        if (error && reply.said.empty()) return failed(number, error);
        Verdict verdict{.mark = {}, .ends = true, .reached = true};
        if (error) verdict = verdict_of(reply.icmp, destination_.version(), reply.mtu);
        answered(number, reply.from, reply.round_trip, std::move(verdict));
    }

    void failed(std::size_t number, const error_code& error) {
        if (error == asio::error::timed_out) {
            lines_.put(number, std::nullopt);
        } else if (error != asio::error::operation_aborted) {
            refused_ = fmt::format("cannot trace the way to {}: {}; check the routes, or try another address or --net",
                                   destination_.to_string(), error.message());
        }
        news_.cancel();
    }

    void answered(std::size_t number, const IpAddress& from, Duration round_trip, Verdict verdict) {
        if (verdict.ends) last_hop_ = std::min(last_hop_, hop_of(number));
        if (verdict.reached) reached_.insert(hop_of(number));
        const auto shortened = shortened_.find(number);
        const std::size_t mtu = shortened == shortened_.end() ? 0 : shortened->second;
        lines_.put(number, Answer{.from = from, .round_trip = round_trip, .mark = std::move(verdict.mark), .mtu = mtu});
        ask_name(from);
        news_.cancel();
    }

    void ask_name(const IpAddress& host) {
        if (!options_.names || names_.contains(host)) return;
        names_[host].given_up = saturating_add(network_.now(), options_.name_wait);
        network_.async_name_of(host, [weak = weak_from_this(), host](const error_code& error, const std::string& name) {
            const auto self = weak.lock();
            if (!self) return;
            self->names_[host].name = error ? host.to_string() : printable(name);
            self->news_.cancel();
        });
    }

    std::optional<std::string> shown(const IpAddress& host) {
        const std::string address = host.to_string();
        if (!options_.names) return address;
        const Name& known = names_[host];
        if (!known.name && network_.now() < known.given_up) return std::nullopt;
        return fmt::format("{} ({})", known.name.value_or(address), address);
    }

    // What else than an answer there is to wait for: that a name is given up.
    [[nodiscard]] Instant next_news() const {
        Instant next = saturating_add(network_.now(), options_.wait + options_.name_wait);
        for (const auto& [host, name] : names_) {
            if (!name.name && name.given_up > network_.now()) next = std::min(next, name.given_up);
        }
        return next;
    }

    session::Network& network_;
    IpAddress destination_;
    Options options_;
    std::optional<session::Echo> echo_;
    session::Prober prober_;
    session::Timer news_;
    Lines lines_;
    std::map<IpAddress, Name> names_;
    unsigned last_hop_;  // that is worth asking
    std::size_t next_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t size_;  // of a probe, with its IP header
    std::size_t steps_ = 0;
    std::map<std::size_t, std::size_t> shortened_;  // which probe was made how long
    std::set<unsigned> reached_;                    // at which hops the destination answered
    std::optional<std::string> refused_;            // nothing can be sent at all
};

}  // namespace

awaitable<bool> run(session::Network& network, std::string host, Options options, Print print) {
    const std::string cannot = "cannot trace the way to";
    const IpAddress destination = co_await host_address(network, host, options.family, cannot);
    const std::string shown = printable(host);
    error_code error;
    std::optional<session::Echo> echo;
    session::Prober prober;
    if (options.method == Method::echo) {
        echo = network.open_echo(error);
        if (error) {
            throw std::runtime_error(
                fmt::format("cannot trace the way to {}: {}; run it as root, allow it by the sysctl "
                            "net.ipv4.ping_group_range, or leave -I out",
                            shown, error.message()));
        }
    } else {
        prober = network.open_prober(error);
        if (error) {
            throw std::runtime_error(fmt::format("cannot trace the way to {}: {}; use -I", shown, error.message()));
        }
    }
    const auto one = std::make_shared<Run>(network, destination, options, print, std::move(echo), std::move(prober));
    print(fmt::format("traceroute to {} ({}), {} hops max, {} byte packets", shown, destination.to_string(),
                      options.hops_max, one->size()),
          true);
    const bool reached = co_await one->trace();
    co_return reached;
}

}  // namespace strata::application::traceroute
