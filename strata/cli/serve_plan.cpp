#include "strata/cli/serve_plan.hpp"

#include <charconv>
#include <optional>

#include "strata/7_application/http/server/server.hpp"
#include "strata/7_application/plain/server.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

// "off" is nothing.
std::optional<std::uint16_t> port_of(const std::string& option, const std::string& text, std::uint16_t otherwise) {
    if (text.empty()) return otherwise;
    if (text == "off") return std::nullopt;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw WrongUse(option + ": '" + text +
                       "' is no port; write a number from 1 to 65535, 0 for one that is free, or off");
    }
    return port;
}

// Those of all loops are counted together.
std::shared_ptr<application::Places> places() {
    return std::make_shared<application::Places>(application::PlacesOptions{});
}

ServicePlan plan_http(const ServeOptions& options, const ServeParts& parts, std::uint16_t port) {
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
    return {"http", "/", port, [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

ServicePlan plan_plain(const ServeOptions& options, const ServeParts& parts, std::uint16_t port) {
    using application::plain::RequestReport, application::plain::Server;
    Server::Options how;
    how.encoding = options.encoding;
    how.places = places();
    how.client_behind = parts.client_behind;
    const auto log = [tell = parts.tell](const RequestReport& report) {
        const std::string_view result = report.turned_away ? "turned away" : report.found ? "found" : "missing";
        tell({{}, report.client, "fetch", report.name, result, report.bytes, report.took, report.ending});
    };
    return {"fetch", "/NAME", port, [&root = parts.root, log, how](session::Network& network) {
                return std::make_unique<Server>(network, root, log, how);
            }};
}

}  // namespace

ServicePlans plan_services(const ServeOptions& options, const ServeParts& parts) {
    const auto http_port = port_of("--http", options.http_port, parts.own_stack ? 80 : 8000);
    const auto fetch_port = port_of("--fetch", options.fetch_port, 8080);
    if (!http_port && !fetch_port)
        throw WrongUse("nothing to serve: --http and --fetch are both off; give one of them a port");
    ServicePlans plans;
    if (http_port) plans.push_back(plan_http(options, parts, *http_port));
    if (fetch_port) plans.push_back(plan_plain(options, parts, *fetch_port));
    return plans;
}

}  // namespace strata::cli
