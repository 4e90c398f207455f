// An RPC server, over TCP and UDP: each refusal, and who is answered when.
#include "strata/5_session/rpc/server/server.hpp"

#include <gtest/gtest.h>

#include "tests/support/rpc_bench.hpp"

namespace strata::session::rpc {
namespace {

using test::as_record;
using test::call_message;
using test::Octets;
using test::RawDatagrams;
using test::RawStream;
using test::RpcBench;
using test::words;

AuthSys auth_of(std::uint32_t uid) {
    AuthSys auth;
    auth.uid = uid;
    return auth;
}

// What is true of both: the same test over a stream and over datagrams.
template <typename Client>
struct RpcServer : testing::Test {
    RpcBench bench;
    Client client{bench};
    test::HeardReply ask(const Octets& message) {
        client.call(message);
        return client.reply();
    }
};
using Clients = testing::Types<RawStream, RawDatagrams>;
TYPED_TEST_SUITE(RpcServer, Clients);

TYPED_TEST(RpcServer, AnswersACallWithItsXid) {
    const auto reply = this->ask(call_message(77, test::echo, words({1, 2, 3})));
    EXPECT_EQ(reply.xid, 77u);
    EXPECT_EQ(reply.status, Status{});
    EXPECT_EQ(reply.results, words({1, 2, 3}));
    EXPECT_EQ(this->bench.rpc.counters().rpcInCalls, 1u);
    EXPECT_EQ(this->bench.rpc.counters().rpcOutReplies, 1u);
}

TYPED_TEST(RpcServer, AnswersProcedureZeroItself) {
    const auto reply = this->ask(call_message(1, null_procedure));
    EXPECT_EQ(reply.status, Status{});
    EXPECT_TRUE(reply.results.empty());
    EXPECT_EQ(this->bench.program->calls, 0u);
}

TYPED_TEST(RpcServer, SaysWhatThereIsNot) {
    EXPECT_EQ(this->ask(call_message(1, test::echo, {}, {}, 2, 100003)).status.outcome, Outcome::program_unavailable);
    EXPECT_EQ(this->ask(call_message(2, test::echo, {}, {}, 1)).status, Status::program_mismatch({2, 3}));
    EXPECT_EQ(this->ask(call_message(3, test::echo, {}, {}, 4)).status, Status::program_mismatch({2, 3}));
    EXPECT_EQ(this->ask(call_message(4, null_procedure, {}, {}, 4)).status, Status::program_mismatch({2, 3}));
    EXPECT_EQ(this->ask(call_message(5, 99)).status.outcome, Outcome::procedure_unavailable);
    EXPECT_EQ(this->ask(call_message(6, test::late_echo)).status.outcome, Outcome::garbage_arguments);
    Octets rpc3 = call_message(7, test::echo);
    store_be32(rpc3.data() + 8, 3);
    const Status rpc_mismatch{Outcome::rpc_mismatch, {}, {2, 2}};
    EXPECT_EQ(this->ask(rpc3).status, rpc_mismatch);
    EXPECT_EQ(this->bench.rpc.counters().rpcInRefused, 5u);
}

TYPED_TEST(RpcServer, AProcedureThatFailsIsASystemError) {
    EXPECT_EQ(this->ask(call_message(1, test::fails)).status.outcome, Outcome::system_error);
    EXPECT_EQ(this->bench.rpc.counters().rpcProcedureErrors, 1u);
    EXPECT_EQ(this->ask(call_message(2, test::echo)).status, Status{}) << "and the server goes on";
}

TYPED_TEST(RpcServer, AsksWhoCallsWhereItMatters) {
    EXPECT_EQ(this->ask(call_message(1, test::who)).status, Status::auth_error(AuthStatus::too_weak));
    const auto reply = this->ask(call_message(2, test::who, {}, auth_of(1234)));
    EXPECT_EQ(reply.word(), 1234u);
    Octets gss = call_message(3, test::echo);
    store_be32(gss.data() + 24, 6);
    EXPECT_EQ(this->ask(gss).status, Status::auth_error(AuthStatus::rejected_credentials));
    Octets broken = call_message(4, test::echo, {}, auth_of(1));
    store_be32(broken.data() + 36, 300);  // the machine's name
    EXPECT_EQ(this->ask(broken).status, Status::auth_error(AuthStatus::bad_credentials));
    Octets verified = call_message(5, test::echo);
    store_be32(verified.data() + 32, 1);
    EXPECT_EQ(this->ask(verified).status, Status::auth_error(AuthStatus::bad_verifier));
}

TYPED_TEST(RpcServer, RepliesComeWhenTheyAreDone) {
    this->client.call(call_message(1, test::late_echo, words({300})));
    this->client.call(call_message(2, test::late_echo, words({100})));
    this->client.call(call_message(3, test::echo));
    this->bench.lab.run_for(1s);
    EXPECT_EQ(this->client.reply().xid, 3u);
    EXPECT_EQ(this->client.reply().xid, 2u);
    EXPECT_EQ(this->client.reply().xid, 1u);
}

TYPED_TEST(RpcServer, StopAnswersWhatIsThereAndNothingMore) {
    this->client.call(call_message(1, test::late_echo, words({500})));
    this->bench.lab.run_for(100ms);
    this->bench.rpc.stop();
    this->client.call(call_message(2, test::echo));
    EXPECT_EQ(this->client.reply().xid, 1u);
    this->bench.lab.run_for(1s);
    EXPECT_TRUE(this->client.replies.empty());
    EXPECT_EQ(this->bench.rpc.active(), 0u);
}

TYPED_TEST(RpcServer, AbortAnswersNothing) {
    this->client.call(call_message(1, test::late_echo, words({500})));
    this->bench.lab.run_for(100ms);
    this->bench.rpc.abort();
    this->bench.lab.run_for(1s);
    EXPECT_TRUE(this->client.replies.empty());
    EXPECT_EQ(this->bench.rpc.active(), 0u);
}

TEST(RpcServerOverTcp, AMegabyteGoesByReferenceAndComesWhole) {
    RpcBench bench;
    RawStream client(bench);
    client.call(call_message(1, test::large, words({1 << 20})));
    const auto reply = client.reply(10s);
    EXPECT_EQ(reply.results, Octets(1 << 20, std::byte{'L'}));
    client.call(call_message(2, test::large, words({(1 << 20) + 1})));
    EXPECT_EQ(client.reply(10s).results.size(), (1u << 20) + 4) << "with its padding";
    client.call(call_message(3, test::large, words({2 << 20})));
    EXPECT_EQ(client.reply(10s).status.outcome, Outcome::system_error) << "no record is so long";
}

TEST(RpcServerOverTcp, WhatIsNoCallEndsTheConnection) {
    RpcBench bench;
    const Octets reply = as_record(words({1, 1, 0, 0, 0, 0}));
    for (const Octets& wrong : {reply, as_record(words({1, 0})), words({0x80000000}), words({0xffffffff})}) {
        RawStream client(bench);
        client.say(wrong);
        bench.lab.run_for(1s);
        EXPECT_TRUE(client.ended);
        EXPECT_TRUE(client.replies.empty());
    }
    EXPECT_EQ(bench.rpc.counters().rpcInErrors, 4u);
    EXPECT_EQ(bench.rpc.active(), 0u);
}

TEST(RpcServerOverTcp, AClientThatHasEndedItsSideIsAnswered) {
    RpcBench bench;
    RawStream client(bench);
    client.call(call_message(1, test::late_echo, words({500})));
    client.shut_down_sending();
    EXPECT_EQ(client.reply().xid, 1u);
    bench.lab.run_for(1s);
    EXPECT_EQ(client.end, asio::error::eof);
    EXPECT_EQ(bench.rpc.active(), 0u);
}

TEST(RpcServerOverTcp, AClientThatLeavesInTheMiddleLeavesNothing) {
    RpcBench bench;
    RawStream client(bench);
    client.call(call_message(1, test::late_count));
    bench.lab.run_for(1s);
    client.abort();
    bench.lab.run_for(1min);
    EXPECT_EQ(bench.rpc.active(), 0u);
    EXPECT_EQ(bench.program->counted, 1u) << "what has begun is done";
}

TEST(RpcServerOverUdp, WhatIsNoCallIsNotAnswered) {
    RpcBench bench;
    RawDatagrams client(bench);
    client.call({});
    client.call(words({1, 1, 0, 0, 0, 0}));
    client.call(words({1}));
    bench.lab.run_for(1s);
    EXPECT_TRUE(client.replies.empty());
    EXPECT_EQ(bench.rpc.counters().rpcInErrors, 3u);
}

TEST(RpcServerOverUdp, AReplyThatIsTooLongForADatagramIsASystemError) {
    RpcBench bench({.datagram_reply_max = 1024});
    RawDatagrams client(bench);
    client.call(call_message(1, test::large, words({1000})));
    EXPECT_EQ(client.reply().results.size(), 1000u);
    client.call(call_message(2, test::large, words({1001})));
    EXPECT_EQ(client.reply().status.outcome, Outcome::system_error);
}

TEST(RpcServerDoors, ServesAtAPortThatIsFreeForBoth) {
    RpcBench bench;
    error_code error;
    const Address at = bench.rpc.start({Ipv4Address{}, 0}, error);
    EXPECT_FALSE(error);
    EXPECT_NE(at.endpoint().port, PortNumber{0});
    (void)bench.rpc.start(bench.at, error);
    EXPECT_EQ(error, asio::error::address_in_use);
}

}  // namespace
}  // namespace strata::session::rpc
