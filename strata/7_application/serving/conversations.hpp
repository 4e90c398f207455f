// Conversations: those that one server has at a time. It accepts
// clients, has places for so many, turns away those beyond, and ends
// them all: what every server over a stream does, whatever its protocol.
//
// A protocol says what one conversation is, in a class of its own that derives from Conversation,
// most often by way of WatchedConversation, and hands over a function that makes one for each
// client. Used by http, plain and talk, on the network's event loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "strata/5_session/network.hpp"
#include "strata/7_application/serving/places.hpp"
#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application {

// A client that has come to a server.
struct Client {
    session::Stream stream;
    session::Address address;              // of the client itself, where a gateway is between
    std::optional<Places::Place> place{};  // nothing: it is turned away
};

class Conversation {
public:
    Conversation() = default;
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    virtual ~Conversation() = default;

    // From its beginning to its end; then it is destroyed. What it
    // throws ends it alone: it is aborted.
    [[nodiscard]] virtual session::asio::awaitable<void> converse() = 0;
    // Cuts it off, whatever it is doing.
    virtual void abort() = 0;
    // The server is stopping: what is being done is finished, and nothing new is begun.
    virtual void finish() {}
    // Others need its place, and it was idle when they asked (Place::set_idle).
    virtual void leave() { abort(); }
};

// One over a stream with a watchdog.
class WatchedConversation : public Conversation {
public:
    // The network outlives it.
    WatchedConversation(session::Network& network, Client with, const Patience& patience = {})
        : client(std::move(with)), watchdog(Watchdog::make(network, client.stream, patience)) {}
    ~WatchedConversation() override { watchdog->stop(); }
    void abort() override {
        cut_off = true;
        client.stream.abort();
    }

protected:
    Client client;
    std::shared_ptr<Watchdog> watchdog;
    bool cut_off = false;  // by the server
};

struct ConversationsOptions {
    std::shared_ptr<Places> places{};  // for how many; unset, its own, of PlacesOptions
    // Conversations that tell a client why it is turned away, at a
    // time; clients beyond them are reset.
    std::size_t turned_away_max = 64;
    // The client behind a conversation's remote address, where a gateway is between; unset, itself.
    std::function<session::Address(const session::Address&)> client_behind{};
};

class Conversations {
public:
    using Options = ConversationsOptions;
    // Null if there is nothing to say: the client's stream is closed with it.
    using Begin = std::function<std::unique_ptr<Conversation>(Client client)>;
    // As Begin, for a client that there is no place for. Unset, it is reset.
    using TurnAway = std::function<std::unique_ptr<Conversation>(Client client, NoPlace why)>;

    // The network outlives it and the conversations. The functions
    // own what else they need, and outlive it.
    Conversations(session::Network& network, Options options, Begin begin, TurnAway turn_away = {});
    Conversations(Conversations&&) noexcept = default;
    Conversations& operator=(Conversations&&) = delete;
    ~Conversations();  // as stop() and abort()

    // Serves from now on.
    void start(session::Acceptor acceptor);
    // As start(), for callers that would rather wait: until stop().
    [[nodiscard]] session::asio::awaitable<void> accept(session::Acceptor acceptor);
    // Takes no more clients; those that are here are told to finish.
    void stop();
    // Cuts off what is still here.
    void abort();
    // How many there are, with those that are being turned away.
    [[nodiscard]] std::size_t active() const noexcept;
    // Waits until there are none.
    [[nodiscard]] session::asio::awaitable<void> all_ended();

private:
    struct State;
    class Running;
    static void take(const std::shared_ptr<State>& state, session::Stream stream);
    static void run(const std::shared_ptr<State>& state, std::unique_ptr<Running> running);

    std::shared_ptr<State> state_;
};

}  // namespace strata::application
