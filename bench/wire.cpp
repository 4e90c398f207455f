// wire: one program that plays every part of the measurements over a
// wire, on the kernel's sockets or on a TAP of our own.
//
//     wire serve  NET                     sink on 5001, source on 5002, echo on 5003, accept-and-close on 5004
//     wire send   NET HOST SECONDS        bytes written to HOST's sink; prints Gbit/s
//     wire recv   NET HOST SECONDS        bytes read from HOST's source; prints Gbit/s
//     wire pingpong NET HOST SECONDS      one byte there and back; prints microseconds a round trip
//     wire connect  NET HOST SECONDS      connections opened and closed one after another; prints how many a second
//
// NET is "kernel" (blocking sockets, TCP_CONGESTION cubic) or
// "tap:NAME,OUR/LEN,KERNEL/LEN[,plain]". Everybody writes 256 KiB at a time, reads into 256 KiB,
// and sets no_delay; who receives compares every byte. tools/bench_wire.py runs it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "strata/0_foundation/entropy.hpp"
#include "strata/host/device_host.hpp"

namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using strata::session::Address;
using strata::session::error_code;
using strata::session::Stream;
using Clock = std::chrono::steady_clock;

constexpr std::uint16_t sink_port = 5001, source_port = 5002, echo_port = 5003, accept_port = 5004;
constexpr std::size_t chunk = 256 << 10;

// What is sent: a period that divides no buffer and no segment, so that bytes that are missing,
// doubled or out of place are not what is expected.
class Payload {
public:
    Payload() : bytes_(period + chunk) {
        strata::SeededEntropy(1).fill(std::as_writable_bytes(std::span(bytes_)));
        std::copy_n(bytes_.begin(), chunk, bytes_.begin() + period);
    }
    [[nodiscard]] asio::const_buffer at(std::uint64_t offset, std::size_t count = chunk) const {
        return {bytes_.data() + offset % period, count};
    }
    [[nodiscard]] bool holds(std::uint64_t offset, std::span<const char> got) const {
        return std::memcmp(at(offset).data(), got.data(), got.size()) == 0;
    }

private:
    static constexpr std::size_t period = 262'147;
    std::vector<char> bytes_;
};
const Payload& payload() {
    static const Payload all;
    return all;
}

// What one side has received and found right.
struct Received {
    bool take(std::span<const char> got) {
        const bool right = payload().holds(bytes, got);
        bytes += got.size();
        return right;
    }
    std::uint64_t bytes = 0;
};

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }
void print_rate(std::uint64_t bytes, Clock::time_point began) {
    std::printf("%.3f\n", static_cast<double>(bytes) * 8 / 1e9 / seconds_since(began));
}

// ---------------------------------------------------------------------------------------------- the kernel's sockets

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::system_category(), what);
    return result;
}

int make_socket() {
    const int socket = checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    const int one = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    checked(::setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5), "TCP_CONGESTION cubic");
    return socket;
}

void kernel_source(int socket) {
    std::uint64_t sent = 0;
    for (;;) {
        const auto count = ::send(socket, payload().at(sent).data(), chunk, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::uint64_t>(count);
    }
}

// Answers with one byte if all was right.
void kernel_sink(int socket, std::vector<char>& buffer) {
    Received received;
    for (;;) {
        const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count < 0 || !received.take({buffer.data(), static_cast<std::size_t>(count)})) return;
        if (count == 0) break;
    }
    (void)!::send(socket, "y", 1, MSG_NOSIGNAL);
}

void kernel_echo(int socket, std::vector<char>& buffer) {
    for (;;) {
        const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count <= 0 || ::send(socket, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) <= 0) return;
    }
}

void kernel_converse(int socket, std::uint16_t port) {
    std::vector<char> buffer(chunk);
    if (port == source_port) kernel_source(socket);
    if (port == sink_port) kernel_sink(socket, buffer);
    if (port == echo_port) kernel_echo(socket, buffer);
    ::close(socket);
}

void kernel_listen(std::uint16_t port) {
    const int listener = make_socket();
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    checked(::bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at), "bind");
    checked(::listen(listener, 1024), "listen");
    std::thread([listener, port] {
        for (;;) {
            const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0) return;
            if (port == accept_port) {
                ::close(socket);
            } else {
                std::thread(kernel_converse, socket, port).detach();
            }
        }
    }).detach();
}

int kernel_connect(const std::string& host, std::uint16_t port) {
    const int socket = make_socket();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &to.sin_addr) != 1) throw std::runtime_error("no address: " + host);
    checked(::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to), "connect");
    return socket;
}

void kernel_connections(const std::string& host, double seconds) {
    const auto began = Clock::now();
    std::size_t count = 0;
    for (char byte = 0; seconds_since(began) < seconds; ++count) {
        const int socket = kernel_connect(host, accept_port);
        (void)!::recv(socket, &byte, 1, 0);
        ::close(socket);
    }
    std::printf("%.0f\n", static_cast<double>(count) / seconds_since(began));
}

void kernel_ping_pong(int socket, double seconds) {
    const auto began = Clock::now();
    std::size_t count = 0;
    for (char byte = 0; seconds_since(began) < seconds; ++count) {
        if (::send(socket, &byte, 1, 0) != 1 || ::recv(socket, &byte, 1, 0) != 1)
            throw std::runtime_error("echo ended");
    }
    std::printf("%.3f\n", seconds_since(began) * 1e6 / static_cast<double>(count));
}

void kernel_send(int socket, double seconds) {
    const auto began = Clock::now();
    std::uint64_t sent = 0;
    while (seconds_since(began) < seconds) {
        const auto count = ::send(socket, payload().at(sent).data(), chunk, MSG_NOSIGNAL);
        if (count <= 0) throw std::runtime_error("sink ended");
        sent += static_cast<std::uint64_t>(count);
    }
    ::shutdown(socket, SHUT_WR);
    char answer = 0;
    if (::recv(socket, &answer, 1, 0) != 1) throw std::runtime_error("the sink did not get what was sent");
    print_rate(sent, began);
}

void kernel_receive(int socket, double seconds) {
    const auto began = Clock::now();
    std::vector<char> buffer(chunk);
    Received received;
    while (seconds_since(began) < seconds) {
        const auto count = ::recv(socket, buffer.data(), chunk, 0);
        if (count <= 0) throw std::runtime_error("source ended");
        if (!received.take({buffer.data(), static_cast<std::size_t>(count)})) throw std::runtime_error("wrong bytes");
    }
    print_rate(received.bytes, began);
}

void kernel_client(const std::string& part, const std::string& host, double seconds) {
    if (part == "connect") return kernel_connections(host, seconds);
    const int socket = kernel_connect(host, part == "send" ? sink_port : part == "recv" ? source_port : echo_port);
    if (part == "pingpong") kernel_ping_pong(socket, seconds);
    if (part == "send") kernel_send(socket, seconds);
    if (part == "recv") kernel_receive(socket, seconds);
    ::close(socket);
}

// ---------------------------------------------------------------------------------------------- our own stack

awaitable<void> stack_source(Stream& stream) {
    error_code error;
    for (std::uint64_t sent = 0; !error;)
        sent += co_await stream.async_write(payload().at(sent), redirect_error(use_awaitable, error));
}

awaitable<void> stack_sink(Stream& stream) {
    std::vector<char> buffer(chunk);
    error_code error;
    for (Received received;;) {
        const auto count = co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (!received.take({buffer.data(), count})) co_return;
        if (error) break;
    }
    if (error == asio::error::eof)
        co_await stream.async_write(asio::buffer("y", 1), redirect_error(use_awaitable, error));
}

awaitable<void> stack_echo(Stream& stream) {
    std::vector<char> buffer(chunk);
    error_code error;
    while (!error) {
        const auto count = co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (!error)
            co_await stream.async_write(asio::buffer(buffer.data(), count), redirect_error(use_awaitable, error));
    }
}

awaitable<void> stack_converse(Stream stream, std::uint16_t port) {
    stream.set_no_delay(true);
    if (port == source_port) co_await stack_source(stream);
    if (port == sink_port) co_await stack_sink(stream);
    if (port == echo_port) co_await stack_echo(stream);
}

awaitable<void> stack_listen(strata::session::Network& network, std::uint16_t port) {
    auto acceptor = network.listen(Address{strata::Ipv4Address{}, port});
    for (;;) {
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(network.get_executor(), stack_converse(std::move(stream), port), asio::detached);
    }
}

awaitable<void> stack_connections(strata::session::Network& network, Address to, double seconds) {
    const auto began = Clock::now();
    std::size_t count = 0;
    error_code error;
    for (char byte = 0; seconds_since(began) < seconds; ++count) {
        Stream stream = co_await network.async_connect(to, use_awaitable);
        co_await stream.async_read_some(asio::buffer(&byte, 1), redirect_error(use_awaitable, error));
    }
    std::printf("%.0f\n", static_cast<double>(count) / seconds_since(began));
}

awaitable<void> stack_ping_pong(Stream& stream, double seconds) {
    const auto began = Clock::now();
    std::size_t count = 0;
    for (char byte = 0; seconds_since(began) < seconds; ++count) {
        co_await stream.async_write(asio::buffer(&byte, 1), use_awaitable);
        co_await stream.async_read_some(asio::buffer(&byte, 1), use_awaitable);
    }
    std::printf("%.3f\n", seconds_since(began) * 1e6 / static_cast<double>(count));
}

awaitable<void> stack_send(Stream& stream, double seconds) {
    const auto began = Clock::now();
    std::uint64_t sent = 0;
    while (seconds_since(began) < seconds) sent += co_await stream.async_write(payload().at(sent), use_awaitable);
    (void)stream.shut_down_sending();
    char answer = 0;
    error_code error;
    co_await stream.async_read_some(asio::buffer(&answer, 1), redirect_error(use_awaitable, error));
    if (error) throw std::runtime_error("the sink did not get what was sent");
    print_rate(sent, began);
}

awaitable<void> stack_receive(Stream& stream, double seconds) {
    const auto began = Clock::now();
    std::vector<char> buffer(chunk);
    Received received;
    while (seconds_since(began) < seconds) {
        const auto count = co_await stream.async_read_some(asio::buffer(buffer), use_awaitable);
        if (!received.take({buffer.data(), count})) throw std::runtime_error("wrong bytes");
    }
    print_rate(received.bytes, began);
}

awaitable<void> stack_client(strata::session::Network& network, std::string part, std::string host, double seconds) {
    const auto address = strata::Ipv4Address::parse(host).value();
    if (part == "connect") co_return co_await stack_connections(network, Address{address, accept_port}, seconds);
    const std::uint16_t port = part == "send" ? sink_port : part == "recv" ? source_port : echo_port;
    Stream stream = co_await network.async_connect(Address{address, port}, use_awaitable);
    stream.set_no_delay(true);
    if (part == "pingpong") co_await stack_ping_pong(stream, seconds);
    if (part == "send") co_await stack_send(stream, seconds);
    if (part == "recv") co_await stack_receive(stream, seconds);
}

strata::host::DeviceHostOptions tap_options(std::string text) {
    std::vector<std::string> parts;
    for (std::size_t comma = 0; (comma = text.find(',')) != std::string::npos; text.erase(0, comma + 1))
        parts.push_back(text.substr(0, comma));
    parts.push_back(text);
    if (parts.size() < 3) throw std::runtime_error("want tap:NAME,OUR/LEN,KERNEL/LEN");
    strata::host::DeviceHostOptions options;
    options.interface = parts[0];
    options.address = strata::Ipv4InterfaceAddress::parse(parts[1]).value();
    options.kernel_address = strata::Ipv4InterfaceAddress::parse(parts[2]).value();
    options.offload = parts.size() == 3;
    return options;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() < 2)
        throw std::runtime_error("want: wire serve|send|recv|pingpong|connect NET [HOST SECONDS]");
    const std::string& part = arguments[0];
    const std::string& net = arguments[1];
    const std::string host = arguments.size() > 2 ? arguments[2] : "";
    const double seconds = arguments.size() > 3 ? std::stod(arguments[3]) : 2;
    (void)payload();  // made before anything is measured
    if (net == "kernel") {
        if (part != "serve") return kernel_client(part, host, seconds), 0;
        for (const std::uint16_t port : {sink_port, source_port, echo_port, accept_port}) kernel_listen(port);
        std::puts("ready");
        std::fflush(stdout);
        return ::pause();
    }
    asio::io_context io(1);
    strata::host::DeviceHost tap(io, tap_options(net.substr(4)));
    if (part == "serve") {
        for (const std::uint16_t port : {sink_port, source_port, echo_port, accept_port}) {
            asio::co_spawn(io, stack_listen(tap.network(), port), asio::detached);
        }
        std::puts("ready");
        std::fflush(stdout);
    } else {
        asio::co_spawn(io, stack_client(tap.network(), part, host, seconds), [&](std::exception_ptr failed) {
            io.stop();
            if (failed) std::rethrow_exception(failed);
        });
    }
    io.run();
    return 0;
}

}  // namespace

int main(int count, char** values) {
    try {
        return run({values + 1, values + count});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wire: %s\n", error.what());
        return 1;
    }
}
