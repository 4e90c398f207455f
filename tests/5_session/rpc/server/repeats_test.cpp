// Calls that come again: what must not be done twice is done once, over UDP and TCP, within the
// bounds of the cache.
#include <gtest/gtest.h>

#include "tests/support/rpc_bench.hpp"

namespace strata::session::rpc {
namespace {

using test::call_message;
using test::Octets;
using test::RawDatagrams;
using test::RawStream;
using test::RpcBench;
using test::words;

TEST(RpcRepeats, AreAnsweredAsTheFirstTimeAndNotDoneAgain) {
    RpcBench bench;
    RawDatagrams client(bench);
    for (int i = 0; i < 3; ++i) {
        client.call(call_message(5, test::count));
        EXPECT_EQ(client.reply().word(), 1u);
    }
    EXPECT_EQ(bench.program->counted, 1u);
    EXPECT_EQ(bench.rpc.counters().rpcInRepeated, 2u);
    client.call(call_message(6, test::count));
    EXPECT_EQ(client.reply().word(), 2u) << "another xid is another call";
}

TEST(RpcRepeats, AnXidThatIsUsedAgainForSomethingElseIsAnotherCall) {
    RpcBench bench;
    RawDatagrams client(bench);
    client.call(call_message(5, test::count, words({1})));
    EXPECT_EQ(client.reply().word(), 1u);
    client.call(call_message(5, test::count, words({2})));
    EXPECT_EQ(client.reply().word(), 2u) << "other arguments";
    client.call(call_message(5, test::count, words({1}), AuthSys{}));
    EXPECT_EQ(client.reply().word(), 3u) << "somebody else";
    client.call(call_message(5, test::count, words({1}), {}, 3));
    EXPECT_EQ(client.reply().word(), 4u) << "another version";
    RawDatagrams other(bench);
    other.call(call_message(5, test::count, words({1})));
    EXPECT_EQ(other.reply().word(), 5u) << "from another port";
    Octets long_one(8000);
    client.call(call_message(5, test::count, long_one));
    EXPECT_EQ(client.reply().word(), 6u);
    long_one.back() = std::byte{1};
    client.call(call_message(5, test::count, long_one));
    EXPECT_EQ(client.reply().word(), 7u) << "the end of a long message counts";
    long_one.resize(8004);
    client.call(call_message(5, test::count, long_one));
    EXPECT_EQ(client.reply().word(), 8u);
}

TEST(RpcRepeats, ADatagramThatComesAgainWhileItIsDoneIsDropped) {
    RpcBench bench;
    RawDatagrams client(bench);
    for (int i = 0; i < 4; ++i) {
        client.call(call_message(5, test::late_count));
        bench.lab.run_for(1s);
    }
    EXPECT_EQ(bench.rpc.counters().rpcInRepeatedEarly, 3u);
    bench.lab.run_for(10s);
    EXPECT_EQ(client.replies.size(), 1u);
    EXPECT_EQ(client.reply().word(), 1u);
    EXPECT_EQ(bench.program->counted, 1u);
}

TEST(RpcRepeats, AreKnownOnANewConnection) {
    RpcBench bench;
    {
        RawStream client(bench);
        client.call(call_message(5, test::count));
        EXPECT_EQ(client.reply().word(), 1u);
    }
    RawStream client(bench);
    client.call(call_message(5, test::count));
    EXPECT_EQ(client.reply().word(), 1u);
    EXPECT_EQ(bench.program->counted, 1u);
}

TEST(RpcRepeats, WhoComesBackWhileItIsDoneGetsTheReplyThere) {
    RpcBench bench;
    auto first = std::make_unique<RawStream>(bench);
    first->call(call_message(5, test::late_count));
    bench.lab.run_for(1s);
    first->abort();
    RawStream second(bench);
    second.call(call_message(5, test::late_count));
    EXPECT_EQ(second.reply(20s).word(), 1u);
    EXPECT_EQ(bench.program->counted, 1u);
    EXPECT_EQ(bench.rpc.counters().rpcInRepeatedEarly, 1u);
}

TEST(RpcRepeats, WhatFailedMayBeTriedAgain) {
    RpcBench bench;
    RawDatagrams client(bench);
    for (std::uint32_t i = 1; i <= 2; ++i) {
        client.call(call_message(5, test::count_fails));
        EXPECT_EQ(client.reply().status.outcome, Outcome::system_error);
        EXPECT_EQ(bench.program->counted, i);
    }
}

TEST(RpcRepeats, AReplyThatIsTooLongToBeKeptIsTheBound) {
    RpcBench bench;
    RawStream client(bench);
    for (std::uint32_t i = 1; i <= 2; ++i) {
        client.call(call_message(5, test::large_count));
        EXPECT_EQ(client.reply(10s).results.size(), 100'000u);
        EXPECT_EQ(bench.program->counted, i) << "cached_reply_max";
    }
}

TEST(RpcRepeats, WhatMayBeDoneTwiceIs) {
    RpcBench bench;
    RawDatagrams client(bench);
    for (std::uint32_t i = 1; i <= 2; ++i) {
        client.call(call_message(5, test::echo));
        (void)client.reply();
        EXPECT_EQ(bench.program->calls, i);
    }
}

// entries_max, cached_bytes_max, cached_reply_max and cached_for, each to its end and beyond.
struct RpcReplyCache : testing::Test {
    static ReplyCache::Key key_of(std::uint32_t xid) { return {{}, 0, Transport::stream, xid, {}, 0}; }
    static std::shared_ptr<const Outgoing> reply_of(std::size_t size) {
        Body body;
        body.head.resize(size - 24);
        return Outgoing::reply(1, {}, std::move(body));
    }
    ReplyCache& cache() {
        if (!made) made = std::make_unique<ReplyCache>(entropy, options);
        return *made;
    }
    void keep(std::uint32_t xid, std::size_t size = 24) {
        EXPECT_EQ(cache().begin(key_of(xid), now).found, ReplyCache::Found::nothing);
        EXPECT_FALSE(cache().complete(key_of(xid), reply_of(size), now));
    }
    bool is_kept(std::uint32_t xid) {
        const auto found = cache().begin(key_of(xid), now).found;
        if (found == ReplyCache::Found::nothing) (void)cache().forget(key_of(xid));
        return found == ReplyCache::Found::reply;
    }
    SeededEntropy entropy{1};
    ReplyCacheOptions options;
    std::unique_ptr<ReplyCache> made;
    Instant now{};
};

TEST_F(RpcReplyCache, EntriesMax) {
    options.entries_max = 3;
    for (std::uint32_t xid = 1; xid <= 3; ++xid) keep(xid);
    EXPECT_EQ(cache().entries(), 3u);
    keep(4);
    EXPECT_EQ(cache().entries(), 3u);
    EXPECT_TRUE(!is_kept(1) && is_kept(3) && is_kept(4)) << "the oldest makes room";
}

TEST_F(RpcReplyCache, WhatIsBeingDoneIsNotForgotten) {
    options.entries_max = 1;
    for (std::uint32_t xid = 1; xid <= 3; ++xid)
        EXPECT_EQ(cache().begin(key_of(xid), now).found, ReplyCache::Found::nothing);
    for (std::uint32_t xid = 1; xid <= 3; ++xid)
        EXPECT_EQ(cache().begin(key_of(xid), now).found, ReplyCache::Found::in_progress);
    for (std::uint32_t xid = 1; xid <= 3; ++xid) EXPECT_FALSE(cache().complete(key_of(xid), reply_of(24), now));
    EXPECT_EQ(cache().entries(), 1u);
    EXPECT_FALSE(cache().complete(key_of(9), reply_of(24), now)) << "never begun";
    EXPECT_FALSE(cache().forget(key_of(9)));
    EXPECT_EQ(cache().entries(), 1u);
}

TEST_F(RpcReplyCache, CachedBytesMax) {
    options.cached_bytes_max = 100;
    keep(1, 52);
    keep(2, 48);
    EXPECT_EQ(cache().bytes(), 100u);
    keep(3, 28);
    EXPECT_EQ(cache().bytes(), 76u);
    EXPECT_TRUE(!is_kept(1) && is_kept(2) && is_kept(3));
}

TEST_F(RpcReplyCache, CachedReplyMax) {
    options.cached_reply_max = 100;
    keep(1, 100);
    keep(2, 104);
    EXPECT_TRUE(is_kept(1) && !is_kept(2));
}

TEST_F(RpcReplyCache, CachedFor) {
    keep(1);
    now += options.cached_for - 1ns;
    EXPECT_TRUE(is_kept(1));
    now += 1ns;
    EXPECT_FALSE(is_kept(1));
    EXPECT_EQ(cache().entries() + cache().bytes(), 0u);
}

}  // namespace
}  // namespace strata::session::rpc
