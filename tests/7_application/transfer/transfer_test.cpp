// Attempts and pace, in virtual time.
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/transfer/pace.hpp"
#include "strata/7_application/transfer/retries.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

namespace asio = session::asio;

struct Transfer : test::ServedFolder {
    std::vector<double> attempts;  // seconds after the beginning
    std::vector<std::string> notices;
    Instant began = client.network().now();

    double seconds() { return std::chrono::duration<double>(client.network().now() - began).count(); }
    // Attempts that fail as `fail(number)` throws.
    std::string tried(RetryOptions options, std::function<void(std::size_t)> fail) {
        return failure_of(
            with_retries(
                client.network(), options, [this](const std::string& notice) { notices.push_back(notice); },
                [this, fail = std::move(fail)]() -> asio::awaitable<void> { return attempt(fail); }),
            10h);
    }
    asio::awaitable<void> attempt(const std::function<void(std::size_t)>& fail) {
        attempts.push_back(seconds());
        fail(attempts.size());
        co_return;
    }
};

// Twice as long each time, up to wait_max.
TEST_F(Transfer, IsTriedAgainLaterAndLater) {
    EXPECT_EQ(RetryOptions{}.wait_max, 60s);
    EXPECT_EQ(tried({.retries_max = 8}, [](std::size_t) { throw PassingError("busy; try again"); }), "busy; try again");
    EXPECT_EQ(attempts, (std::vector<double>{0, 1, 3, 7, 15, 31, 63, 123, 183}));
    EXPECT_EQ(notices.size(), 8u);
    EXPECT_EQ(notices.front(), "busy; try again; attempt 2 of 9 follows in 1 s");
}

TEST_F(Transfer, EndsWithTheFirstThatGoesWell) {
    EXPECT_EQ(tried({.retries_max = 8},
                    [](std::size_t number) {
                        if (number < 3) throw PassingError("busy");
                    }),
              "");
    EXPECT_EQ(attempts.size(), 3u);
}

TEST_F(Transfer, IsNotTriedAgainWhereThatIsOfNoUse) {
    EXPECT_EQ(tried({.retries_max = 8}, [](std::size_t) { throw TransferError("no such file"); }), "no such file");
    EXPECT_EQ(attempts.size(), 1u);
    attempts.clear();
    EXPECT_EQ(tried({}, [](std::size_t) { throw PassingError("busy"); }), "busy");
    EXPECT_EQ(attempts.size(), 1u) << "nobody asked for it";
}

TEST_F(Transfer, WaitsAsLongAsTheServerAsks) {
    EXPECT_EQ(tried({.retries_max = 2}, [](std::size_t) { throw PassingError("busy", 10s); }), "busy");
    EXPECT_EQ(attempts, (std::vector<double>{0, 10, 20}));
    attempts.clear();
    const Duration longest = RetryOptions{}.asked_wait_max;
    EXPECT_EQ(tried({.retries_max = 2}, [&](std::size_t) { throw PassingError("busy", longest); }), "busy");
    EXPECT_EQ(attempts.size(), 3u);
    attempts.clear();
    EXPECT_EQ(tried({.retries_max = 2}, [&](std::size_t) { throw PassingError("busy", longest + 1ms); }), "busy");
    EXPECT_EQ(attempts.size(), 1u) << "no longer than that";
}

TEST_F(Transfer, HasAPace) {
    std::size_t largest = 0;
    std::size_t read = 0;
    const auto reads = [&](std::uint64_t rate) -> asio::awaitable<void> {
        Pace pace(client.network(), rate);
        while (read < 100'000) {
            const std::size_t count = std::min(pace.at_once(64 << 10), 100'000 - read);
            largest = std::max(largest, count);
            read += count;
            co_await pace.after(count);
        }
    };
    EXPECT_EQ(failure_of(reads(10'000), 9'999ms), "");
    EXPECT_GE(read, 98'000u);
    EXPECT_EQ(largest, 1250u);
    lab.run_for(10ms);
    EXPECT_EQ(read, 100'000u);
    EXPECT_EQ(Pace(client.network(), 1).at_once(1000), 1u);
    EXPECT_EQ(Pace(client.network(), 0).at_once(1000), 1000u);
    EXPECT_EQ(Pace(client.network(), ~std::uint64_t{0}).at_once(1000), 1000u);
}

}  // namespace
}  // namespace strata::application
