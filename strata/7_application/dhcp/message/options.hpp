// The options of a DHCP message (RFC 2132): values by their code, each as many bytes as it has.
//
//     | code | length | value ...        one or more of these; 0 is one byte of padding, 255 the end
//
// An option that is there several times, since it is longer than 255 bytes, is one value here (RFC
// 3396). Read and written by Message.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::application::dhcp {

// RFC 2132; user_class: RFC 3004; client_architecture to client_machine: RFC 4578.
enum class OptionCode : std::uint8_t {
    pad = 0,
    subnet_mask = 1,
    router = 3,
    domain_name_server = 6,
    host_name = 12,
    domain_name = 15,
    interface_mtu = 26,
    broadcast_address = 28,
    requested_address = 50,
    lease_time = 51,
    overload = 52,
    message_type = 53,
    server_identifier = 54,
    parameter_request_list = 55,
    message = 56,
    message_size_max = 57,
    renewal_time = 58,
    rebinding_time = 59,
    vendor_class = 60,
    client_identifier = 61,
    tftp_server_name = 66,
    boot_file_name = 67,
    user_class = 77,
    client_architecture = 93,
    client_interface = 94,
    client_machine = 97,
    end = 255,
};

class Options {
public:
    using Value = std::vector<std::byte>;

    // The value; null if the option is not there.
    [[nodiscard]] const Value* find(OptionCode code) const noexcept;
    [[nodiscard]] bool has(OptionCode code) const noexcept { return find(code) != nullptr; }
    // Nothing if it is not there, or has another length than the type says.
    [[nodiscard]] std::optional<std::uint8_t> u8(OptionCode code) const noexcept;
    [[nodiscard]] std::optional<std::uint16_t> u16(OptionCode code) const noexcept;
    [[nodiscard]] std::optional<std::uint32_t> u32(OptionCode code) const noexcept;
    [[nodiscard]] std::optional<Ipv4Address> address(OptionCode code) const noexcept;
    // The first `count_max` of them; none if the length is no multiple of four.
    [[nodiscard]] std::vector<Ipv4Address> addresses(OptionCode code, std::size_t count_max = 8) const;
    // Up to a NUL, which some senders put at the end (RFC 2132 2); empty if it is not there. It is
    // a stranger's text.
    [[nodiscard]] std::string text(OptionCode code) const;

    void set(OptionCode code, Bytes value) { values_[code].assign(value.begin(), value.end()); }
    void set_u8(OptionCode code, std::uint8_t value);
    void set_u16(OptionCode code, std::uint16_t value);
    void set_u32(OptionCode code, std::uint32_t value);
    void set_address(OptionCode code, Ipv4Address value) { set_u32(code, value.value()); }
    void set_addresses(OptionCode code, const std::vector<Ipv4Address>& values);
    void set_text(OptionCode code, std::string_view text) { set(code, bytes_of(text)); }
    void remove(OptionCode code) { values_.erase(code); }

    [[nodiscard]] const std::map<OptionCode, Value>& all() const noexcept { return values_; }

    // Adds those of one field, up to its end; what is there already is made longer. Error:
    // truncated (an option that is longer than the field).
    [[nodiscard]] std::error_code read(Bytes field);
    // In the order in which they are written: the message type first, then the server's identifier,
    // the others by their codes; a value of more than 255 bytes in several pieces (RFC 3396 5). No
    // `pad`, no `end`.
    [[nodiscard]] std::vector<std::byte> write() const;

    bool operator==(const Options&) const = default;

private:
    std::map<OptionCode, Value> values_;
};

}  // namespace strata::application::dhcp
