// The table of probes that wait: its bound, its deadlines, and that nobody is told twice.
#include "strata/5_session/probe/table.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

namespace strata::session {
namespace {

struct ProbesThatWait : testing::Test {
    asio::io_context io{1};
    std::vector<ProbeTable::Number> ended;
    ProbeTable table{[this](ProbeTable::Number number) { ended.push_back(number); }, {.probes_waiting_max = 3}};
    std::vector<error_code> told;
    Duration latest_round_trip{};

    std::optional<ProbeTable::Number> add(Instant now, Duration timeout = 5s) {
        ProbeRequest request;
        request.timeout = timeout;
        return table.add(request, now,
                         ProbeHandler{[this](error_code error, const ProbeReply& reply) {
                                          told.push_back(error);
                                          latest_round_trip = reply.round_trip;
                                      },
                                      io.get_executor()});
    }
    void settle() {
        io.poll();
        io.restart();
    }
};

TEST_F(ProbesThatWait, OneMoreThanTheBoundIsRefused) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(add(Instant{}));
    EXPECT_FALSE(add(Instant{}));
    settle();
    EXPECT_EQ(told, std::vector{error_code{asio::error::no_buffer_space}});
    table.answered(2, {}, Instant{1s});
    EXPECT_TRUE(add(Instant{}));
    EXPECT_EQ(table.waiting(), 3u);
    table.cancel();
    settle();
    EXPECT_EQ(told.size(), 5u);
    EXPECT_EQ(table.waiting(), 0u);
}

TEST_F(ProbesThatWait, EndAtTheirDeadlineInTheOrderOfTheirDeadlines) {
    const auto slow = add(Instant{}, 5s);
    const auto quick = add(Instant{}, 2s);
    EXPECT_EQ(table.next_deadline(), Instant{2s});
    table.expire(Instant{2s - 1ns});
    EXPECT_TRUE(ended.empty());
    table.expire(Instant{2s});
    EXPECT_EQ(ended, std::vector{*quick});
    table.expire(Instant{never});
    EXPECT_EQ(ended, (std::vector{*quick, *slow}));
    EXPECT_FALSE(table.next_deadline());
    settle();
    EXPECT_EQ(told, (std::vector<error_code>(2, asio::error::timed_out)));
}

TEST_F(ProbesThatWait, WhatComesAgainOrIsUnknownIsIgnored) {
    const auto number = add(Instant{1s});
    table.answered(*number + 1, {}, Instant{2s});
    table.answered(*number, {}, Instant{3s});
    table.answered(*number, {}, Instant{4s});
    table.not_sent(*number, asio::error::message_size);
    settle();
    EXPECT_EQ(told, std::vector{error_code{}});
    EXPECT_EQ(latest_round_trip, 2s);
    EXPECT_EQ(ended.size(), 1u);
}

TEST_F(ProbesThatWait, AWaitWithoutEndIsOne) {
    (void)add(Instant{never} - 1s, Duration::max());
    EXPECT_EQ(table.next_deadline(), Instant{never});
    table.abandon();
    settle();
    EXPECT_TRUE(told.empty());
    EXPECT_TRUE(ended.empty());
}

}  // namespace
}  // namespace strata::session
