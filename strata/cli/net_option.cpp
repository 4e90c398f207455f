#include "strata/cli/net_option.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/1_physical/device/interface_requests.hpp"
#include "strata/1_physical/device/tap.hpp"
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

using Kind = NetOption::Kind;

struct DeviceKind {
    Kind kind;
    std::string_view name;   // before the colon
    std::string_view whose;  // in a sentence
    std::string_view keys;
    std::string_view example;
};

constexpr std::array device_kinds{
    DeviceKind{Kind::tap, "tap", "a tap",
               "addr=, host=, gw=, mac=, mtu=, vlan=, pcp=, offload= or probe=", "tap:IFNAME,addr=A.B.C.D/LEN"},
    DeviceKind{Kind::packet, "packet", "a network interface",
               "addr=, gw=, mac=, mtu=, vlan=, pcp=, offload= or probe=", "packet:IFNAME,addr=A.B.C.D/LEN"},
    DeviceKind{Kind::tun, "tun", "a tun", "addr=, host=, gw=, mtu= or offload=", "tun:IFNAME,addr=A.B.C.D/LEN"},
    DeviceKind{Kind::slip, "slip", "a serial line", "addr=, gw=, mtu= or rate=", "slip:DEVICE,addr=A.B.C.D/LEN"},
};

// Whether "addr=, gw= or mtu=" has this key.
bool knows(std::string_view keys, std::string_view key) {
    for (std::size_t at = keys.find(key); at != std::string_view::npos; at = keys.find(key, at + 1)) {
        const bool begins = at == 0 || keys[at - 1] == ' ';
        if (begins && keys.substr(at + key.size()).starts_with('=')) return true;
    }
    return false;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

unsigned number(std::string_view key, std::string_view text, unsigned least, unsigned most, std::string_view why) {
    const auto value = number_of<unsigned>(text);
    if (value && *value >= least && *value <= most) return *value;
    refuse(key, text,
           std::string(key) + "=N with N from " + std::to_string(least) + " to " + std::to_string(most) +
               std::string(why));
}

constexpr unsigned slip_mtu_min = 68;  // RFC 791 3.2: what every link carries in one piece
constexpr unsigned slip_mtu_max = 1500;
constexpr unsigned line_rate_max = 4'000'000;

std::size_t mtu_of(Kind kind, std::string_view text) {
    if (kind == Kind::slip) return number("mtu", text, slip_mtu_min, slip_mtu_max, "");
    return number("mtu", text, ip_packet_assured, physical::tap_mtu_max, ", the longest that the kernel's TAP takes");
}

// "rarp", or "rarp/24".
void set_rarp(NetOption& option, std::string_view value) {
    option.rarp = true;
    option.dhcp = false;
    option.address = {};
    option.rarp_length.reset();
    value.remove_prefix(std::string_view{"rarp"}.size());
    if (value.empty()) return;
    const auto length = number_of<unsigned>(value.substr(1));
    if (value.front() != '/' || !length || *length < 1 || *length > 32) {
        refuse("addr", "rarp" + std::string(value), "addr=rarp, or addr=rarp/24 with the length of the subnet");
    }
    option.rarp_length = length;
}

link::VlanId vlan_of(std::string_view value) {
    const auto number = number_of<unsigned>(value);
    const auto id = number ? link::VlanId::of(*number) : std::nullopt;
    if (!id) refuse("vlan", value, "vlan=N with N from 1 to " + std::to_string(link::VlanId::max));
    return *id;
}

// "0" to "7", or "class".
void set_priority(NetOption& option, std::string_view value) {
    option.pcp = number_of<std::uint8_t>(value);
    option.pcp_of_class = value == "class";
    if (option.pcp_of_class || (option.pcp && *option.pcp <= link::VlanTag::priority_max)) return;
    refuse("pcp", value, "pcp=N with N from 0 to 7, or pcp=class, which takes it from each packet's DSCP");
}

void set_dhcp(NetOption& option) {
    option.dhcp = true;
    option.rarp = false;
    option.address = {};
}

bool on_or_off(std::string_view key, std::string_view value) {
    if (value != "off" && value != "on") refuse(key, value, std::string(key) + "=on or " + std::string(key) + "=off");
    return value == "on";
}

void set(NetOption& option, const DeviceKind& device, std::string_view key, std::string_view value) {
    if (!knows(device.keys, key)) refuse("part", key, std::string(device.keys) + " for " + std::string(device.whose));
    if (key == "addr" && (value.starts_with("rarp") || value == "dhcp")) {
        if (!option.on_ethernet()) {
            throw WrongUse("--net: " + std::string(device.whose) +
                           " has no hardware address that a server could know it by; write addr=A.B.C.D/LEN");
        }
        if (value == "dhcp") {
            set_dhcp(option);
        } else {
            set_rarp(option, value);
        }
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
        option.mtu = mtu_of(option.kind, value);
    } else if (key == "vlan") {
        option.vlan = vlan_of(value);
    } else if (key == "pcp") {
        set_priority(option, value);
    } else if (key == "offload") {
        option.offload = on_or_off(key, value);
    } else if (key == "probe") {
        option.probe = on_or_off(key, value);
    } else {
        option.rate = number(key, value, 1, line_rate_max, " in bits a second");
    }
}

void check_interface(const NetOption& option) {
    if (option.kind == Kind::slip) {
        if (option.interface.empty()) refuse("device", "", "the path of a serial line, such as /dev/ttyS0");
    } else if (!physical::is_interface_name(option.interface)) {
        refuse("interface", option.interface, "a name of at most 15 letters");
    }
}

}  // namespace

NetOption parse_net_option(std::string_view text) {
    NetOption option;
    if (text == "kernel") return option;
    if (text == "embedded") {
        option.kind = Kind::embedded;
        return option;
    }
    const std::string_view name = text.substr(0, text.find(':'));
    const auto device = std::ranges::find(device_kinds, name, &DeviceKind::name);
    if (device == device_kinds.end() || name.size() == text.size()) {
        std::string wanted = "kernel, embedded";
        for (const DeviceKind& kind : device_kinds) {
            wanted += (&kind == &device_kinds.back() ? " or " : ", ") + std::string(kind.example);
        }
        refuse("network", text, wanted);
    }
    option.kind = device->kind;
    text.remove_prefix(name.size() + 1);
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
            set(option, *device, part.substr(0, equals), part.substr(equals + 1));
        }
        first = false;
    }
    check_interface(option);
    if ((option.pcp || option.pcp_of_class) && !option.vlan)
        throw WrongUse("--net: a priority is part of a VLAN's tag; add vlan=N, or leave out pcp=");
    if (option.address.address.is_any() && !option.rarp && !option.dhcp) {
        throw WrongUse("--net: " + std::string(device->whose) + " needs an address of its own; add addr=A.B.C.D/LEN");
    }
    return option;
}

}  // namespace strata::cli
