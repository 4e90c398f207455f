// strata ping HOST.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <map>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/ping/ping.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/interruption.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

namespace ping = application::ping;

constexpr std::uint64_t count_max = 1'000'000'000;
constexpr std::uint64_t payload_max = ipv4_datagram_max;
constexpr double interval_max = 3600;  // seconds

struct PingOptions {
    std::string host;
    std::string net = "kernel";
    std::size_t count = 0;
    std::size_t size = 56;
    double interval = 1;
    double wait = 0;
    bool has_interval = false;
    bool has_wait = false;
    double deadline = 0;
    bool has_deadline = false;
    unsigned ttl = 64;
    std::string fragmentation = "want";
    bool flood = false;
    bool record_route = false;
    bool quiet = false;
    bool v4 = false;
    bool v6 = false;
};

constexpr double wait_seconds_max = 1'000'000;
constexpr std::uint64_t ttl_max = 255;

// The words of ping(8), which are those of ip(7).
const std::map<std::string, network::Fragmentation> fragmentations{{"do", network::Fragmentation::forbidden},
                                                                   {"want", network::Fragmentation::when_needed},
                                                                   {"dont", network::Fragmentation::allowed}};

int run(const PingOptions& options) {
    const std::string host = printable(options.host);
    boost::asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    ping::Options how;
    how.count = options.count;
    how.payload_size = options.size;
    how.interval = saturating_seconds(options.interval);
    if (options.has_wait) how.wait = saturating_seconds(options.wait);
    if (options.has_deadline) how.deadline = saturating_seconds(options.deadline);
    how.ttl = static_cast<std::uint8_t>(options.ttl);
    how.fragmentation = fragmentations.at(options.fragmentation);
    how.record_route = options.record_route;
    how.flood = options.flood;
    if (options.flood && !options.has_interval) how.interval = {};
    how.quiet = options.quiet;
    if (options.v4) how.family = ping::Family::v4;
    if (options.v6) how.family = ping::Family::v6;
    ping::Statistics statistics;
    const auto stop = std::make_shared<bool>(false);
    const auto print = [](const std::string& text, bool ends) {
        std::printf("%s%s", text.c_str(), ends ? "\n" : "");
        std::fflush(stdout);
    };
    const Interruption interruption{io};
    std::exception_ptr failed;
    const Instant began = opened->network().now();
    boost::asio::co_spawn(io, ping::run(opened->network(), options.host, how, print, statistics, stop),
                          [&](std::exception_ptr thrown) {
                              failed = thrown;
                              io.stop();
                          });
    io.run();
    if (failed) std::rethrow_exception(failed);
    print(statistics.summary(host, opened->network().now() - began), true);
    return statistics.received() > 0 ? 0 : 1;
}

}  // namespace

void add_ping(CLI::App& app, Action& action) {
    auto options = std::make_shared<PingOptions>();
    CLI::App* command = app.add_subcommand("ping", "Ask a host for answers (ICMP echo) until Ctrl-C, or -c times.");
    command->add_option("HOST", options->host, "ask this host: a name or an address")->required();
    command->add_option("-c", options->count, "stop after so many (default: go on)")
        ->type_name("N")
        ->check(whole_number(1, count_max));
    command->add_option("-s", options->size, "send so many bytes of payload (default 56)")
        ->type_name("BYTES")
        ->check(whole_number(0, payload_max));
    auto* interval = command
                         ->add_option("-i", options->interval,
                                      "let so many seconds pass between two (default 1); 0: as fast as answers come")
                         ->type_name("SECONDS")
                         ->check(seconds_from(0, interval_max));
    auto* wait = command
                     ->add_option("-W", options->wait,
                                  "wait so many seconds for each answer (default 10, and after the last request twice "
                                  "the longest round trip)")
                     ->type_name("SECONDS")
                     ->check(seconds_above_zero(wait_seconds_max));
    auto* deadline = command
                         ->add_option("-w", options->deadline,
                                      "end after so many seconds, however many requests have left or been answered")
                         ->type_name("SECONDS")
                         ->check(seconds_above_zero(wait_seconds_max));
    command->add_option("-t", options->ttl, "let routers forward requests so many times (default 64)")
        ->type_name("N")
        ->check(whole_number(1, ttl_max));
    command
        ->add_option(
            "-M", options->fragmentation,
            "fragment long requests: do (not at all), want (here, where the path's MTU is known; the default), "
            "dont (here and on the way, as ping(8) calls it)")
        ->type_name("HOW")
        ->check(CLI::IsMember({"do", "want", "dont"}));
    command->add_flag("-f", options->flood,
                      "flood: ask as fast as answers come, or a hundred times a second, and show a dot for each "
                      "request that is not answered");
    auto* record = command->add_flag("-R", options->record_route,
                                     "show which hosts the requests and answers came by (IPv4: record route)");
    command->add_flag("-q", options->quiet, "print only the first line and the summary");
    auto* v4 = command->add_flag("-4", options->v4, "use IPv4 only");
    command->add_flag("-6", options->v6, "use IPv6 only")->excludes(v4)->excludes(record);
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->callback([options, interval, wait, deadline, &action] {
        options->has_interval = interval->count() > 0;
        options->has_wait = wait->count() > 0;
        options->has_deadline = deadline->count() > 0;
        action = [options] { return run(*options); };
    });
}

}  // namespace strata::cli
