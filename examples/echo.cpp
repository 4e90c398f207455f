// An echo server and its client on our own TCP.
//
//     client ── "hello" ──▶ ┌────────┐
//            ◀── "hello" ── │ server │   read, write back, until the client has no more to say
//                           └────────┘
//
//     echo                       both on stacks of ours, in virtual time
//     echo --loss 20 --seed 7    on a bad cable: it only takes longer
//     echo --tap strata0         the server on our TCP, the client on the kernel's; then the other way round
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "stage.hpp"

using namespace examples;

awaitable<void> echo(Stream stream) {
    std::string text(4096, '\0');
    for (;;) {
        error_code error;
        const auto count =
            co_await stream.async_read_some(asio::buffer(text), asio::redirect_error(use_awaitable, error));
        if (error) co_return;  // the end of what the client says
        co_await asio::async_write(stream, asio::buffer(text.data(), count), use_awaitable);
    }
}

awaitable<void> serve(session::Acceptor acceptor) {
    for (;;) {
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        asio::co_spawn(acceptor.get_executor(), echo(std::move(stream)), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
}

awaitable<void> ask(Network& network, Address server, std::string text) {
    const auto began = network.now();
    Stream stream = co_await network.async_connect(server, use_awaitable);
    co_await asio::async_write(stream, asio::buffer(text), use_awaitable);
    std::string answer(text.size(), '\0');
    co_await asio::async_read(stream, asio::buffer(answer), use_awaitable);
    if (answer != text) throw std::runtime_error("the echo came back changed");
    std::printf("%s -> %s: %zu bytes came back whole after %.3f ms\n", stream.local().to_string().c_str(),
                server.to_string().c_str(), answer.size(), strata::seconds_of(network.now() - began) * 1e3);
}

int main(int count, char** values) {
    return run_example(count, values, [](const Options& options) {
        const auto stage = set_stage(options);
        auto acceptor = stage->server().listen(stage->place(7));
        const Address there = acceptor.local();
        stage->beside(serve(std::move(acceptor)));
        stage->play(ask(stage->client(), there, "hello, stack"));
        stage->play(ask(stage->client(), there, std::string(50'000, 'x')));
        if (options.where == Options::Where::tap) {
            // Roles exchanged: a server on the kernel's TCP, on its
            // side of the TAP, and a client on ours.
            auto kernel = stage->client().listen({strata::Ipv4Address{10, 88, 0, 2}, 0});
            const Address kernel_there = kernel.local();
            stage->beside(serve(std::move(kernel)));
            stage->play(ask(stage->server(), kernel_there, "hello, kernel"));
        }
        return 0;
    });
}
