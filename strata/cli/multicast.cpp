// strata multicast join|send GROUP, and strata multicast watch.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <limits>

#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/interruption.hpp"
#include "strata/cli/multicast_watch.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

using boost::system::error_code;

constexpr std::uint16_t usual_port = 5000;
constexpr std::uint64_t datagrams_max = 1'000'000'000;
constexpr std::uint64_t multicast_ttl_max = 255;
constexpr std::uint64_t query_interval_max = 31744;  // RFC 9776 4.1.7: what the code can say

struct MulticastOptions {
    std::string how;
    std::string group;
    std::string source;
    std::string message = "hello";
    std::string net = "kernel";
    std::uint64_t count = 0;
    unsigned ttl = 1;
    unsigned interval = 0;  // 0: as usual
    unsigned version = 0;
};

Endpoint parse_group(const std::string& text) {
    const auto address = IpAddress::parse(text);
    const auto endpoint =
        address ? Result<Endpoint>{Endpoint{*address, PortNumber{usual_port}}} : Endpoint::parse(text);
    const bool usable = endpoint && endpoint->address.is_v4() && endpoint->address.is_multicast();
    if (!usable || number_of(endpoint->port) == 0) {
        throw WrongUse("'" + printable(text) + "' is no IPv4 group; write one like 239.1.2.3 or 239.1.2.3:5000");
    }
    return *endpoint;
}

IpAddress parse_source(const std::string& text) {
    if (text.empty()) return {};
    const auto address = IpAddress::parse(text);
    if (!address || !address->is_v4() || address->is_any() || address->is_multicast()) {
        throw WrongUse("'" + printable(text) + "' is no IPv4 address of one host; write one like 10.9.0.2");
    }
    return *address;
}

void must(const error_code& error, const std::string& what, const std::string& remedy) {
    if (error) throw std::runtime_error(what + ": " + error.message() + "; " + remedy);
}

class Member {
public:
    Member(boost::asio::io_context& io, session::Datagram socket, std::uint64_t count)
        : io_(io), socket_(std::move(socket)), left_(count != 0 ? count : std::numeric_limits<std::uint64_t>::max()) {
        receive();
    }

private:
    void receive() {
        socket_.async_receive_from(boost::asio::buffer(buffer_),
                                   [this](error_code error, std::size_t size, const session::Address& from) {
                                       if (error) return io_.stop();
                                       fmt::print("{}: {}\n", from.to_string(), printable(buffer_.substr(0, size)));
                                       std::fflush(stdout);
                                       if (--left_ == 0) return io_.stop();
                                       receive();
                                   });
    }

    boost::asio::io_context& io_;
    session::Datagram socket_;
    std::uint64_t left_;
    std::string buffer_ = std::string(ipv4_datagram_max, '\0');
};

// One datagram a second.
class Sender {
public:
    Sender(boost::asio::io_context& io, session::Datagram socket, const Endpoint& to, const MulticastOptions& options)
        : io_(io),
          timer_(io),
          socket_(std::move(socket)),
          to_(to),
          message_(options.message),
          left_(std::max<std::uint64_t>(options.count, 1)) {
        send();
    }
    [[nodiscard]] const error_code& error() const noexcept { return error_; }

private:
    void send() {
        socket_.async_send_to(boost::asio::buffer(message_), to_, [this](error_code error, std::size_t) {
            error_ = error;
            if (error || --left_ == 0) return io_.stop();
            timer_.expires_after(std::chrono::seconds{1});
            timer_.async_wait([this](error_code ended) {
                if (!ended) send();
            });
        });
    }

    boost::asio::io_context& io_;
    boost::asio::steady_timer timer_;
    session::Datagram socket_;
    session::Address to_;
    std::string message_;
    std::uint64_t left_;
    error_code error_;
};

int join_group(boost::asio::io_context& io, session::Network& network, const MulticastOptions& options) {
    const Endpoint group = parse_group(options.group);
    const IpAddress source = parse_source(options.source);
    error_code error;
    session::Datagram socket = network.open_shared_datagram({IpAddress{}, number_of(group.port)}, error);
    must(error, fmt::format("cannot have port {}", number_of(group.port)), "choose another one");
    must(socket.join_group({.group = group.address, .source = source}), "cannot join " + group.address.to_string(),
         "see that this host has a route to it, or use --net tap");
    fmt::print("joined {}, from {}\n", group.to_string(), source.is_any() ? "everybody" : source.to_string());
    std::fflush(stdout);
    const Member member{io, std::move(socket), options.count};
    io.run();
    return 0;
}

int send_to_group(boost::asio::io_context& io, session::Network& network, const MulticastOptions& options) {
    const Endpoint group = parse_group(options.group);
    const IpAddress source = parse_source(options.source);
    error_code error;
    session::Datagram socket = network.open_datagram({IpAddress{}, 0}, error);
    must(error, "cannot have a port", "see that this host has an address");
    must(socket.set_multicast_ttl(static_cast<std::uint8_t>(options.ttl)), "cannot set the TTL", "leave out -t");
    if (!source.is_any()) {
        must(socket.set_multicast_interface(source), "cannot send from " + source.to_string(),
             "name an address of this host");
    }
    const Sender sender{io, std::move(socket), group, options};
    io.run();
    must(sender.error(), "cannot send to " + group.to_string(),
         "see that this host has a route to it, or use --net tap");
    return 0;
}

int run_watch(const MulticastOptions& options) {
    const bool of_members = !options.source.empty() || options.count != 0 || options.ttl != 1;
    if (!options.group.empty() || of_members)
        throw WrongUse("multicast watch tells of all groups; leave out the group, --source, -c and -t");
    WatchOptions watch{.net = options.net};
    if (options.interval != 0) watch.interval = options.interval;
    if (options.version != 0) watch.version = options.version;
    return watch_groups(watch);
}

int run_multicast(const MulticastOptions& options) {
    if (options.how == "watch") return run_watch(options);
    if (options.group.empty()) throw WrongUse("multicast " + options.how + " needs a group; write one like 239.1.2.3");
    if (options.interval != 0 || options.version != 0)
        throw WrongUse("--interval and --igmp are of multicast watch; leave them out");
    (void)parse_group(options.group);
    (void)parse_source(options.source);
    boost::asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    const Interruption interruption{io};
    return options.how == "join" ? join_group(io, opened->network(), options)
                                 : send_to_group(io, opened->network(), options);
}

}  // namespace

void add_multicast(CLI::App& app, Action& action) {
    auto options = std::make_shared<MulticastOptions>();
    CLI::App* command = app.add_subcommand(
        "multicast",
        "Join a group (IGMP) and print what is sent to it, until Ctrl-C; send to one; or watch who joins which.");
    command
        ->add_option("HOW", options->how,
                     "join the group, send to it, or watch all: ask as a router does who wants which")
        ->required()
        ->check(CLI::IsMember({"join", "send", "watch"}));
    command->add_option("GROUP", options->group, "this group, and :PORT (default 5000)");
    command->add_option("--source", options->source, "hear this sender alone; or send from this address of ours")
        ->type_name("ADDR");
    command->add_option("-c", options->count, "stop after so many datagrams (default: go on; one is sent)")
        ->type_name("N")
        ->check(whole_number(1, datagrams_max));
    command->add_option("-t", options->ttl, "let routers forward what is sent so many times less one (default 1)")
        ->type_name("N")
        ->check(whole_number(1, multicast_ttl_max));
    command->add_option("--message", options->message, "send this (default hello)")->type_name("TEXT");
    command
        ->add_option("--interval", options->interval,
                     "watch: ask every so many seconds, unless a router with a lower address does (default 125)")
        ->type_name("SECONDS")
        ->check(whole_number(1, query_interval_max));
    command->add_option("--igmp", options->version, "watch: ask in this version of IGMP (default 3)")
        ->type_name("N")
        ->check(whole_number(1, 3));
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->callback([options, &action] { action = [options] { return run_multicast(*options); }; });
}

}  // namespace strata::cli
