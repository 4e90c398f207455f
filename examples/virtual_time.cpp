// An hour in no time: two machines on a cable that loses every fifth
// frame, on a clock that jumps to the next event.
#include <boost/asio.hpp>
#include <iostream>

#include "strata/lab.hpp"

using namespace boost::asio;
using namespace strata;

awaitable<void> talk(session::Stream& stream, session::Timer timer, std::size_t& answers) {
    for (int minute = 0; minute < 60; ++minute) {
        timer.expires_after(1min);
        co_await timer.async_wait(use_awaitable);
        co_await async_write(stream, buffer("?", 1), use_awaitable);
        char answer = 0;
        answers += co_await async_read(stream, buffer(&answer, 1), use_awaitable);
    }
}

awaitable<void> client(session::Network& network, std::size_t& answers) {
    session::Stream stream = co_await network.async_connect({Ipv4Address{10, 0, 0, 2}, 7}, use_awaitable);
    co_await talk(stream, network.make_timer(), answers);
}

awaitable<void> server(session::Network& network) {
    auto acceptor = network.listen({Ipv4Address{}, 7});
    session::Stream stream = co_await acceptor.async_accept(use_awaitable);
    for (char question = 0;;) {
        co_await async_read(stream, buffer(&question, 1), use_awaitable);
        co_await async_write(stream, buffer("!", 1), use_awaitable);
    }
}

int main() {
    lab::VirtualLab lab{42};  // the seed: the same number gives the same run, to the byte
    auto& a = lab.add_host("a");
    auto& b = lab.add_host("b");
    lab.join(a, "10.0.0.1/24", b, "10.0.0.2/24", {.a_to_b = {.delay = 5ms, .loss = 0.2}, .b_to_a = {.delay = 5ms}});
    std::size_t answers = 0;
    co_spawn(lab.io(), server(b.network()), detached);
    co_spawn(lab.io(), client(a.network(), answers), detached);
    lab.run();
    std::cout << answers << " answers, " << a.tcp().counters().tcpRetransSegs << " segments repeated, "
              << seconds_of(lab.runtime().now().time_since_epoch()) << " s on their clock\n";
    return answers == 60 ? 0 : 1;
}
