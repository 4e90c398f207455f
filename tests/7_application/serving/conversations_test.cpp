// What a server of any protocol does with its clients, shown with the smallest one: echo (RFC 862).
#include "strata/7_application/serving/conversations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <stdexcept>

#include "strata/7_application/serving/deliver.hpp"
#include "strata/lab/lab.hpp"

namespace strata::application {
namespace {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

// The whole of a protocol's server, but for the line that makes one for each client.
class EchoConversation final : public WatchedConversation {
public:
    using WatchedConversation::WatchedConversation;
    awaitable<void> converse() override {
        std::array<char, 512> buffer{};
        error_code error;
        while (!error) {
            const auto count =
                co_await client.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
            const Outgoing echo{bytes_of(std::string_view(buffer.data(), count))};
            if (!error) error = co_await deliver(client.stream, *watchdog, echo);
        }
        if (error == asio::error::eof) (void)co_await part(client.stream, *watchdog, 0);
    }
};

class BusyConversation final : public WatchedConversation {
public:
    using WatchedConversation::WatchedConversation;
    awaitable<void> converse() override {
        const std::string busy = "busy";
        const error_code error = co_await deliver(client.stream, *watchdog, {bytes_of(busy)});
        if (!error) (void)co_await part(client.stream, *watchdog, 1000);
    }
};

// Waits for its client's wishes, until the server is stopped or the place is needed.
class IdleConversation final : public WatchedConversation {
public:
    using WatchedConversation::WatchedConversation;
    awaitable<void> converse() override {
        client.place->set_idle(true);
        error_code error;
        std::array<char, 1> buffer{};
        co_await client.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
    }
    void finish() override { client.stream.cancel(); }
};

class FailingConversation final : public WatchedConversation {
public:
    using WatchedConversation::WatchedConversation;
    awaitable<void> converse() override {
        std::array<char, 1> buffer{};
        co_await client.stream.async_read_some(asio::buffer(buffer), use_awaitable);
        throw std::runtime_error("no memory, say");
    }
};

// The first accept fails, as where there is no descriptor left.
class FlakyAcceptor final : public session::AcceptorImplementation {
public:
    explicit FlakyAcceptor(session::Acceptor real) : real_(std::move(real)) {}
    [[nodiscard]] asio::any_io_executor get_executor() const override { return real_.get_executor(); }
    void start_accept(session::AcceptHandler handler) override {
        if (std::exchange(failed_, true)) return void(real_.async_accept(std::move(handler)));
        handler.complete(asio::error::no_descriptors, session::Stream{});
    }
    void close() override { real_.close(); }
    [[nodiscard]] session::Address local() const override { return real_.local(); }

private:
    session::Acceptor real_;
    bool failed_ = false;
};

// Somebody who calls, says a word, and listens.
struct Caller {
    session::Stream stream;
    std::string heard;
    error_code end;  // once the server has ended it, or could not be reached
    [[nodiscard]] bool is_there() const { return stream.is_open() && !end; }
};

//   client 10.0.0.1 ── cable ── server 10.0.0.2
struct WithConversations : testing::Test {
    lab::VirtualLab lab{1};
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    physical::Cable& cable = lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24");
    std::optional<Conversations> conversations;
    std::deque<Caller> callers;

    template <typename Kind>
    [[nodiscard]] Conversations::Begin begin() {
        return [this](Client with) { return std::make_unique<Kind>(server.network(), std::move(with)); };
    }
    [[nodiscard]] static ConversationsOptions at_most(std::size_t count) {
        return {.places = std::make_shared<Places>(PlacesOptions{.connections_max = count})};
    }
    [[nodiscard]] session::Acceptor listen() { return server.network().listen({Ipv4Address{}, 7}); }
    template <typename Kind>
    void serve(ConversationsOptions options = {}, Conversations::TurnAway turn_away = {}) {
        conversations.emplace(server.network(), std::move(options), begin<Kind>(), std::move(turn_away));
        conversations->start(listen());
    }
    static awaitable<void> converse(session::Network& network, Caller& caller, std::string word) {
        const session::Address to{Ipv4Address{10, 0, 0, 2}, 7};
        caller.stream = co_await network.async_connect(to, redirect_error(use_awaitable, caller.end));
        if (!caller.end)
            co_await asio::async_write(caller.stream, asio::buffer(word), redirect_error(use_awaitable, caller.end));
        std::array<char, 512> buffer{};
        while (!caller.end) {
            const auto count =
                co_await caller.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, caller.end));
            caller.heard.append(buffer.data(), count);
        }
    }
    Caller& call(const std::string& word = "word") {
        Caller& caller = callers.emplace_back();
        asio::co_spawn(lab.io(), converse(client.network(), caller, word), asio::detached);
        lab.run_for(1s);
        return caller;
    }
    void hang_up(Caller& caller) {
        caller.stream.close();
        lab.run_for(5s);
    }
};

TEST_F(WithConversations, AProtocolIsServed) {
    serve<EchoConversation>();
    Caller& caller = call();
    EXPECT_EQ(caller.heard, "word");
    EXPECT_EQ(conversations->active(), 1u);
    (void)caller.stream.shut_down_sending();
    lab.run_for(5s);
    EXPECT_EQ(caller.end, asio::error::eof);
    EXPECT_EQ(conversations->active(), 0u);
}

TEST_F(WithConversations, WhoComesBeyondThePlacesIsReset) {
    serve<EchoConversation>(at_most(2));
    Caller& first = call();
    EXPECT_EQ(call().heard, "word");
    const Caller& third = call();
    EXPECT_EQ(third.heard, "");
    EXPECT_EQ(third.end, asio::error::connection_reset);
    EXPECT_EQ(conversations->active(), 2u);
    hang_up(first);
    EXPECT_EQ(call().heard, "word") << "a place is free again";
}

TEST_F(WithConversations, OnlySoManyAreToldWhyTheyAreTurnedAway) {
    std::vector<NoPlace> reasons;
    ConversationsOptions options = at_most(1);
    options.turned_away_max = 1;
    serve<EchoConversation>(options, [this, &reasons](Client with, NoPlace why) {
        reasons.push_back(why);
        return std::make_unique<BusyConversation>(server.network(), std::move(with));
    });
    (void)call();
    Caller& told = call();
    EXPECT_EQ(told.heard, "busy");
    EXPECT_EQ(conversations->active(), 2u);
    const Caller& reset = call();
    EXPECT_EQ(reset.heard, "");
    EXPECT_EQ(reset.end, asio::error::connection_reset);
    hang_up(told);
    EXPECT_EQ(call().heard, "busy");
    EXPECT_EQ(reasons, (std::vector{NoPlace::full, NoPlace::full}));
}

TEST_F(WithConversations, WhoIsIdleLeavesWhenItsPlaceIsNeeded) {
    serve<IdleConversation>(at_most(1));
    const Caller& idle = call("");
    EXPECT_TRUE(idle.is_there());
    const Caller& next = call("");
    EXPECT_EQ(idle.end, asio::error::connection_reset);
    EXPECT_TRUE(next.is_there());
    EXPECT_EQ(conversations->active(), 1u);
}

TEST_F(WithConversations, StopTakesNoMoreAndWaitsForThoseThatRun) {
    serve<EchoConversation>();
    Caller& caller = call();
    conversations->stop();
    bool ended = false;
    asio::co_spawn(lab.io(), conversations->all_ended(), [&ended](std::exception_ptr) { ended = true; });
    EXPECT_EQ(call().end, asio::error::connection_refused);
    EXPECT_TRUE(caller.is_there());
    EXPECT_FALSE(ended);
    hang_up(caller);
    EXPECT_TRUE(ended);
    EXPECT_EQ(conversations->active(), 0u);
}

TEST_F(WithConversations, OneThatHasNothingToFinishEndsWhenTheServerStops) {
    serve<IdleConversation>();
    const Caller& caller = call("");
    EXPECT_EQ(conversations->active(), 1u);
    conversations->stop();
    lab.run_for(1s);
    EXPECT_EQ(caller.end, asio::error::eof);
    EXPECT_EQ(conversations->active(), 0u);
}

TEST_F(WithConversations, AbortEndsThem) {
    serve<EchoConversation>();
    const Caller& first = call();
    const Caller& second = call();
    conversations->stop();
    conversations->abort();
    lab.run_for(1s);
    EXPECT_EQ(first.end, asio::error::connection_reset);
    EXPECT_EQ(second.end, asio::error::connection_reset);
    EXPECT_EQ(conversations->active(), 0u);
}

TEST_F(WithConversations, TheirServersEndIsTheirs) {
    serve<EchoConversation>();
    const Caller& caller = call();
    conversations.reset();
    lab.run_for(1s);
    EXPECT_EQ(caller.end, asio::error::connection_reset);
}

TEST_F(WithConversations, OneThatFailsIsLostAlone) {
    serve<FailingConversation>();
    EXPECT_EQ(call().end, asio::error::connection_reset);
    EXPECT_EQ(call().end, asio::error::connection_reset) << "the next is heard";
    EXPECT_EQ(conversations->active(), 0u);
}

TEST_F(WithConversations, OneThatCannotBeMadeIsLostAlone) {
    int made = 0;
    conversations.emplace(server.network(), ConversationsOptions{}, [&](Client with) -> std::unique_ptr<Conversation> {
        if (++made == 1) throw std::bad_alloc();
        if (made == 2) return nullptr;
        return std::make_unique<EchoConversation>(server.network(), std::move(with));
    });
    conversations->start(listen());
    EXPECT_TRUE(call().end);
    EXPECT_TRUE(call().end);
    EXPECT_EQ(call().heard, "word");
}

TEST_F(WithConversations, WhenNoneCanBeAcceptedTheyAreALittleLater) {
    conversations.emplace(server.network(), ConversationsOptions{}, begin<EchoConversation>());
    conversations->start(session::Acceptor{std::make_unique<FlakyAcceptor>(listen())});
    EXPECT_EQ(call().heard, "word");
}

TEST_F(WithConversations, StoppedBeforeItStartsItTakesNobody) {
    conversations.emplace(server.network(), ConversationsOptions{}, begin<EchoConversation>());
    conversations->stop();
    conversations->start(listen());
    EXPECT_EQ(call().end, asio::error::connection_refused);
}

}  // namespace
}  // namespace strata::application
