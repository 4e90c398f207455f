#include "strata/cli/serve_plan.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <vector>

#include "strata/0_foundation/printable.hpp"

#include "strata/7_application/ftp/server/server.hpp"
#include "strata/7_application/http/server/server.hpp"
#include "strata/7_application/nfs/server.hpp"
#include "strata/7_application/plain/server.hpp"
#include "strata/7_application/rpcbind/server/service.hpp"
#include "strata/7_application/tftp/content/folder_files.hpp"
#include "strata/7_application/tftp/server/server.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

using Ports = std::vector<std::uint16_t>;

// What an option of `serve` says of a service's port: nothing, "off", or a number.
struct PortChoice {
    Ports ports;  // none: the service is off
    bool asked_for = false;
};

PortChoice choose(const std::string& option, const std::string& text, Ports otherwise) {
    if (text.empty()) return {std::move(otherwise), false};
    if (text == "off") return {};
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw WrongUse(option + ": '" + text +
                       "' is no port; write a number from 1 to 65535, 0 for one that is free, or off");
    }
    return {{port}, true};
}

// Those of all loops are counted together.
std::shared_ptr<application::Places> make_places() {
    return std::make_shared<application::Places>(application::PlacesOptions{});
}

// Over TLS, or not; `places` are those of both.
ServicePlan plan_http(const ServeOptions& options, const ServeParts& parts, const PortChoice& at,
                      const std::shared_ptr<application::Places>& places, bool over_tls) {
    using application::http::RequestReport, application::http::Server;
    const std::string name = over_tls ? "https" : "http";
    Server::Options how;
    if (over_tls) how.tls = parts.access.tls;
    how.access = {
        .users = parts.access.users, .anonymous = !options.no_anonymous, .insecure_login = options.insecure_login};
    how.answers = {.index = !options.no_index, .charset = options.charset};
    how.places = places;
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell, name](const RequestReport& report) {
        const std::string request = report.method.empty() ? "" : report.method + " " + report.target;
        const std::string status = report.status == 0 ? "-" : std::to_string(report.status);
        const std::uint64_t bytes = report.received != 0 ? report.received : report.body_bytes;
        tell({{}, report.client, name, request, status, bytes, report.took, report.ending, report.user});
    };
    return {name,
            "/",
            at.ports,
            at.asked_for,
            Carried::connections,
            [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

ServicePlan plan_plain(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::plain::RequestReport, application::plain::Server;
    Server::Options how;
    how.encoding = options.encoding;
    how.places = make_places();
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell](const RequestReport& report) {
        const std::string_view result = report.turned_away ? "turned away" : report.found ? "found" : "missing";
        tell({{}, report.client, "fetch", report.name, result, report.bytes, report.took, report.ending});
    };
    return {"fetch",
            "/NAME",
            at.ports,
            at.asked_for,
            Carried::connections,
            [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

constexpr const char* data_ports_help = "' are no ports; write FIRST-LAST, such as 50000-50099";

application::ftp::PortRange parse_data_ports(const std::string& text) {
    if (text.empty()) return {};
    const std::size_t dash = text.find('-');
    const auto number = [&](std::string_view digits) {
        std::uint16_t port = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        const bool good = error == std::errc{} && end == digits.data() + digits.size() && port != 0;
        if (!good) throw WrongUse("--ftp-data-ports: '" + text + data_ports_help);
        return port;
    };
    if (dash == std::string::npos) throw WrongUse("--ftp-data-ports: '" + text + data_ports_help);
    const application::ftp::PortRange range{number(std::string_view(text).substr(0, dash)),
                                            number(std::string_view(text).substr(dash + 1))};
    if (range.last < range.first) throw WrongUse("--ftp-data-ports: '" + text + data_ports_help);
    return range;
}

std::optional<Ipv4Address> parse_ftp_address(const std::string& text) {
    if (text.empty()) return std::nullopt;
    const auto address = Ipv4Address::parse(text);
    if (!address) throw WrongUse("--ftp-address: '" + text + "' is no IPv4 address; write one like 192.0.2.1");
    return *address;
}

// What knows the users of all services.
application::ftp::LogIn log_in_by(std::shared_ptr<application::Users> users) {
    using application::ftp::LoggedIn;
    if (!users) return {};
    return [users](session::Network& network, std::string user, std::string password,
                   session::Address from) -> session::asio::awaitable<std::optional<LoggedIn>> {
        auto result = co_await users->log_in(network, std::move(user), std::move(password), std::move(from));
        std::optional<LoggedIn> shown;
        // A user's root is his for as long as he is there, whatever becomes of the file.
        if (result) shown.emplace((*result)->name, (*result)->root);
        co_return shown;
    };
}

// With TLS from the first byte, or where the client asks for it.
ServicePlan plan_ftp(const ServeOptions& options, const ServeParts& parts, const PortChoice& at,
                     const std::shared_ptr<application::Places>& places, bool over_tls) {
    using application::ftp::CommandReport, application::ftp::Server;
    const std::string name = over_tls ? "ftps" : "ftp";
    Server::Options how;
    how.encoding = options.encoding;
    how.places = places;
    how.client_behind = parts.client_behind;
    how.data_ports = parse_data_ports(options.ftp_data_ports);
    how.public_address = parse_ftp_address(options.ftp_address);
    how.open_door = parts.open_door;
    how.anonymous = !options.no_anonymous;
    how.log_in = log_in_by(parts.access.users);
    how.insecure_login = options.insecure_login;
    how.implicit_tls = over_tls;
    how.data_resumption = options.ftp_same_session;
    if (parts.access.tls) how.tls = std::make_shared<const presentation::TlsServer>(*parts.access.tls);
    const auto log = [tell = parts.tell, name](const CommandReport& report) {
        const std::string result = report.code == 0 ? "-" : std::to_string(report.code);
        const std::string user = report.user == "anonymous" ? "" : report.user;
        tell({{}, report.client, name, report.request, result, report.bytes, report.took, report.ending, user});
    };
    return {name,
            "/",
            at.ports,
            at.asked_for,
            Carried::connections,
            [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

ServicePlan plan_tftp(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::tftp::FolderFiles, application::tftp::Server, application::tftp::TransferReport;
    Server::Options how;
    how.single_port = options.tftp_single_port;
    how.encoding = options.encoding;
    how.commit_aside = true;
    how.places = std::make_shared<application::Places>(
        application::PlacesOptions{.connections_max = 1000, .per_address_max = 64});
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell](const TransferReport& report) {
        const std::string request = (report.write ? "put " : "get ") + report.name;
        const std::string result = report.reason.empty() ? "found" : report.reason;
        const application::Ending ending = report.begun ? report.ending : application::Ending::whole;  // answered
        tell({{}, report.client, "tftp", request, result, report.bytes, report.took, ending});
    };
    return {"tftp",
            "/NAME",
            at.ports,
            at.asked_for,
            Carried::datagrams,
            [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, std::make_shared<FolderFiles>(root), log, how);
            }};
}

std::optional<application::nfs::HandleKey> nfs_key(const std::string& file) {
    if (file.empty()) return std::nullopt;
    auto key = application::nfs::HandleKey::kept_in(file);
    if (!key)
        throw std::runtime_error("cannot keep the key of NFS's handles in " + file + ": " + key.error().message() +
                                 "; name a file of 32 bytes that is yours alone (chmod 600), or one that is not there");
    return *key;
}

// "10.0.0.7,192.168.1.0/24".
std::vector<IpPrefix> parse_clients(const std::string& text) {
    std::vector<IpPrefix> all;
    for (std::size_t at = 0; at <= text.size() && !text.empty();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        const std::string one = text.substr(at, comma - at);
        const auto address = IpAddress::parse(one);
        const auto network = IpPrefix::parse(one);
        if (!address && !network)
            throw WrongUse("--nfs-clients: '" + printable(one) +
                           "' is neither an address nor a network; write a list like 10.0.0.7,192.168.1.0/24");
        all.push_back(address ? IpPrefix(*address, 128) : *network);
        at = comma + 1;
    }
    return all;
}

std::function<bool(const session::Address&)> lets_in(const ServeOptions& options) {
    std::vector<IpPrefix> clients = parse_clients(options.nfs_clients);
    if (clients.empty()) return {};
    return [clients = std::move(clients)](const session::Address& client) {
        const auto has_it = [&](const IpPrefix& one) { return one.contains(client.endpoint().address); };
        return !client.is_unix() && std::ranges::any_of(clients, has_it);
    };
}

application::nfs::Squash parse_squash(const ServeOptions& options, bool keeps_root) {
    using application::nfs::Squash;
    const std::string& text = options.nfs_squash;
    if (text == "all" || (text.empty() && !keeps_root)) return Squash::all;
    if (!text.empty() && text != "root" && text != "none")
        throw WrongUse("--nfs-squash: '" + printable(text) + "' is nobody; write root, all or none");
    if (!keeps_root)
        throw WrongUse("--nfs-squash " + text +
                       ": root alone can act as its callers; start it as root, with --run-as root");
    return text == "none" ? Squash::none : Squash::root;
}

// Whom NFS lets do what: whoever calls is not believed, and need not be.
std::string sentence_of_nfs(const ServeOptions& options, application::FileRights rights,
                            application::nfs::Squash squash, const std::string& user) {
    using application::FileRights, application::nfs::Squash;
    const std::string may = rights == FileRights::read  ? "read"
                            : rights == FileRights::add ? "read and add files"
                                                        : "read and write";
    const std::string as = squash == Squash::all    ? user
                           : squash == Squash::root ? "whoever he says he is, but root"
                                                    : "whoever he says he is, and as root";
    const std::string who = options.nfs_clients.empty() ? "whoever reaches this port" : printable(options.nfs_clients);
    return "nfs: " + who + " may " + may + " as " + as + "; sec=sys proves nobody's name";
}

// What stands in the way of --nfs-key's file of leases; empty: nothing does.
std::string sentence_of_leases(const ServeOptions& options, const std::string& user) {
    if (options.nfs_key.empty()) return {};
    const std::filesystem::path key(options.nfs_key);
    const std::string folder = key.has_parent_path() ? key.parent_path().string() : ".";
    // The file is replaced, not written.
    if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
    return "nfs: " + user + " cannot write " + printable(options.nfs_key) +
           ".leases: after a restart nobody has again what he had open by version 4; put the key into a folder of " +
           user + "'s";
}

// By TCP and UDP alike.
ServicePlan plan_nfs(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::nfs::MountReport, application::nfs::Server;
    Server::Options how;
    how.key = nfs_key(options.nfs_key);
    how.state.lease_time = std::chrono::seconds(options.nfs_lease);
    how.rpc.connections_max = 4096;
    how.rpc.connections_per_address_max = 256;
    how.rpc.client_behind = parts.client_behind;
    how.squash = parse_squash(options, parts.keeps_root);
    how.rpc.lets_in = lets_in(options);
    if (!options.nfs_key.empty()) how.state.lease_file = options.nfs_key + ".leases";
    how.log = [tell = parts.tell, behind = parts.client_behind](const MountReport& report) {
        const std::string result = report.mounted ? "found" : "missing";
        const session::Address client = behind(report.client);
        tell({{}, client, "nfs", "mount " + report.folder, result, 0, {}, application::Ending::whole});
    };
    const auto opened = [registry = parts.registry](const Endpoint& outside) {
        for (const auto& one : application::nfs::offered_programs())
            registry->add_program(one.number, one.versions, outside);
    };
    const auto make = [&root = parts.root, how](session::Network& network) {
        return std::make_unique<Server>(network, root, how);
    };
    const auto sentences = [options, rights = parts.root.rights(), squash = how.squash](const std::string& user) {
        std::vector<std::string> all{sentence_of_nfs(options, rights, squash, user)};
        if (std::string leases = sentence_of_leases(options, user); !leases.empty()) all.push_back(std::move(leases));
        return all;
    };
    return {"nfs", "/", at.ports, at.asked_for, Carried::both, make, opened, sentences};
}

ServicePlan plan_rpcbind(const ServeParts& parts, const PortChoice& at) {
    using application::rpcbind::Service;
    const auto make = [registry = parts.registry](session::Network& network) {
        return std::make_unique<Service>(network, registry);
    };
    const auto opened = [registry = parts.registry](const Endpoint& outside) {
        registry->add_program(application::rpcbind::program_number, application::rpcbind::offered_versions, outside);
    };
    const std::string without = "; who mounts names NFS's port: port=PORT,mountport=PORT";
    return {"rpcbind", "", at.ports, at.asked_for, Carried::both, make, opened, {}, without};
}

// What was done is known by the loop that did it: a client that comes back may meet another one.
PortChoice choose_nfs(const ServeOptions& options, const std::string& port, bool own_stack) {
    PortChoice nfs = choose("--nfs", port, own_stack ? Ports{2049} : Ports{2049, 20049});
    if (options.threads == 1 || nfs.ports.empty()) return nfs;
    if (options.nfs_port != "off") throw WrongUse("--nfs: it is served on one thread; leave --threads out");
    return {};
}

}  // namespace

ServicePlans plan_services(const ServeOptions& options, const ServeParts& parts) {
    // Who serves nobody that he does not know serves by nothing that knows nobody.
    const bool all = options.all && !options.no_anonymous;
    const auto said = [&](const std::string& port, bool as_well) { return as_well && port == "off" ? "" : port; };
    const auto fetch_said = options.no_anonymous && options.fetch_port.empty() ? "off" : options.fetch_port;
    const PortChoice http = choose("--http", options.http_port, parts.own_stack ? Ports{80} : Ports{8000});
    const PortChoice fetch = choose("--fetch", fetch_said, {8080});
    const PortChoice ftp =
        choose("--ftp", said(options.ftp_port, options.all), parts.own_stack ? Ports{21} : Ports{21, 2121});
    const PortChoice ftps = choose("--ftps", said(options.ftps_port, options.all && parts.access.tls.has_value()),
                                   parts.own_stack ? Ports{990} : Ports{990, 9990});
    if (ftps.asked_for && !parts.access.tls)
        throw WrongUse("--ftps needs a certificate; add --tls CERT,KEY, or --tls self");
    if (options.ftp_same_session && !parts.access.tls)
        throw WrongUse("--ftp-same-session is about TLS; add --tls CERT,KEY, or --tls self");
    const PortChoice tftp =
        choose("--tftp", said(options.tftp_port, all), parts.own_stack ? Ports{69} : Ports{69, 6969});
    const PortChoice nfs = choose_nfs(options, said(options.nfs_port, all), parts.own_stack);
    PortChoice rpcbind = choose("--rpcbind", options.rpcbind_port, {111});
    if (nfs.ports.empty()) {
        if (rpcbind.asked_for) throw WrongUse("--rpcbind tells where NFS is; add --nfs");
        rpcbind = {};
    }
    const Ports https_ports = !parts.access.tls ? Ports{} : parts.own_stack ? Ports{443} : Ports{8443};
    const PortChoice https = choose("--https", options.https_port, https_ports);
    if (https.asked_for && !parts.access.tls)
        throw WrongUse("--https needs a certificate; add --tls CERT,KEY, or --tls self");
    const auto places = make_places();
    const auto ftp_places = make_places();
    ServicePlans plans;
    if (!http.ports.empty()) plans.push_back(plan_http(options, parts, http, places, false));
    if (!https.ports.empty()) plans.push_back(plan_http(options, parts, https, places, true));
    if (!fetch.ports.empty()) plans.push_back(plan_plain(options, parts, fetch));
    if (!ftp.ports.empty()) plans.push_back(plan_ftp(options, parts, ftp, ftp_places, false));
    if (!ftps.ports.empty()) plans.push_back(plan_ftp(options, parts, ftps, ftp_places, true));
    if (!tftp.ports.empty()) plans.push_back(plan_tftp(options, parts, tftp));
    if (!nfs.ports.empty()) plans.push_back(plan_nfs(options, parts, nfs));
    if (!rpcbind.ports.empty()) plans.push_back(plan_rpcbind(parts, rpcbind));
    if (plans.empty())
        throw WrongUse("nothing to serve: all services are off; give one of them a port, such as --http 8000");
    return plans;
}

}  // namespace strata::cli
