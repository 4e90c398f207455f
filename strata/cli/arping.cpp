// strata arping ADDR.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "strata/0_foundation/printable.hpp"
#include "strata/2_link/arp/ping.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/device_network.hpp"
#include "strata/cli/interruption.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

constexpr std::uint64_t requests_max = 1'000'000'000;
constexpr std::uint64_t probes = 3;  // RFC 5227 1.1: PROBE_NUM

struct ArpingOptions {
    std::string address;
    std::string net = "kernel";
    std::uint64_t count = 0;
    bool probe = false;
};

class Arping final : public link::ArpPingUser {
public:
    Arping(boost::asio::io_context& io, host::DeviceHost& device, Ipv4Address target, const ArpingOptions& options)
        : io_(io), target_(target), probe_(options.probe) {
        fmt::print("{} {} on {}\n", probe_ ? "asking whether anybody has" : "asking who has", target.to_string(),
                   device.device_name());
        std::fflush(stdout);
        const std::uint64_t count = options.count == 0 && options.probe ? probes : options.count;
        ping_.emplace(device.host().context(), device.host().ethernet().arp(), *this, target,
                      link::ArpPingOptions{.count = count, .probe = options.probe});
    }
    // The exit code.
    [[nodiscard]] int end() const {
        if (probe_ && ping_->answers() == 0) fmt::print("nobody has {}\n", target_.to_string());
        fmt::print("{} requests, {} answers\n", ping_->sent(), ping_->answers());
        return (ping_->answers() > 0) != probe_ ? 0 : 1;
    }

private:
    void answered(MacAddress by, Duration took) override {
        fmt::print("{} is at {} ({:.3f} ms)\n", target_.to_string(), by.to_string(), seconds_of(took) * 1e3);
        std::fflush(stdout);
        if (probe_) io_.stop();
    }
    void done() override { io_.stop(); }

    boost::asio::io_context& io_;
    Ipv4Address target_;
    bool probe_;
    std::optional<link::ArpPing> ping_;
};

int run_arping(const ArpingOptions& options) {
    const auto target = Ipv4Address::parse(options.address);
    if (!target) {
        throw WrongUse("'" + printable(options.address) +
                       "' is no IPv4 address, which is all that ARP asks for; write one like 10.9.0.2");
    }
    const NetOption net = parse_net_option(options.net);
    require_ethernet(net, "arping");
    boost::asio::io_context io{1};
    const auto device = open_device(io, net, {});
    const auto lease = settle_address(io, *device, net);
    const Interruption interruption{io};
    Arping arping{io, *device, *target, options};
    io.run();
    return arping.end();
}

}  // namespace

void add_arping(CLI::App& app, Action& action) {
    auto options = std::make_shared<ArpingOptions>();
    CLI::App* command = app.add_subcommand(
        "arping", "Ask a link who has an address (ARP), until Ctrl-C, or -c times; or with -D whether it is free.");
    command->add_option("ADDR", options->address, "ask for this IPv4 address")->required();
    command->add_flag("-D", options->probe, "ask whether anybody has it, as a host that would like to (RFC 5227)");
    command->add_option("-c", options->count, "stop after so many (default: go on; with -D 3)")
        ->type_name("N")
        ->check(whole_number(1, requests_max));
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->callback([options, &action] { action = [options] { return run_arping(*options); }; });
}

}  // namespace strata::cli
