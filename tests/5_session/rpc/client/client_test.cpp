// RPC's clients, over TCP and UDP, at a server of ours and at one that a test plays.
#include "strata/5_session/rpc/client/client.hpp"

#include <gtest/gtest.h>

#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "tests/support/rpc_caller.hpp"

namespace strata::session::rpc {
namespace {

using test::begin_call;
using test::Octets;
using test::RpcBench;
using test::words;

template <typename Which>
struct RpcClient : testing::Test {
    std::shared_ptr<test::CallEnd> call(std::uint32_t procedure, const Octets& arguments = {},
                                        const CallOptions& options = {}) {
        return begin_call(bench, *client, procedure, arguments, options);
    }
    RpcBench bench;
    std::unique_ptr<Which> client = std::make_unique<Which>(bench.client.network(), bench.at);
};
using Clients = testing::Types<StreamClient, DatagramClient>;
TYPED_TEST_SUITE(RpcClient, Clients);

TYPED_TEST(RpcClient, GetsResults) {
    const auto end = this->call(test::echo, words({1, 2}));
    this->bench.lab.run_for(1s);
    EXPECT_TRUE(end->over && !end->error);
    EXPECT_EQ(end->results, words({1, 2}));
    EXPECT_EQ(this->client->counters().rpcInReplies, 1u);
}

TYPED_TEST(RpcClient, ManyWaitAndRepliesComeInAnyOrder) {
    std::vector<std::shared_ptr<test::CallEnd>> ends;
    ends.reserve(20);
    for (std::uint32_t i = 0; i < 20; ++i) ends.push_back(this->call(test::late_echo, words({400 - 20 * i, i})));
    this->bench.lab.run_for(2s);
    for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(ends[i]->results, words({400 - 20 * i, i}));
    EXPECT_EQ(this->client->counters().rpcOutRepeated, 0u);
}

TYPED_TEST(RpcClient, SaysWhoCalls) {
    CallOptions options;
    options.credentials.emplace().uid = 1234;
    const auto known = this->call(test::who, {}, options);
    const auto unknown = this->call(test::who);
    this->bench.lab.run_for(1s);
    EXPECT_EQ(known->word(), 1234u);
    EXPECT_EQ(unknown->error, Errc::too_weak);
}

TYPED_TEST(RpcClient, TellsWhyNot) {
    const auto absent = this->call(99);
    const auto failed = this->call(test::fails);
    const auto garbage = this->call(test::late_echo);
    this->bench.lab.run_for(1s);
    EXPECT_EQ(absent->error, Errc::procedure_unavailable);
    EXPECT_EQ(failed->error, Errc::system_error);
    EXPECT_EQ(garbage->error, Errc::garbage_arguments);
}

TYPED_TEST(RpcClient, ACallHasItsTime) {
    const auto end = this->call(test::late_count, {}, {.timeout = 2s});
    this->bench.lab.run_for(1900ms);
    EXPECT_FALSE(end->over);
    this->bench.lab.run_for(200ms);
    EXPECT_EQ(end->error, asio::error::timed_out);
    EXPECT_TRUE(end->text.contains("10.0.0.2:2049")) << end->text;
    EXPECT_EQ(this->client->counters().rpcTimeouts, 1u);
    this->bench.lab.run_for(20s);
    EXPECT_EQ(this->client->counters().rpcInUnasked, 1u) << "its reply came too late";
    EXPECT_EQ(this->bench.program->counted, 1u);
}

TYPED_TEST(RpcClient, EndsWhatWaitsWhenItEnds) {
    const auto end = this->call(test::late_count);
    this->bench.lab.run_for(1s);
    this->client.reset();
    this->bench.lab.run_for(1s);
    EXPECT_EQ(end->error, asio::error::operation_aborted);
}

TYPED_TEST(RpcClient, WhereNobodyListensCallsFail) {
    const Address nobody{Ipv4Address{10, 0, 0, 2}, 9};
    TypeParam lost(this->bench.client.network(), nobody);
    const auto end = begin_call(this->bench, lost, test::echo);
    this->bench.lab.run_for(1s);
    EXPECT_EQ(end->error, asio::error::connection_refused);
}

// calls_at_once_max: as many wait, and one more fails.
template <typename Which>
void try_calls_at_once_max() {
    RpcBench bench;
    Which client(bench.client.network(), bench.at, {.calls_at_once_max = 2});
    const auto first = begin_call(bench, client, test::late_echo, words({100}));
    const auto second = begin_call(bench, client, test::late_echo, words({100}));
    const auto third = begin_call(bench, client, test::echo);
    bench.lab.run_for(10ms);
    EXPECT_EQ(third->error, Errc::too_many_calls);
    bench.lab.run_for(1s);
    EXPECT_TRUE(first->over && !first->error && second->over && !second->error);
    const auto fourth = begin_call(bench, client, test::echo);
    bench.lab.run_for(1s);
    EXPECT_TRUE(fourth->over && !fourth->error);
}
TEST(RpcClientBounds, CallsAtOnceMax) {
    try_calls_at_once_max<StreamClient>();
    try_calls_at_once_max<DatagramClient>();
}

TEST(RpcClientBounds, DatagramCallMax) {
    RpcBench bench;
    DatagramClient client(bench.client.network(), bench.at, {.datagram_call_max = 140});
    const auto fits = begin_call(bench, client, test::echo, Octets(100));
    const auto too_long = begin_call(bench, client, test::echo, Octets(104));
    bench.lab.run_for(1s);
    EXPECT_EQ(fits->results.size(), 100u);
    EXPECT_EQ(too_long->error, Errc::call_too_long);
}

TEST(RpcClientBounds, ARecordIsNoLonger) {
    RpcBench bench;
    StreamClient client(bench.client.network(), bench.at, {.record = {.record_max = 140}});
    const auto fits = begin_call(bench, client, test::echo, Octets(100));
    const auto too_long = begin_call(bench, client, test::echo, Octets(104));
    bench.lab.run_for(1s);
    EXPECT_EQ(fits->results.size(), 100u);
    EXPECT_EQ(too_long->error, Errc::call_too_long);
    const auto reply_too_long = begin_call(bench, client, test::large, words({117}));
    bench.lab.run_for(1s);
    EXPECT_EQ(reply_too_long->error, Errc::bad_reply);
}

// A server that a test plays, at port 700: it notes what comes, and says what the test wants.
struct PlayedServer {
    explicit PlayedServer(RpcBench& with) : bench(with), acceptor(with.server.network().listen(at)) { accept(); }
    PlayedServer(const PlayedServer&) = delete;
    PlayedServer& operator=(const PlayedServer&) = delete;
    ~PlayedServer() {
        acceptor.close();
        stream.close();
        bench.lab.run_for(1s);
    }
    void accept() {
        acceptor.async_accept([this](error_code error, Stream accepted) {
            if (error) return;
            ++connections;
            stream = std::move(accepted);
            reader = RecordReader{};
            if (reads) read();
            accept();
        });
    }
    void read() {
        stream.async_read_some(asio::buffer(buffer), [this](error_code error, std::size_t size) {
            for (Bytes bytes = Bytes(buffer).first(size); !bytes.empty();) {
                if (!reader.feed(bytes).value()) continue;
                const Record record = reader.take();
                calls.emplace_back(record.bytes().begin(), record.bytes().end());
            }
            if (!error) read();
        });
    }
    [[nodiscard]] std::uint32_t xid(std::size_t call) const { return load_be32(calls.at(call).data()); }
    void say(const Octets& bytes) {
        error_code error;
        (void)stream.write_now(asio::buffer(bytes), error);
        bench.lab.run_for(100ms);
    }
    void answer(std::uint32_t to, std::uint32_t verifier = 0) {
        say(test::as_record(words({to, 1, 0, verifier, 0, 0})));
    }
    const Address at{Ipv4Address{10, 0, 0, 2}, 700};
    RpcBench& bench;
    Acceptor acceptor;
    Stream stream;
    RecordReader reader;
    Octets buffer = Octets(4096);
    std::vector<Octets> calls;
    std::size_t connections = 0;
    bool reads = true;
};

struct RpcStreamClient : testing::Test {
    std::shared_ptr<test::CallEnd> call(const CallOptions& options = {}) {
        auto end = begin_call(bench, client, test::echo, {}, options);
        bench.lab.run_for(100ms);
        return end;
    }
    RpcBench bench;
    PlayedServer played{bench};
    StreamClient client{bench.client.network(), played.at};
};

TEST_F(RpcStreamClient, CallsAgainOnANewConnectionWithTheSameXids) {
    const auto first = call();
    const auto second = call();
    played.answer(played.xid(0));
    EXPECT_TRUE(first->over);
    played.stream.abort();
    bench.lab.run_for(1s);
    ASSERT_EQ(played.calls.size(), 3u);
    EXPECT_EQ(played.calls[2], played.calls[1]) << "what is unanswered, and only that";
    EXPECT_EQ(played.connections, 2u);
    played.answer(played.xid(2));
    EXPECT_TRUE(second->over && !second->error);
    EXPECT_EQ(client.counters().rpcOutRepeated, 1u);
}

TEST_F(RpcStreamClient, WithoutCallsALostConnectionIsNotMadeAgain) {
    const auto first = call();
    played.answer(played.xid(0));
    played.stream.close();
    bench.lab.run_for(1min);
    EXPECT_EQ(played.connections, 1u);
    const auto second = call();
    EXPECT_EQ(played.connections, 2u);
    played.answer(played.xid(1));
    EXPECT_TRUE(second->over && !second->error);
    EXPECT_EQ(client.counters().rpcOutRepeated, 0u);
}

TEST_F(RpcStreamClient, TriesFurtherAndFurtherApart) {
    const auto end = call({.timeout = 10min});
    std::vector<Duration> gaps;
    Instant lost_at = bench.lab.runtime().now();
    for (std::size_t i = 1; i <= 10; ++i) {
        played.stream.abort();
        while (played.connections == i) bench.lab.run_for(10ms);
        gaps.push_back(bench.lab.runtime().now() - lost_at);
        lost_at = bench.lab.runtime().now();
    }
    EXPECT_LE(gaps[0], 120ms);
    for (std::size_t i = 1; i < 6; ++i) EXPECT_NEAR(seconds_of(gaps[i]), 0.1 * (1 << i), 0.05);
    EXPECT_NEAR(seconds_of(gaps[9]), 10, 0.1) << "reconnect_pause_max";
    EXPECT_FALSE(end->over);
    bench.lab.run_for(10min);
    EXPECT_EQ(end->error, asio::error::timed_out);
}

TEST_F(RpcStreamClient, AServerThatWasThereMayComeBack) {
    const auto end = call();
    played.acceptor.close();
    played.stream.abort();
    bench.lab.run_for(5s);
    EXPECT_FALSE(end->over);
    played.acceptor = bench.server.network().listen(played.at);
    played.accept();
    bench.lab.run_for(11s);
    ASSERT_EQ(played.calls.size(), 2u);
    played.answer(played.xid(1));
    EXPECT_TRUE(end->over && !end->error);
}

// silence_timeout: calls wait, and nothing comes.
TEST_F(RpcStreamClient, SilenceTimeout) {
    bench.lab.run_for(1s);
    const auto end = call({.timeout = 10min});
    bench.lab.run_for(59s);
    EXPECT_EQ(played.connections, 1u);
    bench.lab.run_for(2s);
    EXPECT_EQ(played.connections, 2u);
    played.answer(played.xid(1));
    EXPECT_TRUE(end->over && !end->error);
    bench.lab.run_for(10min);
    EXPECT_EQ(played.connections, 2u) << "silence is nothing to wait for";
    const auto another = call({.timeout = 10min});
    bench.lab.run_for(50s);
    EXPECT_EQ(played.connections, 2u) << "it counts from the call";
    static_assert(StreamClientOptions{}.silence_timeout == 60s);
}

// send_timeout: the server takes nothing.
TEST_F(RpcStreamClient, SendTimeout) {
    StreamClient impatient(bench.client.network(), played.at,
                           {.record = {.record_max = 8 << 20}, .silence_timeout = 1h, .send_timeout = 5s});
    played.reads = false;
    const auto end = begin_call(bench, impatient, test::echo, Octets(4 << 20), {.timeout = 1min});
    bench.lab.run_for(5s);
    EXPECT_EQ(played.connections, 1u);
    bench.lab.run_for(4s);
    EXPECT_EQ(played.connections, 2u);
    bench.lab.run_for(1min);
    EXPECT_EQ(end->error, asio::error::timed_out);
}

TEST_F(RpcStreamClient, AReplyWithAStrangeVerifierIsNotBelieved) {
    const auto first = call();
    played.answer(played.xid(0), 6);
    EXPECT_EQ(first->error, Errc::bad_reply);
    const auto second = call();
    played.answer(played.xid(1), 2);
    EXPECT_FALSE(second->error) << "AUTH_SHORT is an offer";
}

TEST_F(RpcStreamClient, AServerThatDoesNotSpeakRpcIsNotAskedAgain) {
    for (const Octets& wrong : {test::as_record(words({1, 0, 2})), words({0xffffffff})}) {
        const auto end = call();
        played.say(wrong);
        EXPECT_EQ(end->error, Errc::bad_reply);
        bench.lab.run_for(1s);
    }
    EXPECT_EQ(client.counters().rpcInBadReplies, 2u);
    EXPECT_EQ(played.connections, 2u);
}

TEST_F(RpcStreamClient, RepliesThatNobodyAskedForChangeNothing) {
    const auto end = call();
    played.answer(played.xid(0) + 1);
    EXPECT_FALSE(end->over);
    played.answer(played.xid(0));
    played.answer(played.xid(0));
    EXPECT_TRUE(end->over);
    EXPECT_EQ(client.counters().rpcInUnasked, 2u);
}

// Datagrams, at a socket that a test plays.
struct RpcDatagramClient : testing::Test {
    RpcDatagramClient() : socket(bench.server.network().open_datagram(at)) { receive(socket); }
    ~RpcDatagramClient() override {
        socket.close();
        bench.lab.run_for(1s);
    }
    void receive(Datagram& from) {
        from.async_receive_from(asio::buffer(buffer),
                                [this, &from](error_code error, std::size_t size, const Address& who) {
                                    if (error) return;
                                    calls.emplace_back(bench.lab.runtime().now(), load_be32(buffer.data()));
                                    caller = who;
                                    EXPECT_GE(size, 40u);
                                    receive(from);
                                });
    }
    void answer(Datagram& from, std::uint32_t xid) {
        const Octets reply = words({xid, 1, 0, 0, 0, 0});
        const Bytes datagram = reply;
        from.send_at_once({&datagram, 1}, caller);
        bench.lab.run_for(10ms);
    }
    RpcBench bench;
    const Address at{Ipv4Address{10, 0, 0, 2}, 700};
    Datagram socket;
    Octets buffer = Octets(4096);
    std::vector<std::pair<Instant, std::uint32_t>> calls;
    Address caller;
    DatagramClient client{bench.client.network(), at};
};

TEST_F(RpcDatagramClient, RepeatsFurtherAndFurtherApart) {
    const auto end = begin_call(bench, client, test::echo, {}, {.timeout = 60s});
    bench.lab.run_for(100s);
    EXPECT_EQ(end->error, asio::error::timed_out);
    std::vector<double> gaps;
    for (std::size_t i = 1; i < calls.size(); ++i) {
        EXPECT_EQ(calls[i].second, calls[0].second) << "the same xid";
        gaps.push_back(seconds_of(calls[i].first - calls[i - 1].first));
    }
    EXPECT_EQ(client.counters().rpcOutRepeated, calls.size() - 1);
    ASSERT_EQ(gaps.size(), 10u);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(gaps[i], 0.5 * (1 << i), 0.01);
    EXPECT_NEAR(gaps[9], 8, 0.01) << "repeat_pause_max";
}

TEST_F(RpcDatagramClient, HearsItsServerAlone) {
    const auto end = begin_call(bench, client, test::echo);
    bench.lab.run_for(100ms);
    Datagram stranger = bench.server.network().open_datagram({Ipv4Address{}, 0});
    answer(stranger, calls.at(0).second);
    EXPECT_FALSE(end->over);
    answer(socket, calls.at(0).second + 1);
    EXPECT_FALSE(end->over) << "another xid";
    answer(socket, calls.at(0).second);
    EXPECT_TRUE(end->over && !end->error);
    stranger.close();
}

TEST_F(RpcDatagramClient, WhatIsNoReplyIsDropped) {
    const auto end = begin_call(bench, client, test::echo);
    bench.lab.run_for(100ms);
    const Octets junk = words({calls.at(0).second, 7});
    const Bytes datagram = junk;
    socket.send_at_once({&datagram, 1}, caller);
    bench.lab.run_for(10ms);
    EXPECT_FALSE(end->over);
    EXPECT_EQ(client.counters().rpcInBadReplies, 1u);
    answer(socket, calls.at(0).second);
    EXPECT_TRUE(end->over);
}

}  // namespace
}  // namespace strata::session::rpc
