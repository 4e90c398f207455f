#include "strata/7_application/host_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "strata/0_foundation/printable.hpp"

namespace strata::application {

session::asio::awaitable<IpAddress> host_address(session::Network& network, std::string host, Family family,
                                                 std::string cannot) {
    using session::asio::redirect_error;
    using session::asio::use_awaitable;
    const std::string shown = printable(host);
    session::error_code error;
    const auto found = co_await network.async_resolve(host, redirect_error(use_awaitable, error));
    if (error) {
        throw std::runtime_error(
            fmt::format("{} {}: {}; check the name, or write an address", cannot, shown, error.message()));
    }
    const auto fits = std::ranges::find_if(found, [family](const IpAddress& one) {
        return family == Family::any || one.is_v4() == (family == Family::v4);
    });
    if (fits == found.end()) {
        const std::string_view number = family == Family::v4 ? "4" : "6";
        throw std::runtime_error(fmt::format("{} {}: it has no IPv{} address here; leave -{} out, or name another host",
                                             cannot, shown, number, number));
    }
    co_return *fits;
}

}  // namespace strata::application
