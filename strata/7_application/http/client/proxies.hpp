// By which proxy a URL is asked for, as the environment says it:
// http_proxy, https_proxy, all_proxy, no_proxy.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {

struct Proxy {
    enum class Kind : std::uint8_t {
        http,    // asked for the absolute form of http's URLs, and for tunnels (RFC 9110 9.3.6)
        socks5,  // RFC 1928; the host's addresses are looked up here
        socks5h  // the proxy looks them up
    };
    Kind kind = Kind::http;
    Url url;  // where it is, and the name and password that it wants
};

// As a variable gives it: "host", "host:3128",
// "http://user:password@host:3128", "socks5h://host". Nothing if it is none.
[[nodiscard]] std::optional<Proxy> parse_proxy(std::string_view text);

class Proxies {
public:
    Proxies() = default;
    // A variable's value, or nothing. In lower case first, then in upper case; HTTP_PROXY is not
    // looked at, since a web server's programs find a stranger's header there (CVE-2016-5385).
    explicit Proxies(const std::function<const char*(const char*)>& environment);
    // What a proxy for this URL is given as; nothing if it is asked for straight.
    [[nodiscard]] std::optional<std::string> given_for(const Url& url) const;

private:
    std::optional<std::string> http_, https_, all_;
    std::string none_;
};

// Whether no_proxy's list, of names that stand for all names that end in them, of addresses and of
// prefixes (10.0.0.0/8), has the host; "*" has all.
[[nodiscard]] bool is_listed(std::string_view list, const std::string& host);

}  // namespace strata::application::http
