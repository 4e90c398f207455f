// strata ping HOST.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "strata/7_application/ping/ping.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/open_network.hpp"

namespace strata::cli {
namespace {

namespace ping = application::ping;

struct PingOptions {
    std::string host;
    std::string net = "kernel";
    std::size_t count = 0;
    std::size_t size = 56;
    double interval = 1;
};

int run(const PingOptions& options) {
    // CLI11's Range lets a NaN pass.
    if (!(options.interval >= 0 && options.interval <= 3600))
        throw WrongUse("-i is a number of seconds from 0 to 3600");
    boost::asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    ping::Options how;
    how.count = options.count;
    how.payload_size = options.size;
    how.interval = saturating_seconds(options.interval);
    ping::Statistics statistics;
    const auto stop = std::make_shared<bool>(false);
    const auto print = [](const std::string& line) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
    };
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) io.stop();
    });
    std::exception_ptr failed;
    const Instant began = opened->network().now();
    boost::asio::co_spawn(io, ping::run(opened->network(), options.host, how, print, statistics, stop),
                          [&](std::exception_ptr thrown) {
                              failed = thrown;
                              io.stop();
                          });
    io.run();
    if (failed) std::rethrow_exception(failed);
    print(statistics.summary(options.host, opened->network().now() - began));
    return statistics.received() > 0 ? 0 : 1;
}

}  // namespace

void add_ping(CLI::App& app, Action& action) {
    auto options = std::make_shared<PingOptions>();
    CLI::App* command = app.add_subcommand("ping", "Ask a host for answers (ICMP echo) until Ctrl-C, or -c times.");
    command->add_option("HOST", options->host, "a name or an address")->required();
    command->add_option("-c", options->count, "stop after so many (default: go on)")->check(CLI::PositiveNumber);
    command->add_option("-s", options->size, "bytes of payload (default 56)")->check(CLI::Range(0, 65507));
    command->add_option("-i", options->interval, "seconds between two (default 1)");
    command->add_option("--net", options->net, net_option_help);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace strata::cli
