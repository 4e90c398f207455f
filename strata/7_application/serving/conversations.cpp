#include "strata/7_application/serving/conversations.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>

#include "strata/5_session/idioms/accept_each.hpp"
#include "strata/7_application/serving/news.hpp"

namespace strata::application {

namespace asio = session::asio;
using asio::awaitable;

struct Conversations::State {
    State(session::Network& on, Options given, Begin begins, TurnAway turns_away)
        : network(on),
          options(std::move(given)),
          places(options.places ? options.places : std::make_shared<Places>(PlacesOptions{})),
          begin(std::move(begins)),
          turn_away(std::move(turns_away)),
          ended(on) {}
    session::Network& network;
    Options options;
    std::shared_ptr<Places> places;
    Begin begin;
    TurnAway turn_away;
    News ended;  // a conversation has
    session::Acceptor acceptor;
    std::map<std::uint64_t, Conversation*> running;  // by number: they are ended in the order in which they began
    std::size_t turned_away = 0;                     // of them
    std::uint64_t accepted = 0;
    bool stopped = false;
};

// A conversation, which is known to its server for as long as this lasts.
class Conversations::Running {
public:
    Running(std::shared_ptr<State> among, std::uint64_t number, bool turned_away, std::unique_ptr<Conversation> made)
        : state_(std::move(among)), number_(number), turned_away_(turned_away), conversation_(std::move(made)) {
        state_->running.emplace(number_, conversation_.get());
        if (turned_away_) ++state_->turned_away;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() {
        state_->running.erase(number_);
        if (turned_away_) --state_->turned_away;
    }
    [[nodiscard]] Conversation& conversation() const noexcept { return *conversation_; }

private:
    std::shared_ptr<State> state_;  // outlives the conversation, and its place
    std::uint64_t number_;
    bool turned_away_;
    std::unique_ptr<Conversation> conversation_;
};

void Conversations::run(const std::shared_ptr<State>& state, std::unique_ptr<Running> running) {
    Conversation& conversation = running->conversation();
    if (state->stopped) conversation.finish();
    auto end = [state, running = std::move(running)](std::exception_ptr failed) mutable {
        // Out of memory, say: this client is lost, the others are not.
        if (failed) running->conversation().abort();
        running.reset();
        state->ended.tell();
    };
    asio::co_spawn(state->network.get_executor(), conversation.converse(), std::move(end));
}

void Conversations::take(const std::shared_ptr<State>& state, session::Stream stream) {
    const auto& client_behind = state->options.client_behind;
    const session::Address address = client_behind ? client_behind(stream.remote()) : stream.remote();
    Client client{std::move(stream), address};
    const std::uint64_t number = ++state->accepted;
    auto place = state->places->take(address, state->network.get_executor(), [weak = std::weak_ptr(state), number] {
        const auto still = weak.lock();
        if (!still) return;
        const auto found = still->running.find(number);
        if (found != still->running.end()) found->second->leave();
    });
    if (!place && (!state->turn_away || state->turned_away >= state->options.turned_away_max))
        return client.stream.abort();
    std::unique_ptr<Conversation> made;
    if (place) {
        client.place.emplace(std::move(*place));
        made = state->begin(std::move(client));
    } else {
        made = state->turn_away(std::move(client), place.error());
    }
    if (made) run(state, std::make_unique<Running>(state, number, !place, std::move(made)));
}

Conversations::Conversations(session::Network& network, Options options, Begin begin, TurnAway turn_away)
    : state_(std::make_shared<State>(network, std::move(options), std::move(begin), std::move(turn_away))) {}

Conversations::~Conversations() {
    if (!state_) return;
    stop();
    abort();
}

void Conversations::start(session::Acceptor acceptor) {
    asio::co_spawn(state_->network.get_executor(), accept(std::move(acceptor)), asio::detached);
}

awaitable<void> Conversations::accept(session::Acceptor acceptor) {
    state_->acceptor = std::move(acceptor);
    if (state_->stopped) state_->acceptor.close();
    return session::accept_each(state_->network, state_->acceptor, [state = state_](session::Stream stream) {
        try {
            take(state, std::move(stream));
        } catch (const std::exception&) {
            // Out of memory, say: this client is lost, the next may not be.
        }
    });
}

void Conversations::stop() {
    state_->stopped = true;
    state_->acceptor.close();
    for (const auto& [number, conversation] : state_->running) conversation->finish();
}

void Conversations::abort() {
    for (const auto& [number, conversation] : state_->running) conversation->abort();
}

std::size_t Conversations::active() const noexcept { return state_->running.size(); }

namespace {

awaitable<void> wait_for_all(auto state) {
    while (!state->running.empty()) (void)co_await state->ended.next();
}

}  // namespace

awaitable<void> Conversations::all_ended() { return wait_for_all(state_); }

}  // namespace strata::application
