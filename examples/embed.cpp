// Twenty lines: a TCP/IP stack of your own, on a TAP, inside your
// program. The kernel's own sockets are its first visitor.
#include <boost/asio.hpp>
#include <iostream>

#include "strata/5_session/kernel/network.hpp"
#include "strata/host.hpp"

using namespace boost::asio;
using namespace strata;

awaitable<void> greet(session::Network& network) {
    auto acceptor = network.listen({Ipv4Address{}, 7777});
    auto stream = co_await acceptor.async_accept(use_awaitable);
    co_await async_write(stream, buffer(std::string_view("hello from a TCP of my own\n")), use_awaitable);
}

awaitable<void> visit(session::Network& network, session::Address server) {
    auto stream = co_await network.async_connect(server, use_awaitable);
    std::string line;
    co_await async_read_until(stream, dynamic_buffer(line), '\n', use_awaitable);
    std::cout << server.to_string() << " says: " << line;
}

int main() try {
    io_context io;
    host::DeviceHost machine(io, {.interface = "strata0",
                                  .address = {Ipv4Address{10, 77, 0, 1}, 24},
                                  .kernel_address = Ipv4InterfaceAddress{Ipv4Address{10, 77, 0, 2}, 24}});
    session::KernelNetwork kernel(io);
    co_spawn(io, greet(machine.network()), detached);
    co_spawn(io, visit(kernel, {machine.host().address(), 7777}), [&](auto) { io.stop(); });
    io.run();
} catch (const std::exception& error) {
    std::cerr << "embed: " << error.what() << '\n';
    return 1;
}
