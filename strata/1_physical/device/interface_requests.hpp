// InterfaceRequests: what the kernel is asked about its interfaces, and told (netdevice(7)).
//
// Errors are the kernel's; a name that no interface can have gives invalid_argument.
#pragma once

#include <cstddef>
#include <string_view>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::physical {

inline constexpr std::size_t interface_name_max = 15;  // IFNAMSIZ less its zero

// At most interface_name_max bytes, without '/', zero or blank.
[[nodiscard]] bool is_interface_name(std::string_view name) noexcept;

class InterfaceRequests {
public:
    InterfaceRequests() noexcept;
    InterfaceRequests(const InterfaceRequests&) = delete;
    InterfaceRequests& operator=(const InterfaceRequests&) = delete;
    ~InterfaceRequests();

    [[nodiscard]] Result<int> index(std::string_view name) const noexcept;
    [[nodiscard]] Result<std::size_t> mtu(std::string_view name) const noexcept;
    [[nodiscard]] std::error_code set_mtu(std::string_view name, std::size_t mtu) const noexcept;
    // Whether it is meant to be up. One that cannot be asked about is taken for up: the next write
    // will tell.
    [[nodiscard]] bool is_up(std::string_view name) const noexcept;
    // The same, and it has a carrier.
    [[nodiscard]] bool is_running(std::string_view name) const noexcept;
    [[nodiscard]] std::error_code set_up(std::string_view name, bool up) const noexcept;
    [[nodiscard]] std::error_code set_address(std::string_view name,
                                              const Ipv4InterfaceAddress& address) const noexcept;
    // Error: also not_supported, of what is no Ethernet.
    [[nodiscard]] Result<MacAddress> mac_address(std::string_view name) const noexcept;

private:
    [[nodiscard]] Result<short> flags(std::string_view name) const noexcept;

    int socket_;  // any will do
};

}  // namespace strata::physical
