#include "strata/7_application/talk/target.hpp"

#include <charconv>

namespace strata::application::talk {

std::string Target::to_string() const {
    if (kind == Kind::unix_stream) return "unix:" + path;
    const std::string shown = host.contains(':') ? "[" + host + "]" : host;
    return (kind == Kind::tcp ? "tcp://" : "udp://") + shown + ":" + std::to_string(port);
}

std::optional<Target> parse_target(std::string_view text) {
    Target target;
    if (text.starts_with("unix:")) {
        target.kind = Target::Kind::unix_stream;
        target.path = text.substr(5);
        // sun_path has 108 bytes, the last of them a NUL.
        if (target.path.empty() || target.path.size() > 107 || target.path.contains('\0')) return std::nullopt;
        return target;
    }
    if (text.starts_with("udp://")) {
        target.kind = Target::Kind::udp;
    } else if (!text.starts_with("tcp://")) {
        return std::nullopt;
    }
    text.remove_prefix(6);
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.contains(':')) {
        return std::nullopt;  // an IPv6 address needs its brackets
    }
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
    if (error != std::errc{} || end != port.data() + port.size() || host.empty() || host.size() > 255)
        return std::nullopt;
    target.host = host;
    return target;
}

}  // namespace strata::application::talk
