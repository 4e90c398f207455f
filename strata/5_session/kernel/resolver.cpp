#include "strata/5_session/kernel/resolver.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/kernel/address.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t name_size_max = 253;  // RFC 1035 2.3.4, in characters

struct Resolving {
    explicit Resolving(asio::io_context& io) : resolver(io) {}
    asio::ip::tcp::resolver resolver;
    Waiting<ResolveHandler> waiting;
};

std::vector<IpAddress> addresses_of(const asio::ip::tcp::resolver::results_type& results) {
    std::vector<IpAddress> addresses;
    for (const auto& entry : results) {
        const auto endpoint = entry.endpoint();
        const IpAddress address = load(endpoint.data(), endpoint.size()).endpoint().address;
        if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
    }
    return addresses;
}

}  // namespace

void resolve(asio::io_context& io, const std::string& host, ResolveHandler handler) {
    if (const auto numeric = IpAddress::parse(host)) return handler.complete({}, {*numeric});
    if (host.empty() || host.size() > name_size_max || host.find('\0') != std::string::npos) {
        return handler.complete(asio::error::host_not_found, {});
    }
    const auto resolving = std::make_shared<Resolving>(io);
    resolving->waiting.start(std::move(handler), [raw = resolving.get()] {
        raw->waiting.abort();
        raw->resolver.cancel();
    });
    resolving->resolver.async_resolve(
        host, "", asio::ip::tcp::resolver::flags{},
        [resolving](error_code error, const asio::ip::tcp::resolver::results_type& results) {
            if (!resolving->waiting) return;
            auto addresses = addresses_of(results);
            if (!error && addresses.empty()) error = asio::error::host_not_found;
            resolving->waiting.complete(error, std::move(addresses));
        });
}

}  // namespace strata::session::kernel
