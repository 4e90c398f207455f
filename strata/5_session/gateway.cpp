#include "strata/5_session/gateway.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <list>
#include <vector>

#include "strata/5_session/accept_each.hpp"

namespace strata::session {

struct Gateway::State {
    Network& outside;
    Network& inside;
    Options options;
    GatewayCounters counters;
    std::list<Acceptor> acceptors;
    std::size_t active = 0;
    bool stopped = false;

    // Coroutines; each keeps the state alive.
    static void take(const std::shared_ptr<State>& state, Stream client, const Address& to);
    static asio::awaitable<void> converse(std::shared_ptr<State> state, Stream client, Address to);
};

namespace {

using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

struct Conversation {
    Stream outside;
    Stream inside;
};

// One direction, until its end; then the other side is told that nothing more comes.
awaitable<bool> pump(Stream& from, Stream& to, std::size_t buffer_size, std::uint64_t& bytes) {
    std::vector<std::byte> buffer(buffer_size);
    for (;;) {
        error_code error;
        const std::size_t count =
            co_await from.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (error == asio::error::eof) {
            to.shut_down_sending();
            co_return true;
        }
        if (error) co_return false;
        co_await asio::async_write(to, asio::buffer(buffer.data(), count), redirect_error(use_awaitable, error));
        if (error) co_return false;
        bytes += count;
    }
}

// A direction that failed ends the other as well.
awaitable<void> pump_or_abort(std::shared_ptr<Conversation> both, bool inward, std::size_t buffer_size,
                              std::uint64_t& bytes) {
    Stream& from = inward ? both->outside : both->inside;
    Stream& to = inward ? both->inside : both->outside;
    const bool ended_well = co_await pump(from, to, buffer_size, bytes);
    if (!ended_well) {
        both->outside.abort();
        both->inside.abort();
    }
}

}  // namespace

asio::awaitable<void> Gateway::State::converse(std::shared_ptr<State> state, Stream client, Address to) {
    error_code failed;
    auto both = std::make_shared<Conversation>();
    both->outside = std::move(client);
    both->inside = co_await state->inside.async_connect(to, redirect_error(use_awaitable, failed));
    if (failed) {
        ++state->counters.refused;
        both->outside.abort();
    } else {
        both->outside.set_no_delay(true);
        both->inside.set_no_delay(true);
        using namespace asio::experimental::awaitable_operators;
        co_await (pump_or_abort(both, true, state->options.buffer_size, state->counters.bytes_in) &&
                  pump_or_abort(both, false, state->options.buffer_size, state->counters.bytes_out));
    }
    --state->active;
}

void Gateway::State::take(const std::shared_ptr<State>& state, Stream client, const Address& to) {
    if (state->active >= state->options.conversations_max) {
        ++state->counters.refused;
        return client.abort();
    }
    ++state->active;
    ++state->counters.conversations;
    asio::co_spawn(state->outside.get_executor(), converse(state, std::move(client), to), asio::detached);
}

Gateway::Gateway(Network& outside, Network& inside, Options options)
    : state_(std::make_shared<State>(outside, inside, options)) {}

Gateway::~Gateway() { stop_listening(); }

Address Gateway::carry(const Address& outside_address, const Address& inside_address, error_code& error) {
    Acceptor opened = state_->outside.listen(outside_address, error);
    if (error) return {};
    Acceptor& acceptor = state_->acceptors.emplace_back(std::move(opened));
    auto taken = [state = state_, inside_address](Stream client) {
        State::take(state, std::move(client), inside_address);
    };
    asio::co_spawn(state_->outside.get_executor(), accept_each(state_->outside, acceptor, taken), asio::detached);
    return acceptor.local();
}

void Gateway::stop_listening() {
    state_->stopped = true;
    for (Acceptor& acceptor : state_->acceptors) acceptor.close();
}

std::size_t Gateway::active() const noexcept { return state_->active; }
const GatewayCounters& Gateway::counters() const noexcept { return state_->counters; }

}  // namespace strata::session
