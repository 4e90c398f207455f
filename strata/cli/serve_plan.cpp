#include "strata/cli/serve_plan.hpp"

#include <charconv>
#include <vector>

#include "strata/7_application/ftp/server/server.hpp"
#include "strata/7_application/http/server/server.hpp"
#include "strata/7_application/plain/server.hpp"
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
std::shared_ptr<application::Places> places() {
    return std::make_shared<application::Places>(application::PlacesOptions{});
}

ServicePlan plan_http(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::http::RequestReport, application::http::Server;
    Server::Options how;
    how.answers = {.index = !options.no_index, .charset = options.charset};
    how.places = places();
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell](const RequestReport& report) {
        const std::string request = report.method.empty() ? "" : report.method + " " + report.target;
        const std::string status = report.status == 0 ? "-" : std::to_string(report.status);
        const std::uint64_t bytes = report.received != 0 ? report.received : report.body_bytes;
        tell({{}, report.client, "http", request, status, bytes, report.took, report.ending});
    };
    return {"http", "/", at.ports, at.asked_for, false, [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

ServicePlan plan_plain(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::plain::RequestReport, application::plain::Server;
    Server::Options how;
    how.encoding = options.encoding;
    how.places = places();
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell](const RequestReport& report) {
        const std::string_view result = report.turned_away ? "turned away" : report.found ? "found" : "missing";
        tell({{}, report.client, "fetch", report.name, result, report.bytes, report.took, report.ending});
    };
    return {"fetch", "/NAME", at.ports, at.asked_for, false, [&root = parts.root, log, how](session::Network& network) {
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

ServicePlan plan_ftp(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::ftp::CommandReport, application::ftp::Server;
    Server::Options how;
    how.encoding = options.encoding;
    how.places = places();
    how.client_behind = parts.client_behind;
    how.data_ports = parse_data_ports(options.ftp_data_ports);
    how.public_address = parse_ftp_address(options.ftp_address);
    how.open_door = parts.open_door;
    const auto log = [tell = parts.tell](const CommandReport& report) {
        const std::string result = report.code == 0 ? "-" : std::to_string(report.code);
        tell({{}, report.client, "ftp", report.request, result, report.bytes, report.took, report.ending});
    };
    return {"ftp", "/", at.ports, at.asked_for, false, [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

ServicePlan plan_tftp(const ServeOptions& options, const ServeParts& parts, const PortChoice& at) {
    using application::tftp::FolderFiles, application::tftp::Server, application::tftp::TransferReport;
    Server::Options how;
    how.single_port = options.tftp_single_port;
    how.encoding = options.encoding;
    how.places = std::make_shared<application::Places>(
        application::PlacesOptions{.connections_max = 1000, .per_address_max = 64});
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell](const TransferReport& report) {
        const std::string request = (report.write ? "put " : "get ") + report.name;
        const std::string result = report.reason.empty() ? "found" : report.reason;
        const application::Ending ending = report.begun ? report.ending : application::Ending::whole;  // answered
        tell({{}, report.client, "tftp", request, result, report.bytes, report.took, ending});
    };
    return {"tftp", "/NAME", at.ports, at.asked_for, true, [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, std::make_shared<FolderFiles>(root), log, how);
            }};
}

}  // namespace

ServicePlans plan_services(const ServeOptions& options, const ServeParts& parts) {
    const auto said = [&](const std::string& port) { return options.all && port == "off" ? "" : port; };
    const PortChoice http = choose("--http", options.http_port, parts.own_stack ? Ports{80} : Ports{8000});
    const PortChoice fetch = choose("--fetch", options.fetch_port, {8080});
    const PortChoice ftp = choose("--ftp", said(options.ftp_port), parts.own_stack ? Ports{21} : Ports{21, 2121});
    const PortChoice tftp = choose("--tftp", said(options.tftp_port), parts.own_stack ? Ports{69} : Ports{69, 6969});
    ServicePlans plans;
    if (!http.ports.empty()) plans.push_back(plan_http(options, parts, http));
    if (!fetch.ports.empty()) plans.push_back(plan_plain(options, parts, fetch));
    if (!ftp.ports.empty()) plans.push_back(plan_ftp(options, parts, ftp));
    if (!tftp.ports.empty()) plans.push_back(plan_tftp(options, parts, tftp));
    if (plans.empty())
        throw WrongUse("nothing to serve: all services are off; give one of them a port, such as --http 8000");
    return plans;
}

}  // namespace strata::cli
