// RPC's messages (RFC 5531 9): what is written is read again, each refusal, and each bound of the
// credentials to its end and one past it.
#include "strata/5_session/rpc/message/message.hpp"

#include <gtest/gtest.h>

#include <set>

#include "strata/5_session/rpc/message/outgoing.hpp"
#include "strata/5_session/rpc/message/words.hpp"

namespace strata::session::rpc {
namespace {

constexpr Target target{100003, 3, 7};

AuthSys some_auth() {
    AuthSys auth;
    auth.stamp = 77;
    auth.machine_name = "here";
    auth.uid = 1000;
    auth.gid = 100;
    auth.more_gids = {4, 24};
    auth.more_gids_count = 2;
    return auth;
}

std::vector<std::byte> call_of(const Credentials& credentials) {
    std::vector<std::byte> bytes;
    append_call_header(bytes, 0xabcd, target, credentials);
    append_word(bytes, 42);
    return bytes;
}

// The word at this place is another.
std::vector<std::byte> with_word(std::vector<std::byte> bytes, std::size_t place, std::uint32_t value) {
    store_be32(bytes.data() + 4 * place, value);
    return bytes;
}

Status refusal_of(const std::vector<std::byte>& bytes) {
    const auto heard = parse_call(bytes);
    if (!heard || !std::holds_alternative<RefusedCall>(*heard)) return {};
    EXPECT_EQ(std::get<RefusedCall>(*heard).xid, 0xabcdu);
    return std::get<RefusedCall>(*heard).status;
}

TEST(RpcMessage, ACallIsReadAsItWasWritten) {
    const auto bytes = call_of(some_auth());
    const auto heard = parse_call(bytes);
    ASSERT_TRUE(heard && std::holds_alternative<CallMessage>(*heard));
    const auto& call = std::get<CallMessage>(*heard);
    EXPECT_EQ(call.xid, 0xabcdu);
    EXPECT_EQ(call.target, target);
    EXPECT_EQ(call.arguments.size(), 4u);
    EXPECT_EQ(call.verifier.flavor, Flavor::none);
    const auto credentials = credentials_of(call.credentials);
    ASSERT_TRUE(credentials && *credentials);
    EXPECT_EQ(**credentials, some_auth());
    EXPECT_EQ((*credentials)->gids().size(), 2u);
}

TEST(RpcMessage, ACallThatIsCutOffIsNotAnswered) {
    const auto bytes = call_of(some_auth());
    for (std::size_t size = 0; size < bytes.size() - 4; ++size) {
        const auto heard = parse_call(Bytes(bytes).first(size));
        ASSERT_FALSE(heard) << size;
        EXPECT_EQ(heard.error(), Error::truncated);
    }
    EXPECT_EQ(parse_call(with_word(bytes, 1, 1)).error(), Error::malformed) << "a reply is no call";
    EXPECT_EQ(parse_call(with_word(bytes, 1, 2)).error(), Error::malformed);
}

TEST(RpcMessage, AnotherVersionOfRpcIsTold) {
    const Status expected{Outcome::rpc_mismatch, {}, {2, 2}};
    EXPECT_EQ(refusal_of(with_word(call_of({}), 2, 3)), expected);
    EXPECT_EQ(refusal_of(with_word(call_of({}), 2, 1)), expected);
}

// Words 6 and 7 are the credentials' flavor and length, 8 and 9 the verifier's.
TEST(RpcMessage, CredentialsAndVerifierHaveABound) {
    auto bytes = call_of({});
    bytes.resize(bytes.size() + auth_body_max);
    EXPECT_TRUE(parse_call(with_word(bytes, 9, auth_body_max)));
    EXPECT_EQ(refusal_of(with_word(bytes, 9, auth_body_max)), Status{});
    EXPECT_EQ(refusal_of(with_word(bytes, 9, auth_body_max + 1)), Status::auth_error(AuthStatus::bad_verifier));
    EXPECT_EQ(refusal_of(with_word(bytes, 7, auth_body_max + 1)), Status::auth_error(AuthStatus::bad_credentials));
    EXPECT_EQ(refusal_of(with_word(bytes, 7, 0xffffffff)), Status::auth_error(AuthStatus::bad_credentials));
}

TEST(RpcMessage, AuthSysHasItsBounds) {
    AuthSys auth = some_auth();
    auth.machine_name = std::string(machine_name_max, 'm');
    auth.more_gids_count = gids_max;
    std::vector<std::byte> bytes;
    append_credentials(bytes, auth);
    const Bytes body = Bytes(bytes).subspan(8);
    ASSERT_LE(body.size(), auth_body_max);
    EXPECT_EQ(**credentials_of({Flavor::sys, body}), auth);
    const auto refused = [](const std::vector<std::byte>& whole) {
        return credentials_of({Flavor::sys, Bytes(whole).subspan(8)}).error();
    };
    EXPECT_EQ(refused(with_word(bytes, 3, machine_name_max + 1)), AuthStatus::bad_credentials);
    EXPECT_EQ(refused(with_word(bytes, 3, 0xfffffffe)), AuthStatus::bad_credentials);
    const std::size_t count_at = bytes.size() / 4 - gids_max - 1;
    EXPECT_EQ(refused(with_word(bytes, count_at, gids_max + 1)), AuthStatus::bad_credentials);
    EXPECT_EQ(refused(with_word(bytes, count_at, gids_max - 1)), AuthStatus::bad_credentials) << "more behind it";
    bytes.pop_back();
    EXPECT_EQ(refused(bytes), AuthStatus::bad_credentials) << "cut off";
    auth.machine_name += "longer";
    std::vector<std::byte> cut;
    append_credentials(cut, auth);
    EXPECT_EQ((*credentials_of({Flavor::sys, Bytes(cut).subspan(8)}))->machine_name.size(), machine_name_max);
}

TEST(RpcMessage, OtherFlavorsAreRejected) {
    EXPECT_FALSE(credentials_of({Flavor::none, {}}).value());
    EXPECT_EQ(credentials_of({Flavor::short_hand, {}}).error(), AuthStatus::rejected_credentials);
    EXPECT_EQ(credentials_of({static_cast<Flavor>(6), {}}).error(), AuthStatus::rejected_credentials);
}

const std::vector<Status>& all_statuses() {
    static const std::vector<Status> all{{},
                                         {Outcome::program_unavailable, {}, {}},
                                         Status::program_mismatch({2, 4}),
                                         {Outcome::procedure_unavailable, {}, {}},
                                         {Outcome::garbage_arguments, {}, {}},
                                         {Outcome::system_error, {}, {}},
                                         {Outcome::rpc_mismatch, {}, {2, 2}},
                                         Status::auth_error(AuthStatus::bad_credentials),
                                         Status::auth_error(AuthStatus::rejected_credentials),
                                         Status::auth_error(AuthStatus::bad_verifier),
                                         Status::auth_error(AuthStatus::rejected_verifier),
                                         Status::auth_error(AuthStatus::too_weak),
                                         Status::auth_error(AuthStatus::failed)};
    return all;
}

TEST(RpcMessage, AReplyIsReadAsItWasWritten) {
    for (const Status& status : all_statuses()) {
        std::vector<std::byte> bytes;
        append_reply_header(bytes, 9, status);
        const std::size_t header = bytes.size();
        const auto reply = parse_reply(bytes);
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->xid, 9u);
        EXPECT_EQ(reply->status, status);
        for (std::size_t size = 0; size < header; ++size) {
            EXPECT_EQ(parse_reply(Bytes(bytes).first(size)).error(), Error::truncated) << size;
        }
        append_word(bytes, 5);
        EXPECT_EQ(parse_reply(bytes)->results.size(), status.outcome == Outcome::success ? 4u : 0u);
    }
}

TEST(RpcMessage, WhatIsNoReplyIsNotTakenForOne) {
    std::vector<std::byte> bytes;
    append_reply_header(bytes, 9, {});
    EXPECT_EQ(parse_reply(with_word(bytes, 1, 0)).error(), Error::malformed) << "a call";
    EXPECT_EQ(parse_reply(with_word(bytes, 2, 2)).error(), Error::malformed) << "neither accepted nor denied";
    EXPECT_EQ(parse_reply(with_word(bytes, 5, 6)).error(), Error::malformed) << "no accept_stat";
    EXPECT_EQ(parse_reply(with_word(bytes, 4, auth_body_max + 1)).error(), Error::malformed);
    std::vector<std::byte> denied;
    append_reply_header(denied, 9, Status::auth_error(AuthStatus::failed));
    EXPECT_EQ(parse_reply(with_word(denied, 3, 2)).error(), Error::malformed) << "no reject_stat";
}

TEST(RpcMessage, EachStatusIsAnErrorInWords) {
    std::set<std::string> words;
    for (const Status& status : all_statuses()) {
        const auto error = error_of(status);
        EXPECT_EQ(static_cast<bool>(error), status.outcome != Outcome::success);
        if (!error) continue;
        EXPECT_STREQ(error.category().name(), "strata.rpc");
        EXPECT_TRUE(words.insert(error.message()).second) << error.message();
    }
    EXPECT_EQ(error_of(Status::auth_error(AuthStatus::invalid_response)), Errc::auth_failed);
    EXPECT_EQ(error_of(Status::auth_error(static_cast<AuthStatus>(14))), Errc::auth_failed);
    EXPECT_NE(make_error_code(static_cast<Errc>(99)).message(), "");
}

TEST(RpcOutgoing, LargeDataGoesByReferenceWithItsPadding) {
    const std::string text = "large";
    Body body;
    append_word(body.head, 5);
    body.data = bytes_of(text);
    EXPECT_EQ(body.size(), 12u);
    const auto message = Outgoing::reply(1, {}, std::move(body));
    EXPECT_EQ(message->size(), 24u + 12u);
    std::vector<asio::const_buffer> pieces;
    message->append_record(pieces);
    ASSERT_EQ(pieces.size(), Outgoing::pieces);
    EXPECT_EQ(pieces[2].data(), text.data());
    EXPECT_EQ(asio::buffer_size(pieces), message->size() + Outgoing::mark_size);
    EXPECT_EQ(load_be32(static_cast<const std::byte*>(pieces[0].data())), 0x80000000u | message->size());
    std::vector<std::byte> datagram;
    message->append_message(datagram);
    EXPECT_EQ(datagram.size(), message->size());
    EXPECT_EQ(text_of(parse_reply(datagram)->results.subspan(4)), std::string_view("large\0\0\0", 8));
}

}  // namespace
}  // namespace strata::session::rpc
