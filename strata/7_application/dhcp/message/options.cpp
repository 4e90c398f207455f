#include "strata/7_application/dhcp/message/options.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace strata::application::dhcp {
namespace {

constexpr std::size_t piece_size_max = 255;  // what the length of an option can say

void write_option(std::vector<std::byte>& to, OptionCode code, Bytes value) {
    do {
        const Bytes piece = value.first(std::min(value.size(), piece_size_max));
        value = value.subspan(piece.size());
        to.push_back(static_cast<std::byte>(code));
        to.push_back(static_cast<std::byte>(piece.size()));
        to.insert(to.end(), piece.begin(), piece.end());
    } while (!value.empty());
}

}  // namespace

const Options::Value* Options::find(OptionCode code) const noexcept {
    const auto found = values_.find(code);
    return found == values_.end() ? nullptr : &found->second;
}

std::optional<std::uint8_t> Options::u8(OptionCode code) const noexcept {
    const Value* value = find(code);
    if (value == nullptr || value->size() != 1) return std::nullopt;
    return load_u8(value->data());
}

std::optional<std::uint16_t> Options::u16(OptionCode code) const noexcept {
    const Value* value = find(code);
    if (value == nullptr || value->size() != 2) return std::nullopt;
    return load_be16(value->data());
}

std::optional<std::uint32_t> Options::u32(OptionCode code) const noexcept {
    const Value* value = find(code);
    if (value == nullptr || value->size() != 4) return std::nullopt;
    return load_be32(value->data());
}

std::optional<Ipv4Address> Options::address(OptionCode code) const noexcept {
    const auto value = u32(code);
    if (!value) return std::nullopt;
    return Ipv4Address{*value};
}

std::vector<Ipv4Address> Options::addresses(OptionCode code, std::size_t count_max) const {
    std::vector<Ipv4Address> found;
    const Value* value = find(code);
    if (value == nullptr || value->size() % Ipv4Address::size != 0) return found;
    for (std::size_t at = 0; at < value->size() && found.size() < count_max; at += Ipv4Address::size) {
        found.push_back(Ipv4Address::load(value->data() + at));
    }
    return found;
}

std::string Options::text(OptionCode code) const {
    const Value* value = find(code);
    if (value == nullptr) return {};
    const std::string_view all = text_of(*value);
    return std::string{all.substr(0, all.find('\0'))};
}

void Options::set_u8(OptionCode code, std::uint8_t value) { set(code, std::array{std::byte{value}}); }

void Options::set_u16(OptionCode code, std::uint16_t value) {
    std::array<std::byte, 2> bytes{};
    store_be16(bytes.data(), value);
    set(code, bytes);
}

void Options::set_u32(OptionCode code, std::uint32_t value) {
    std::array<std::byte, 4> bytes{};
    store_be32(bytes.data(), value);
    set(code, bytes);
}

void Options::set_addresses(OptionCode code, const std::vector<Ipv4Address>& values) {
    Value bytes(values.size() * Ipv4Address::size);
    for (std::size_t i = 0; i < values.size(); ++i) values[i].store(bytes.data() + i * Ipv4Address::size);
    set(code, bytes);
}

std::error_code Options::read(Bytes field) {
    while (!field.empty()) {
        const auto code = static_cast<OptionCode>(load_u8(field.data()));
        field = field.subspan(1);
        if (code == OptionCode::end) return {};
        if (code == OptionCode::pad) continue;
        if (field.empty()) return Error::truncated;
        const std::size_t length = load_u8(field.data());
        field = field.subspan(1);
        if (length > field.size()) return Error::truncated;
        Value& value = values_[code];
        value.insert(value.end(), field.begin(), field.begin() + static_cast<std::ptrdiff_t>(length));
        field = field.subspan(length);
    }
    // RFC 2131 4.1 wants an end; senders of BOOTP forget it, and nothing is unclear without.
    return {};
}

std::vector<std::byte> Options::write() const {
    std::vector<std::byte> bytes;
    constexpr std::array first{OptionCode::message_type, OptionCode::server_identifier};
    for (const OptionCode code : first) {
        if (const Value* value = find(code)) write_option(bytes, code, *value);
    }
    for (const auto& [code, value] : values_) {
        if (std::ranges::find(first, code) == first.end()) write_option(bytes, code, value);
    }
    return bytes;
}

}  // namespace strata::application::dhcp
