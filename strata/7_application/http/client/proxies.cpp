#include "strata/7_application/http/client/proxies.hpp"

#include <algorithm>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/ascii.hpp"

namespace strata::application::http {
namespace {

constexpr std::uint16_t usual_proxy_port = 1080;  // where none is given, as curl has it

bool has(std::string_view entry, const std::string& host) {
    if (entry == "*") return true;
    if (const auto address = Ipv4Address::parse(host)) {
        const auto prefix = Ipv4Prefix::parse(entry);
        return entry.contains('/') ? prefix && prefix->contains(*address) : entry == host;
    }
    if (const auto address = Ipv6Address::parse(host)) {
        if (entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
        return Ipv6Address::parse(entry) == address;
    }
    while (entry.starts_with('.')) entry.remove_prefix(1);
    return !entry.empty() && (host == entry || host.ends_with("." + std::string(entry)));
}

}  // namespace

bool is_listed(std::string_view list, const std::string& host) {
    std::string name = in_lower_case(host);
    if (name.ends_with('.')) name.pop_back();
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(", \t"), list.size());
        if (end > 0 && has(in_lower_case(list.substr(0, end)), name)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

std::optional<Proxy> parse_proxy(std::string_view text) {
    const std::size_t colon = text.find("://");
    const std::string scheme = colon == std::string_view::npos ? "http" : in_lower_case(text.substr(0, colon));
    if (colon != std::string_view::npos) text.remove_prefix(colon + 3);
    Proxy proxy;
    if (scheme == "socks5")
        proxy.kind = Proxy::Kind::socks5;
    else if (scheme == "socks5h")
        proxy.kind = Proxy::Kind::socks5h;
    else if (scheme != "http" && scheme != "https")
        return std::nullopt;
    const auto url = parse_url((scheme == "https" ? "https://" : "http://") + std::string(text));
    if (!url) return std::nullopt;
    proxy.url = *url;
    if (!url->port_is_given && scheme != "https") proxy.url.port = usual_proxy_port;
    return proxy;
}

Proxies::Proxies(const std::function<const char*(const char*)>& environment) {
    // An empty one is none, as with curl.
    const auto value = [&](const char* name, const char* in_capitals) -> std::optional<std::string> {
        for (const char* const each : {name, in_capitals}) {
            const char* const text = each == nullptr ? nullptr : environment(each);
            if (text != nullptr && *text != '\0') return text;
        }
        return std::nullopt;
    };
    http_ = value("http_proxy", nullptr);
    https_ = value("https_proxy", "HTTPS_PROXY");
    all_ = value("all_proxy", "ALL_PROXY");
    none_ = value("no_proxy", "NO_PROXY").value_or("");
}

std::optional<std::string> Proxies::given_for(const Url& url) const {
    const auto& own = url.scheme == "https" ? https_ : http_;
    const auto& given = own ? own : all_;
    if (!given || is_listed(none_, url.host)) return std::nullopt;
    return given;
}

}  // namespace strata::application::http
