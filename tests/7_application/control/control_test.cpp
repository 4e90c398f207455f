// The control socket's protocol, both ends of it.
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <optional>

#include "strata/7_application/control/client.hpp"
#include "strata/7_application/control/server.hpp"
#include "strata/lab/lab.hpp"

namespace strata::application::control {
namespace {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

// An asker that keeps to no rule: says what it is told to, and listens.
struct Caller {
    session::Stream stream;
    std::string heard;
    error_code end;
};

//   asker 10.0.0.1 ── cable ── running 10.0.0.2
struct Control : testing::Test {
    lab::VirtualLab lab{1};
    host::Host& asker = lab.add_host("asker");
    host::Host& running = lab.add_host("running");
    physical::Cable& cable = lab.join(asker, "10.0.0.1/24", running, "10.0.0.2/24");
    const session::Address at{Ipv4Address{10, 0, 0, 2}, 7};
    std::optional<Server> server;
    std::vector<std::string> asked;
    Answer answer{true, "a\tb\n"};
    std::deque<Caller> callers;

    void serve(const ServerOptions& options = {}) {
        server.emplace(
            running.network(),
            [this](std::string_view question) {
                asked.emplace_back(question);
                return answer;
            },
            options);
        server->start(running.network().listen({Ipv4Address{}, 7}));
    }
    static awaitable<void> converse(session::Network& network, session::Address to, Caller& caller, std::string says) {
        caller.stream = co_await network.async_connect(to, redirect_error(use_awaitable, caller.end));
        if (!caller.end)
            co_await asio::async_write(caller.stream, asio::buffer(says), redirect_error(use_awaitable, caller.end));
        std::array<char, 512> buffer{};
        while (!caller.end) {
            const auto count =
                co_await caller.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, caller.end));
            caller.heard.append(buffer.data(), count);
        }
    }
    Caller& call(const std::string& says, Duration wait = 1s) {
        Caller& caller = callers.emplace_back();
        asio::co_spawn(lab.io(), converse(asker.network(), at, caller, says), asio::detached);
        lab.run_for(wait);
        return caller;
    }
    // What ask() returned, or the error that it threw.
    struct Outcome {
        std::optional<Answer> answer;
        error_code error;
    };
    Outcome ask_for(const std::string& question, const ClientOptions& options = {}, Duration wait = 20s) {
        auto outcome = std::make_shared<Outcome>();
        asio::co_spawn(lab.io(), ask(asker.network(), at, question, options),
                       [outcome](std::exception_ptr failed, Answer got) {
                           if (!failed) {
                               outcome->answer = std::move(got);
                               return;
                           }
                           try {
                               std::rethrow_exception(failed);
                           } catch (const boost::system::system_error& error) {
                               outcome->error = error.code();
                           }
                       });
        lab.run_for(wait);
        return *outcome;
    }
};

TEST_F(Control, AQuestionIsAnswered) {
    serve();
    const Outcome outcome = ask_for("arp");
    ASSERT_TRUE(outcome.answer) << outcome.error.message();
    EXPECT_TRUE(outcome.answer->given);
    EXPECT_EQ(outcome.answer->text, "a\tb\n");
    EXPECT_EQ(asked, std::vector<std::string>{"arp"});
    EXPECT_EQ(call("arp\n").heard, "ok\na\tb\n");
    EXPECT_EQ(callers[0].end, asio::error::eof);
    answer.text.clear();
    EXPECT_EQ(ask_for("arp").answer->text, "") << "nothing is an answer too";
}

TEST_F(Control, WhyThereIsNoAnswerIsSaid) {
    serve();
    answer = {false, "ip neigh says that"};
    const Outcome outcome = ask_for("arp");
    ASSERT_TRUE(outcome.answer);
    EXPECT_FALSE(outcome.answer->given);
    EXPECT_EQ(outcome.answer->text, "ip neigh says that");
}

TEST_F(Control, WhatIsNoQuestionIsNotAsked) {
    serve();
    const std::string longest(question_max - 1, 'a');
    EXPECT_EQ(call(longest + "\n").heard, "ok\na\tb\n");
    for (const std::string& words : {longest + "aa\n", std::string{"\n"}, std::string{"a\tb\n"}, std::string{"\x7f\n"},
                                     std::string("\0\n", 2), std::string{"\xc3\xa4\n"}}) {
        EXPECT_TRUE(call(words).heard.starts_with("no this is no question")) << words;
    }
    EXPECT_EQ(asked, std::vector<std::string>{longest});
}

TEST_F(Control, WhoAsksNothingInTimeIsCutOff) {
    serve({.question_timeout = 5s});
    Caller& slow = call("ar", 4900ms);
    EXPECT_FALSE(slow.end);
    lab.run_for(1s);
    EXPECT_TRUE(slow.end);
    EXPECT_EQ(slow.heard, "");
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(server->active(), 0u);
}

TEST_F(Control, NoMoreAskersThanTheBound) {
    serve({.askers_max = 2});
    Caller& first = call("");
    (void)call("");
    const Caller& third = call("arp\n");
    EXPECT_EQ(third.heard, "");
    EXPECT_EQ(third.end, asio::error::connection_reset);
    first.stream.close();
    lab.run_for(1s);
    EXPECT_EQ(call("arp\n").heard, "ok\na\tb\n");
}

TEST_F(Control, AnAnswerIsNoLongerThanTheBound) {
    serve({.answer_max = 1000});
    answer.text = std::string(1000, 'x');
    EXPECT_EQ(ask_for("arp").answer->text, answer.text);
    answer.text += 'x';
    const Outcome longer = ask_for("arp");
    EXPECT_FALSE(longer.answer->given);
    EXPECT_EQ(longer.answer->text, "the answer would be too long");
}

// An asker that does not read is given up on.
TEST_F(Control, WhoDoesNotReadItsAnswerIsCutOff) {
    serve({.answer_max = 64 << 20, .patience = {.stall_timeout = 5s}});
    answer.text = std::string(32 << 20, 'x');
    session::Stream stream;
    asker.network().async_connect(at, [&](error_code, session::Stream made) { stream = std::move(made); });
    lab.run_for(1s);
    error_code error;
    ASSERT_EQ(stream.write_now(asio::buffer(std::string_view{"arp\n"}), error), 4u);
    lab.run_for(3s);
    EXPECT_EQ(server->active(), 1u);
    lab.run_for(20s);
    EXPECT_EQ(server->active(), 0u);
}

// --- the asker's end, and programs that are none of ours

TEST_F(Control, AServerThatSaysNothingIsNotWaitedForLonger) {
    session::Acceptor silent = running.network().listen({Ipv4Address{}, 7});
    session::Stream kept;
    silent.async_accept([&](error_code, session::Stream taken) { kept = std::move(taken); });
    EXPECT_EQ(ask_for("arp", {.timeout = 3s}).error, asio::error::timed_out);
    EXPECT_EQ(ask_for("arp", {}, 1s).error, error_code{}) << "still waiting";
}

TEST_F(Control, WhatIsNoAnswerIsAnError) {
    for (const std::string& said :
         {std::string{}, std::string{"ok"}, std::string{"no end of the line"}, std::string{"HTTP/1.1 400\r\n"}}) {
        session::Acceptor other = running.network().listen({Ipv4Address{}, 7});
        session::Stream kept;
        std::array<char, 100> question{};
        other.async_accept([&](error_code, session::Stream taken) {
            kept = std::move(taken);
            kept.async_read_some(asio::buffer(question), [&](error_code, std::size_t) {
                error_code error;
                if (!said.empty()) (void)kept.write_now(asio::buffer(said), error);
                kept.close();
            });
        });
        EXPECT_EQ(ask_for("arp").error, asio::error::eof) << said;
        other.close();
        lab.run_for(5s);
    }
}

TEST_F(Control, AnAnswerBeyondTheBoundIsNotRead) {
    serve();
    answer.text = std::string(997, 'x');
    EXPECT_TRUE(ask_for("arp", {.answer_max = 1000}).answer);
    answer.text += 'x';
    EXPECT_EQ(ask_for("arp", {.answer_max = 1000}).error, asio::error::message_size);
}

TEST_F(Control, NobodyThere) { EXPECT_EQ(ask_for("arp").error, asio::error::connection_refused); }

}  // namespace
}  // namespace strata::application::control
