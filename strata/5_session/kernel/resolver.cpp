#include "strata/5_session/kernel/resolver.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>

#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/kernel/address.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t name_size_max = 253;  // RFC 1035 2.3.4, in characters

template <typename Handler>
struct Resolving {
    explicit Resolving(asio::io_context& io) : resolver(io) {}
    void start(Handler handler) {
        waiting.start(std::move(handler), [this] {
            waiting.abort();
            resolver.cancel();
        });
    }
    asio::ip::tcp::resolver resolver;
    Waiting<Handler> waiting;
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
    const auto resolving = std::make_shared<Resolving<ResolveHandler>>(io);
    resolving->start(std::move(handler));
    resolving->resolver.async_resolve(
        host, "", asio::ip::tcp::resolver::flags{},
        [resolving](error_code error, const asio::ip::tcp::resolver::results_type& results) {
            if (!resolving->waiting) return;
            auto addresses = addresses_of(results);
            if (!error && addresses.empty()) error = asio::error::host_not_found;
            resolving->waiting.complete(error, std::move(addresses));
        });
}

// Where there is no name, getnameinfo(3) writes the address, and no name begins as one does.
void name_of(asio::io_context& io, const IpAddress& host, NameHandler handler) {
    sockaddr_storage storage{};
    const Address address{host, 0};
    const std::size_t size = store(address, family_of(address), storage);
    asio::ip::tcp::endpoint endpoint;
    endpoint.resize(size);
    std::memcpy(endpoint.data(), &storage, size);
    const auto resolving = std::make_shared<Resolving<NameHandler>>(io);
    resolving->start(std::move(handler));
    resolving->resolver.async_resolve(
        endpoint, [resolving](error_code error, const asio::ip::tcp::resolver::results_type& results) {
            if (!resolving->waiting) return;
            std::string name = results.empty() ? std::string{} : results.begin()->host_name();
            if (!error && (name.empty() || IpAddress::parse(name))) error = asio::error::host_not_found;
            resolving->waiting.complete(error, error ? std::string{} : std::move(name));
        });
}

}  // namespace strata::session::kernel
