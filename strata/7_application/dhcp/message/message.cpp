#include "strata/7_application/dhcp/message/message.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace strata::application::dhcp {
namespace {

// Where a field begins, and how many bytes it has.
struct Field {
    std::size_t at;
    std::size_t size;
    [[nodiscard]] Bytes of(Bytes message) const noexcept { return message.subspan(at, size); }
};
constexpr Field sname_field{44, 64};
constexpr Field file_field{108, 128};
constexpr std::size_t cookie_at = 236;
constexpr std::uint32_t magic_cookie = 0x63825363;  // RFC 2131 3
constexpr std::uint8_t ethernet = 1;                // RFC 1700, hardware types
constexpr std::uint16_t broadcast_flag = 0x8000;
constexpr std::uint8_t file_has_options = 1, sname_has_options = 2;  // RFC 2132 9.3

std::string text_in(Bytes field) {
    const std::string_view all = text_of(field);
    return std::string{all.substr(0, all.find('\0'))};
}

// RFC 3396 5: first the options field, then file, then sname. An overload within those counts for
// nothing.
std::error_code read_all_options(Message& message, Bytes bytes) {
    if (const auto error = message.options.read(bytes.subspan(Message::header_size))) return error;
    std::uint8_t overload = 0;
    if (message.options.has(OptionCode::overload)) {
        overload = message.options.u8(OptionCode::overload).value_or(0);
        if (overload < 1 || overload > 3) return Error::malformed;
    }
    const bool in_file = (overload & file_has_options) != 0, in_sname = (overload & sname_has_options) != 0;
    if (in_file) {
        if (const auto error = message.options.read(file_field.of(bytes))) return error;
    } else {
        message.file = text_in(file_field.of(bytes));
    }
    if (in_sname) {
        if (const auto error = message.options.read(sname_field.of(bytes))) return error;
    } else {
        message.sname = text_in(sname_field.of(bytes));
    }
    message.options.remove(OptionCode::overload);
    return {};
}

// The options that fit into `room` bytes with their end, and those that do not: none is torn.
struct Share {
    Bytes here, rest;
};
Share share_of(Bytes options, std::size_t room) {
    std::size_t end = 0;
    while (end < options.size()) {
        const std::size_t next = end + 2 + load_u8(options.data() + end + 1);
        if (next + 1 > room) break;
        end = next;
    }
    return {options.first(end), options.subspan(end)};
}

void write_field(std::byte* to, Bytes options) {
    if (!options.empty()) std::memcpy(to, options.data(), options.size());
    to[options.size()] = static_cast<std::byte>(OptionCode::end);
}

void write_text(std::byte* to, std::string_view text) { std::memcpy(to, text.data(), text.size()); }

void write_header(const Message& message, std::byte* to) {
    store_u8(to, static_cast<std::uint8_t>(message.op));
    store_u8(to + 1, ethernet);
    store_u8(to + 2, MacAddress::size);
    store_u8(to + 3, message.hops);
    store_be32(to + 4, message.xid);
    store_be16(to + 8, message.secs);
    store_be16(to + 10, message.broadcast ? broadcast_flag : 0);
    message.ciaddr.store(to + 12);
    message.yiaddr.store(to + 16);
    message.siaddr.store(to + 20);
    message.giaddr.store(to + 24);
    message.chaddr.store(to + 28);
    write_text(to + sname_field.at, message.sname);
    write_text(to + file_field.at, message.file);
    store_be32(to + cookie_at, magic_cookie);
}

}  // namespace

std::string_view name_of(MessageType type) noexcept {
    constexpr std::array<std::string_view, 9> names{
        "",        "DHCPDISCOVER", "DHCPOFFER",   "DHCPREQUEST", "DHCPDECLINE",
        "DHCPACK", "DHCPNAK",      "DHCPRELEASE", "DHCPINFORM"};
    return names.at(static_cast<std::size_t>(type));
}

Result<Message> Message::parse(Bytes bytes) {
    if (bytes.size() < header_size) return fail(Error::truncated);
    const std::byte* at = bytes.data();
    const std::uint8_t op = load_u8(at);
    if ((op != 1 && op != 2) || load_be32(at + cookie_at) != magic_cookie) return fail(Error::malformed);
    if (load_u8(at + 1) != ethernet || load_u8(at + 2) != MacAddress::size) return fail(Error::not_supported);
    Message message;
    message.op = static_cast<Operation>(op);
    message.hops = load_u8(at + 3);
    message.xid = load_be32(at + 4);
    message.secs = load_be16(at + 8);
    message.broadcast = (load_be16(at + 10) & broadcast_flag) != 0;
    message.ciaddr = Ipv4Address::load(at + 12);
    message.yiaddr = Ipv4Address::load(at + 16);
    message.siaddr = Ipv4Address::load(at + 20);
    message.giaddr = Ipv4Address::load(at + 24);
    message.chaddr = MacAddress::load(at + 28);
    if (read_all_options(message, bytes)) return fail(Error::malformed);
    return message;
}

Result<std::vector<std::byte>> Message::serialize(std::size_t bytes_max) const {
    if (bytes_max < size_min || file.size() >= file_field.size || sname.size() >= sname_field.size)
        return fail(Error::message_too_long);
    const std::vector<std::byte> written = options.write();
    std::vector<std::byte> bytes(std::max(size_min, std::min(bytes_max, header_size + written.size() + 1)));
    write_header(*this, bytes.data());
    if (header_size + written.size() + 1 <= bytes_max) {
        write_field(bytes.data() + header_size, written);
        return bytes;
    }
    constexpr std::size_t overload_size = 3;
    const Share main = share_of(written, bytes_max - header_size - overload_size);
    const Share in_file = share_of(main.rest, file.empty() ? file_field.size : 0);
    const Share in_sname = share_of(in_file.rest, sname.empty() ? sname_field.size : 0);
    if (!in_sname.rest.empty()) return fail(Error::message_too_long);
    std::byte* at = bytes.data() + header_size;
    std::memcpy(at, main.here.data(), main.here.size());
    at += main.here.size();
    store_u8(at, static_cast<std::uint8_t>(OptionCode::overload));
    store_u8(at + 1, 1);
    std::uint8_t overload = 0;
    if (!in_file.here.empty()) overload |= file_has_options;
    if (!in_sname.here.empty()) overload |= sname_has_options;
    store_u8(at + 2, overload);
    store_u8(at + overload_size, static_cast<std::uint8_t>(OptionCode::end));
    if (!in_file.here.empty()) write_field(bytes.data() + file_field.at, in_file.here);
    if (!in_sname.here.empty()) write_field(bytes.data() + sname_field.at, in_sname.here);
    return bytes;
}

std::optional<MessageType> Message::type() const noexcept {
    const auto value = options.u8(OptionCode::message_type);
    if (!value || *value < 1 || *value > 8) return std::nullopt;
    return static_cast<MessageType>(*value);
}

}  // namespace strata::application::dhcp
