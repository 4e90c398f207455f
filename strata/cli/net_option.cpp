#include "strata/cli/net_option.hpp"

#include <charconv>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/1_physical/tap.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view value, std::string_view wanted) {
    throw WrongUse("--net: " + std::string(what) + " '" + std::string(value) + "' is not understood; write " +
                   std::string(wanted));
}

template <typename Value>
Value parsed(std::string_view key, std::string_view text, std::string_view wanted) {
    const auto value = Value::parse(text);
    if (!value) refuse(key, text, wanted);
    return *value;
}

// "rarp", or "rarp/24".
void set_rarp(NetOption& option, std::string_view value) {
    option.rarp = true;
    option.dhcp = false;
    option.address = {};
    option.rarp_length.reset();
    value.remove_prefix(std::string_view{"rarp"}.size());
    if (value.empty()) return;
    unsigned length = 0;
    const auto [end, error] = std::from_chars(value.data() + 1, value.data() + value.size(), length);
    const bool whole = error == std::errc{} && end == value.data() + value.size();
    if (value.front() != '/' || !whole || length < 1 || length > 32) {
        refuse("addr", "rarp" + std::string(value), "addr=rarp, or addr=rarp/24 with the length of the subnet");
    }
    option.rarp_length = length;
}

bool on_or_off(std::string_view key, std::string_view value) {
    if (value != "off" && value != "on") refuse(key, value, std::string(key) + "=on or " + std::string(key) + "=off");
    return value == "on";
}

void set(NetOption& option, std::string_view key, std::string_view value) {
    if (key == "addr" && value.starts_with("rarp")) {
        set_rarp(option, value);
    } else if (key == "addr" && value == "dhcp") {
        option.dhcp = true;
        option.rarp = false;
        option.address = {};
    } else if (key == "addr") {
        option.address = parsed<Ipv4InterfaceAddress>(key, value, "addr=10.0.0.1/24");
        option.rarp = option.dhcp = false;
    } else if (key == "host") {
        option.host = parsed<Ipv4InterfaceAddress>(key, value, "host=10.0.0.2/24");
    } else if (key == "gw") {
        option.gateway = parsed<Ipv4Address>(key, value, "gw=10.0.0.2");
    } else if (key == "mac") {
        option.mac = parsed<MacAddress>(key, value, "mac=02:00:00:00:00:01");
        if (option.mac.is_multicast()) refuse(key, value, "an address that is not a group's");
    } else if (key == "mtu") {
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), option.mtu);
        if (error != std::errc{} || end != value.data() + value.size() || option.mtu < ip_packet_assured ||
            option.mtu > physical::tap_mtu_max) {
            refuse(key, value,
                   "mtu=N with N from " + std::to_string(ip_packet_assured) + " to " +
                       std::to_string(physical::tap_mtu_max) + ", the longest that the kernel's TAP takes");
        }
    } else if (key == "offload") {
        option.offload = on_or_off(key, value);
    } else if (key == "probe") {
        option.probe = on_or_off(key, value);
    } else {
        refuse("part", key, "addr=, host=, gw=, mac=, mtu=, offload= or probe=");
    }
}

}  // namespace

NetOption parse_net_option(std::string_view text) {
    NetOption option;
    if (text == "kernel") return option;
    if (text == "embedded") {
        option.kind = NetOption::Kind::embedded;
        return option;
    }
    if (!text.starts_with("tap:")) refuse("network", text, "kernel, embedded or tap:IFNAME,addr=A.B.C.D/LEN");
    option.kind = NetOption::Kind::tap;
    text.remove_prefix(4);
    bool first = true;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const std::size_t equals = part.find('=');
        if (first) {
            option.interface = part;
        } else if (equals == std::string_view::npos) {
            refuse("part", part, "key=value");
        } else {
            set(option, part.substr(0, equals), part.substr(equals + 1));
        }
        first = false;
    }
    if (option.interface.empty() || option.interface.size() > 15)
        refuse("interface", option.interface, "a name of at most 15 letters");
    if (option.address.address.is_any() && !option.rarp && !option.dhcp)
        throw WrongUse("--net: a tap needs an address of its own; add addr=A.B.C.D/LEN");
    return option;
}

}  // namespace strata::cli
