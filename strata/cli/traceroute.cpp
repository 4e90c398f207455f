// strata traceroute HOST.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "strata/7_application/traceroute/traceroute.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/interruption.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

namespace traceroute = application::traceroute;

constexpr std::uint64_t hop_limit_max = 255;
constexpr std::uint64_t probes_a_hop_max = 10;
constexpr std::uint64_t probes_at_once_max = 256;  // session::ProbeTableOptions::probes_waiting_max
constexpr std::uint64_t traced_port_max = 65535;
constexpr double trace_wait_max = 3600;  // seconds
constexpr std::uint16_t tcp_port = 80;

struct TracerouteOptions {
    std::string host;
    std::string net = "kernel";
    bool echo = false;
    bool tcp = false;
    bool udp = false;
    std::uint16_t port = 0;
    unsigned hops_max = 30;
    unsigned first_hop = 1;
    std::size_t probes = 3;
    std::size_t at_once = 16;
    double wait = 5;
    bool numbers = false;
    bool v4 = false;
    bool v6 = false;
    bool mtu = false;
};

int trace(const TracerouteOptions& options) {
    if (options.first_hop > options.hops_max) {
        throw WrongUse("-f " + std::to_string(options.first_hop) + " is beyond -m " + std::to_string(options.hops_max) +
                       "; begin no later than it ends");
    }
    boost::asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    traceroute::Options how;
    if (options.echo) how.method = traceroute::Method::echo;
    if (options.tcp) how.method = traceroute::Method::tcp;
    if (options.tcp) how.port = tcp_port;
    if (options.port != 0) how.port = options.port;
    how.hops_max = options.hops_max;
    how.first_hop = options.first_hop;
    how.probes_a_hop = options.probes;
    how.probes_at_once = options.at_once;
    how.wait = saturating_seconds(options.wait);
    how.names = !options.numbers;
    if (options.v4) how.family = application::Family::v4;
    if (options.v6) how.family = application::Family::v6;
    how.mtu = options.mtu;
    const auto print = [](const std::string& text, bool ends) {
        std::printf("%s%s", text.c_str(), ends ? "\n" : "");
        std::fflush(stdout);
    };
    const Interruption interruption{io};
    std::exception_ptr failed;
    bool reached = false;
    boost::asio::co_spawn(io, traceroute::run(opened->network(), options.host, how, print),
                          [&](std::exception_ptr thrown, bool there) {
                              failed = thrown;
                              reached = there;
                              io.stop();
                          });
    io.run();
    if (failed) std::rethrow_exception(failed);
    if (interruption.came()) throw Interrupted("interrupted; what was found so far is above");
    return reached ? 0 : 1;
}

}  // namespace

void add_traceroute(CLI::App& app, Action& action) {
    auto options = std::make_shared<TracerouteOptions>();
    CLI::App* command = app.add_subcommand("traceroute", "Show which routers lie on the way to a host.");
    command->add_option("HOST", options->host, "go to this host: a name or an address")->required();
    auto* echo = command->add_flag("-I", options->echo, "ask by ICMP echo requests");
    auto* tcp = command
                    ->add_flag("-T", options->tcp,
                               "ask by TCP SYNs: what lets people through to a server lets them through, too")
                    ->excludes(echo);
    command->add_flag("-U", options->udp, "ask by UDP datagrams (the default)")->excludes(echo)->excludes(tcp);
    command
        ->add_option("-p", options->port,
                     "ask for this port (default 80 with -T); by UDP for it and, a probe each, those that follow "
                     "(default 33434)")
        ->type_name("PORT")
        ->check(whole_number(1, traced_port_max))
        ->excludes(echo);
    command->add_option("-m", options->hops_max, "go so many hops at most (default 30)")
        ->type_name("N")
        ->check(whole_number(1, hop_limit_max));
    command->add_option("-f", options->first_hop, "begin with this hop (default 1)")
        ->type_name("N")
        ->check(whole_number(1, hop_limit_max));
    command->add_option("-q", options->probes, "send so many probes to each hop (default 3)")
        ->type_name("N")
        ->check(whole_number(1, probes_a_hop_max));
    command->add_option("-N", options->at_once, "let so many probes be on their way at once (default 16)")
        ->type_name("N")
        ->check(whole_number(1, probes_at_once_max));
    command->add_option("-w", options->wait, "wait so many seconds for each answer (default 5)")
        ->type_name("SECONDS")
        ->check(seconds_above_zero(trace_wait_max));
    command->add_flag("-n", options->numbers, "show addresses alone, and look no names up");
    command
        ->add_flag("--mtu", options->mtu,
                   "find the path's MTU: probes of UDP begin long, one leaves at a time and may not be fragmented")
        ->excludes(echo)
        ->excludes(tcp);
    auto* v4 = command->add_flag("-4", options->v4, "use IPv4 only");
    command->add_flag("-6", options->v6, "use IPv6 only")->excludes(v4);
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->callback([options, &action] { action = [options] { return trace(*options); }; });
}

}  // namespace strata::cli
