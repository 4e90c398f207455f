#include "strata/7_application/serving/turns.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

namespace asio = session::asio;
using asio::use_awaitable;

struct InTurn : strata::test::ServedFolder {
    std::vector<int> order;
    static constexpr std::size_t at_once_max = 2;
    Turns turns{server.network(), at_once_max};
    asio::awaitable<void> work(int number, Duration takes) {
        const Turns::Turn turn = co_await turns.wait();
        order.push_back(number);
        session::Timer timer = server.network().make_timer();
        timer.expires_after(takes);
        co_await timer.async_wait(use_awaitable);
    }
    void begin(int number, Duration takes = 1s) {
        asio::co_spawn(lab.io(), work(number, takes), [](std::exception_ptr) {});
    }
};

TEST_F(InTurn, SoManyAtATimeAndTheOthersInTheirOrder) {
    for (int i = 0; i < 5; ++i) begin(i);
    lab.run_for(500ms);
    EXPECT_EQ(order, (std::vector{0, 1}));
    EXPECT_EQ(turns.waiting(), 3u);
    lab.run_for(1s);
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3}));
    lab.run_for(2s);
    EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
    EXPECT_EQ(turns.waiting(), 0u);
    begin(5);
    begin(6);
    begin(7);
    lab.run_for(100ms);
    EXPECT_EQ(order.size(), 7u) << "all turns had been given back";
    lab.run_for(10s);
    EXPECT_EQ(order.size(), 8u);
}

}  // namespace
}  // namespace strata::application
