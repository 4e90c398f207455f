// strata rarp serve FILE, and strata rarp query.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "strata/7_application/rarp/server.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/device_network.hpp"
#include "strata/cli/interruption.hpp"

namespace strata::cli {
namespace {

struct RarpOptions {
    std::string how;
    std::string file;
    std::string net = "kernel";
};

int serve_rarp(const RarpOptions& options, const NetOption& net) {
    boost::asio::io_context io{1};
    const auto device = open_device(io, net, {});
    const auto lease = settle_address(io, *device, net);
    host::Host& host = device->host();
    application::rarp::Server server{host.context(), host.ethernet(), host.address().v4(), options.file,
                                     [&](const std::string& line) {
                                         fmt::print("{}: {}\n", device->device_name(), line);
                                         std::fflush(stdout);
                                     }};
    const Interruption interruption{io};
    io.run();
    server.counters().for_each([](std::string_view name, std::uint64_t value) {
        if (value != 0) fmt::print("2 link      {:<28}{:>16}\n", name, value);
    });
    return 0;
}

int query_rarp(const NetOption& net) {
    boost::asio::io_context io{1};
    const auto device = open_device(io, net, {});
    const std::string own = device->host().ethernet().mac_address().to_string();
    const auto answer = ask_rarp(io, *device);
    if (!answer) {
        throw std::runtime_error("no RARP server on " + device->device_name() + " told the address of " + own +
                                 "; add it to the server's table");
    }
    fmt::print("{} is {}, says {} at {}\n", own, answer->address.to_string(), answer->server.to_string(),
               answer->server_mac.to_string());
    return 0;
}

int run_rarp(const RarpOptions& options) {
    const bool serve = options.how == "serve";
    if (serve && options.file.empty())
        throw WrongUse("rarp serve needs a file with the machines' addresses; write strata rarp serve /etc/ethers");
    if (!serve && !options.file.empty()) throw WrongUse("rarp query reads no file; leave it out");
    const NetOption net = parse_net_option(options.net);
    require_ethernet(net, "rarp");
    return serve ? serve_rarp(options, net) : query_rarp(net);
}

}  // namespace

void add_rarp(CLI::App& app, Action& action) {
    auto options = std::make_shared<RarpOptions>();
    CLI::App* command = app.add_subcommand(
        "rarp", "Tell machines their IP addresses by their hardware addresses (RARP), or ask for one's own.");
    command->add_option("HOW", options->how, "serve the addresses in a file, or query one's own")
        ->required()
        ->check(CLI::IsMember({"serve", "query"}));
    command->add_option("FILE", options->file, "serve these: a hardware address, and an IP address or a name, a line");
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->callback([options, &action] { action = [options] { return run_rarp(*options); }; });
}

}  // namespace strata::cli
