#include "strata/7_application/http/client/socks.hpp"

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/address.hpp"

namespace strata::application::http {

namespace asio = session::asio;
using asio::awaitable;
using asio::use_awaitable;

namespace {

constexpr std::size_t text_max = 255;  // its length is a byte
constexpr char socks_version = 5, sub_version = 1;
constexpr char by_nothing = 0, by_password = 2;
constexpr char to_connect = 1;
constexpr char ipv4 = 1, domain = 3, ipv6 = 4;

template <std::size_t size>
awaitable<std::array<char, size>> read(session::Stream& stream) {
    std::array<char, size> bytes{};
    co_await asio::async_read(stream, asio::buffer(bytes), use_awaitable);
    co_return bytes;
}

void append(std::string& text, std::string_view counted) {
    text += static_cast<char>(counted.size());
    text += counted;
}

template <typename Address>
void append_address(std::string& text, const Address& address) {
    std::array<std::byte, Address::size> octets{};
    address.store(octets.data());
    for (const std::byte octet : octets) text += static_cast<char>(octet);
}

std::string request_for(const std::string& host, std::uint16_t port) {
    std::string request{socks_version, to_connect, 0};
    if (const auto four = Ipv4Address::parse(host)) {
        request += ipv4;
        append_address(request, *four);
    } else if (const auto six = Ipv6Address::parse(host)) {
        request += ipv6;
        append_address(request, *six);
    } else {
        request += domain;
        append(request, host);
    }
    request += static_cast<char>(port >> 8);
    request += static_cast<char>(port & 0xff);
    return request;
}

// RFC 1928 6.
std::string words(unsigned char reply) {
    constexpr std::array<const char*, 9> replies = {"",
                                                    "the proxy has a fault",
                                                    "the proxy does not allow it",
                                                    "the network is unreachable from the proxy",
                                                    "the host is unreachable from the proxy",
                                                    "the server refused the proxy's connection",
                                                    "the proxy's connection took too long",
                                                    "the proxy does not connect",
                                                    "the proxy does not know such addresses"};
    return reply < replies.size() ? replies[reply] : "the proxy's answer makes no sense";
}

// What the proxy wants to know of its client.
awaitable<std::string> introduce(session::Stream& stream, const std::optional<Credentials>& credentials) {
    const std::string greeting = credentials ? std::string{socks_version, 2, by_nothing, by_password}
                                             : std::string{socks_version, 1, by_nothing};
    co_await stream.async_write(asio::buffer(greeting), use_awaitable);
    const auto method = co_await read<2>(stream);
    if (method[0] != socks_version) co_return "the proxy does not speak SOCKS 5";
    if (method[1] == by_nothing) co_return "";
    if (method[1] != by_password || !credentials) co_return "the proxy wants a name and a password";
    std::string answer{sub_version};
    append(answer, credentials->user);
    append(answer, credentials->password);
    co_await stream.async_write(asio::buffer(answer), use_awaitable);
    const auto status = co_await read<2>(stream);
    co_return status[1] == 0 ? "" : "the proxy does not take the name and the password";
}

}  // namespace

awaitable<std::string> ask_socks(session::Stream& stream, std::string host, std::uint16_t port,
                                 std::optional<Credentials> credentials) {
    if (host.size() > text_max) co_return "the host's name is too long for the proxy";
    if (credentials && (credentials->user.size() > text_max || credentials->password.size() > text_max))
        co_return "the proxy's name or password is too long";
    const std::string refused = co_await introduce(stream, credentials);
    if (!refused.empty()) co_return refused;
    const std::string request = request_for(host, port);
    co_await stream.async_write(asio::buffer(request), use_awaitable);
    const auto reply = co_await read<4>(stream);
    if (reply[0] != socks_version) co_return "the proxy does not speak SOCKS 5";
    if (reply[1] != 0) co_return words(static_cast<unsigned char>(reply[1]));
    // Where it connects from, and the port.
    std::size_t left = reply[3] == ipv6 ? 16 + 2 : 4 + 2;
    if (reply[3] == domain) {
        const auto size = co_await read<1>(stream);
        left = static_cast<unsigned char>(size[0]) + std::size_t{2};
    }
    std::string address(left, '\0');
    co_await asio::async_read(stream, asio::buffer(address), use_awaitable);
    co_return "";
}

}  // namespace strata::application::http
