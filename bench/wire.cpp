// wire: one program that plays every part of the measurements over a wire, on the kernel's sockets or on a TAP of our own.
//
//     wire serve  NET                     sink on 5001, source on 5002, echo on 5003, accept-and-close on 5004
//     wire send   NET HOST BYTES          bytes written to HOST's sink; prints Gbit/s
//     wire recv   NET HOST BYTES          bytes read from HOST's source; prints Gbit/s
//     wire pingpong NET HOST COUNT        one byte there and back; prints microseconds a round trip
//     wire connect  NET HOST COUNT        connections opened and closed one after another; prints how many a second
//
// NET is "kernel" (blocking sockets, TCP_CONGESTION cubic) or "tap:NAME,OUR/LEN,KERNEL/LEN[,plain]". tools/bench_wire.py runs it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "strata/host/tap_host.hpp"

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

double seconds_since(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }
void print_rate(std::size_t bytes, Clock::time_point began) {
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

void kernel_converse(int socket, std::uint16_t port) {
    std::vector<char> buffer(chunk);
    for (;;) {
        if (port == accept_port) break;
        if (port == source_port) {
            if (::send(socket, buffer.data(), buffer.size(), MSG_NOSIGNAL) <= 0) break;
            continue;
        }
        const auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
        if (count <= 0) break;
        if (port == echo_port && ::send(socket, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) <= 0)
            break;
    }
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

void kernel_client(const std::string& part, const std::string& host, std::size_t amount) {
    std::vector<char> buffer(chunk);
    if (part == "connect") {
        const auto began = Clock::now();
        for (std::size_t i = 0; i < amount; ++i) {
            const int socket = kernel_connect(host, accept_port);
            (void)!::recv(socket, buffer.data(), 1, 0);
            ::close(socket);
        }
        std::printf("%.0f\n", static_cast<double>(amount) / seconds_since(began));
        return;
    }
    const int socket = kernel_connect(host, part == "send" ? sink_port : part == "recv" ? source_port : echo_port);
    const auto began = Clock::now();
    if (part == "pingpong") {
        for (std::size_t i = 0; i < amount; ++i) {
            if (::send(socket, buffer.data(), 1, 0) != 1 || ::recv(socket, buffer.data(), 1, 0) != 1)
                throw std::runtime_error("echo ended");
        }
        std::printf("%.3f\n", seconds_since(began) * 1e6 / static_cast<double>(amount));
    } else if (part == "send") {
        for (std::size_t done = 0; done < amount; done += chunk) {
            if (::send(socket, buffer.data(), chunk, MSG_NOSIGNAL) != static_cast<ssize_t>(chunk))
                throw std::runtime_error("sink ended");
        }
        ::shutdown(socket, SHUT_WR);
        (void)!::recv(socket, buffer.data(), 1, 0);  // the sink has it all
        print_rate(amount, began);
    } else {
        std::size_t done = 0;
        while (done < amount) {
            const auto count = ::recv(socket, buffer.data(), chunk, 0);
            if (count <= 0) throw std::runtime_error("source ended");
            done += static_cast<std::size_t>(count);
        }
        print_rate(done, began);
    }
    ::close(socket);
}

// ---------------------------------------------------------------------------------------------- our own stack

awaitable<void> stack_converse(Stream stream, std::uint16_t port) {
    std::vector<char> buffer(chunk);
    error_code error;
    stream.set_no_delay(true);
    while (!error && port != accept_port) {
        if (port == source_port) {
            co_await stream.async_write(asio::buffer(buffer), redirect_error(use_awaitable, error));
            continue;
        }
        const auto count = co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (!error && port == echo_port) {
            co_await stream.async_write(asio::buffer(buffer.data(), count), redirect_error(use_awaitable, error));
        }
    }
}

awaitable<void> stack_listen(strata::session::Network& network, std::uint16_t port) {
    auto acceptor = network.listen(Address{strata::Ipv4Address{}, port});
    for (;;) {
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(network.get_executor(), stack_converse(std::move(stream), port), asio::detached);
    }
}

awaitable<void> stack_client(strata::session::Network& network, std::string part, std::string host,
                             std::size_t amount) {
    const auto address = strata::Ipv4Address::parse(host).value();
    std::vector<char> buffer(chunk);
    error_code error;
    if (part == "connect") {
        const auto began = Clock::now();
        for (std::size_t i = 0; i < amount; ++i) {
            Stream stream = co_await network.async_connect(Address{address, accept_port}, use_awaitable);
            co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        }
        std::printf("%.0f\n", static_cast<double>(amount) / seconds_since(began));
        co_return;
    }
    const std::uint16_t port = part == "send" ? sink_port : part == "recv" ? source_port : echo_port;
    Stream stream = co_await network.async_connect(Address{address, port}, use_awaitable);
    stream.set_no_delay(true);
    const auto began = Clock::now();
    if (part == "pingpong") {
        for (std::size_t i = 0; i < amount; ++i) {
            co_await stream.async_write(asio::buffer(buffer.data(), 1), use_awaitable);
            co_await stream.async_read_some(asio::buffer(buffer.data(), 1), use_awaitable);
        }
        std::printf("%.3f\n", seconds_since(began) * 1e6 / static_cast<double>(amount));
    } else if (part == "send") {
        for (std::size_t done = 0; done < amount; done += chunk)
            co_await stream.async_write(asio::buffer(buffer), use_awaitable);
        stream.shut_down_sending();
        co_await stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        print_rate(amount, began);
    } else {
        std::size_t done = 0;
        while (done < amount) done += co_await stream.async_read_some(asio::buffer(buffer), use_awaitable);
        print_rate(done, began);
    }
}

strata::host::TapHostOptions tap_options(std::string text) {
    std::vector<std::string> parts;
    for (std::size_t comma = 0; (comma = text.find(',')) != std::string::npos; text.erase(0, comma + 1))
        parts.push_back(text.substr(0, comma));
    parts.push_back(text);
    if (parts.size() < 3) throw std::runtime_error("want tap:NAME,OUR/LEN,KERNEL/LEN");
    strata::host::TapHostOptions options;
    options.interface = parts[0];
    options.address = strata::Ipv4InterfaceAddress::parse(parts[1]).value();
    options.kernel_address = strata::Ipv4InterfaceAddress::parse(parts[2]).value();
    options.offload = parts.size() == 3;
    return options;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() < 2) throw std::runtime_error("want: wire serve|send|recv|pingpong|connect NET [HOST AMOUNT]");
    const std::string& part = arguments[0];
    const std::string& net = arguments[1];
    const std::string host = arguments.size() > 2 ? arguments[2] : "";
    const std::size_t amount = arguments.size() > 3 ? std::stoull(arguments[3]) : 0;
    if (net == "kernel") {
        if (part != "serve") return kernel_client(part, host, amount), 0;
        for (const std::uint16_t port : {sink_port, source_port, echo_port, accept_port}) kernel_listen(port);
        std::puts("ready");
        std::fflush(stdout);
        return ::pause();
    }
    asio::io_context io(1);
    strata::host::TapHost tap(io, tap_options(net.substr(4)));
    if (part == "serve") {
        for (const std::uint16_t port : {sink_port, source_port, echo_port, accept_port}) {
            asio::co_spawn(io, stack_listen(tap.network(), port), asio::detached);
        }
        std::puts("ready");
        std::fflush(stdout);
    } else {
        asio::co_spawn(io, stack_client(tap.network(), part, host, amount), [&](std::exception_ptr failed) {
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
