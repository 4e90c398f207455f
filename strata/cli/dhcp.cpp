// strata dhcp serve RANGE..., and strata dhcp query.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "strata/0_foundation/printable.hpp"
#include "strata/1_physical/device/interface_requests.hpp"
#include "strata/5_session/kernel/network.hpp"
#include "strata/5_session/runtime/real.hpp"
#include "strata/7_application/dhcp/client/inquiry.hpp"
#include "strata/7_application/dhcp/server/link_server.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/device_network.hpp"
#include "strata/cli/dhcp_options.hpp"
#include "strata/cli/interruption.hpp"
#include "strata/cli/lan.hpp"

namespace strata::cli {
namespace {

namespace dhcp = application::dhcp;

struct DhcpOptions {
    std::string how;
    DhcpTexts texts;
    std::string interface;
    std::string net = "kernel";
};

// A link of the kernel's, or one of ours.
struct DhcpLink {
    DhcpLink(boost::asio::io_context& io, const NetOption& net, const std::string& interface) {
        if (net.on_device()) {
            device = open_device(io, net, {});
            name = device->device_name();
            return;
        }
        kernel = std::make_unique<session::KernelNetwork>(io);
        name = interface;
    }
    [[nodiscard]] session::Network& network() const {
        if (device) return device->network();
        return *kernel;
    }

    std::string name;
    std::unique_ptr<session::KernelNetwork> kernel;
    std::unique_ptr<host::DeviceHost> device;
};

[[noreturn]] void cannot(const char* what, const std::string& name, const boost::system::system_error& error) {
    throw std::runtime_error(
        fmt::format("cannot {} on {}: {}; it needs root, and the port for itself", what, name, error.code().message()));
}

Ipv4InterfaceAddress own_address(const DhcpLink& link) {
    if (link.device) {
        const auto own = link.device->host().internet().assigned(0).front();
        return {own.address.v4(), own.length};
    }
    const auto own = address_of_interface(link.name);
    if (!own) throw std::runtime_error(printable(link.name) + " has no IPv4 address; give it one by ip address add");
    return *own;
}

int serve_dhcp(const DhcpOptions& options, const NetOption& net) {
    boost::asio::io_context io{1};
    const DhcpLink link{io, net, options.interface};
    const auto lease = link.device ? settle_address(io, *link.device, net) : nullptr;
    const auto say = [&](const std::string& line) {
        fmt::print("{}: {}\n", link.name, line);
        std::fflush(stdout);
    };
    std::unique_ptr<dhcp::LinkServer> server;
    dhcp::ServerPlan plan = parse_dhcp(options.texts, own_address(link));
    try {
        server = std::make_unique<dhcp::LinkServer>(link.network(), link.name, std::move(plan), say);
    } catch (const boost::system::system_error& error) {
        cannot("serve DHCP", link.name, error);
    }
    say(fmt::format("giving {} addresses of {}, and {} reserved ones", server->server().leases().size(),
                    server->server().plan().subnet().to_string(), server->server().plan().reservations.size()));
    const Interruption interruption{io};
    io.run();
    server->server().counters().for_each([](std::string_view name, std::uint64_t value) {
        if (value != 0) fmt::print("7 application {:<26}{:>16}\n", name, value);
    });
    return 0;
}

std::string readable_lease(Duration time) {
    if (time == Duration::max()) return "without end";
    return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

void print_offer(const dhcp::Lease& offer) {
    fmt::print("{} offers {} for {}\n", offer.server.to_string(), offer.address.to_string(),
               readable_lease(offer.time));
    const auto print_addresses = [](const char* what, const std::vector<Ipv4Address>& all) {
        for (const Ipv4Address address : all) fmt::print("    {:<14}{}\n", what, address.to_string());
    };
    const auto print_text = [](const char* what, const std::string& text) {
        if (!text.empty()) fmt::print("    {:<14}{}\n", what, printable(text));
    };
    print_addresses("router", offer.routers);
    print_addresses("dns", offer.domain_name_servers);
    print_text("domain", offer.domain_name);
    if (offer.mtu) fmt::print("    {:<14}{}\n", "mtu", *offer.mtu);
    if (!offer.next_server.is_any()) print_addresses("next server", {offer.next_server});
    print_text("boot file", offer.boot_file);
}

dhcp::Identity own_identity(const DhcpLink& link) {
    if (link.device) return identity_of(*link.device);
    const auto mac = physical::InterfaceRequests{}.mac_address(link.name);
    if (!mac)
        throw std::runtime_error(printable(link.name) +
                                 " is no Ethernet interface of this machine; ip link lists them");
    dhcp::Identity identity;
    identity.mac = *mac;
    return identity;
}

int query_dhcp(const DhcpOptions& options, const NetOption& net) {
    boost::asio::io_context io{1};
    const DhcpLink link{io, net, options.interface};
    session::RealRuntime runtime{io};
    Scheduler& scheduler = link.device ? link.device->host().context().scheduler : runtime.scheduler();
    scheduler.update();
    dhcp::InquiryOptions inquiry_options;
    inquiry_options.identity = own_identity(link);
    std::unique_ptr<dhcp::Inquiry> inquiry;
    std::unique_ptr<dhcp::Channel> channel;
    try {
        channel = std::make_unique<dhcp::Channel>(link.network(), dhcp::client_port, link.name,
                                                  [&](const Result<dhcp::Message>& message) {
                                                      scheduler.update();
                                                      if (message && inquiry) inquiry->deliver(*message);
                                                  });
    } catch (const boost::system::system_error& error) {
        cannot("ask DHCP servers", link.name, error);
    }
    std::optional<std::vector<dhcp::Lease>> offers;
    inquiry = std::make_unique<dhcp::Inquiry>(
        scheduler, link.network().entropy(), std::move(inquiry_options),
        [&](const dhcp::Message& message) { channel->send(message, Ipv4Address::broadcast(), dhcp::server_port); },
        [&](std::vector<dhcp::Lease> heard) { offers = std::move(heard); });
    while (!offers) io.run_one();
    if (offers->empty())
        throw std::runtime_error("no DHCP server on " + link.name + " answered; is there one, and is the link up?");
    for (const dhcp::Lease& offer : *offers) print_offer(offer);
    return 0;
}

void require_link(const DhcpOptions& options, const NetOption& net) {
    const bool kernel = net.kind == NetOption::Kind::kernel;
    if (!kernel) require_ethernet(net, "dhcp");
    if (kernel && options.interface.empty()) {
        throw WrongUse(
            "dhcp: the kernel has many links; write --interface IFNAME, or --net tap:IFNAME,addr=A.B.C.D/LEN");
    }
    if (!kernel && !options.interface.empty()) throw WrongUse("--interface: it is the one of --net; leave it out");
}

int run_dhcp(const DhcpOptions& options) {
    const bool serve = options.how == "serve";
    const DhcpTexts& texts = options.texts;
    if (serve && texts.ranges.empty() && texts.hosts.empty())
        throw WrongUse("dhcp serve needs addresses to give; write strata dhcp serve 10.9.0.100-10.9.0.199");
    const bool gives = !texts.ranges.empty() || !texts.hosts.empty() || !texts.routers.empty() || !texts.dns.empty() ||
                       !texts.boot_files.empty() || !texts.domain.empty() || !texts.next_server.empty() ||
                       !texts.lease.empty();
    if (!serve && gives) throw WrongUse("dhcp query gives nothing to anybody; leave all but --net and --interface out");
    const NetOption net = parse_net_option(options.net);
    require_link(options, net);
    if (serve && net.dhcp) throw WrongUse("dhcp serve: a server's own address is not leased; write addr=A.B.C.D/LEN");
    return serve ? serve_dhcp(options, net) : query_dhcp(options, net);
}

}  // namespace

void add_dhcp(CLI::App& app, Action& action) {
    auto options = std::make_shared<DhcpOptions>();
    DhcpTexts& texts = options->texts;
    CLI::App* command =
        app.add_subcommand("dhcp", "Lease IP addresses to machines on a link (DHCP), or ask what they would be given.");
    command->add_option("HOW", options->how, "serve addresses, or query what servers would give")
        ->required()
        ->check(CLI::IsMember({"serve", "query"}));
    command->add_option("RANGE", texts.ranges, "serve these: the first and the last, as in 10.9.0.100-10.9.0.199");
    const auto add_list = [&](const char* name, std::vector<std::string>& to, const char* value, const char* what) {
        command->add_option(name, to, what)->type_name(value)->allow_extra_args(false);
    };
    command
        ->add_option("--lease", texts.lease, "lease them for so long, as in 90m, 12h or 7d, or infinite (default: 1h)")
        ->type_name("TIME");
    add_list("--router", texts.routers, "ADDR", "tell them this default route; may be repeated");
    add_list("--dns", texts.dns, "ADDR", "tell them this DNS server; may be repeated");
    command->add_option("--domain", texts.domain, "tell them this domain name")->type_name("DOMAIN");
    add_list("--host", texts.hosts, "MAC=ADDR", "give this machine this address, and no other one; may be repeated");
    add_list("--boot-file", texts.boot_files, "[ARCH=]FILE",
             "have them boot this file over the network; with bios=, efi32=, efi64=, arm32=, arm64= or a number of RFC "
             "4578 those of this architecture, with ipxe= those that run iPXE already; may be repeated");
    command
        ->add_option("--next-server", texts.next_server,
                     "have them fetch it from this TFTP server (default: this host)")
        ->type_name("ADDR");
    command->add_option("--interface", options->interface, "use this interface of the kernel's")->type_name("IFNAME");
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->callback([options, &action] { action = [options] { return run_dhcp(*options); }; });
}

}  // namespace strata::cli
