#include "strata/5_session/gateway/gateway.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <map>
#include <vector>

#include "strata/5_session/idioms/accept_each.hpp"

namespace strata::session {

namespace {

using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

// Buffers that are lent out. A silent conversation holds none, however many there are.
class Buffers {
public:
    Buffers(std::size_t size, std::size_t spare_max) : size_(size), spare_max_(spare_max) {}
    class Lent {
    public:
        explicit Lent(Buffers& from) : from_(from), bytes_(from.take()) {}
        Lent(const Lent&) = delete;
        Lent& operator=(const Lent&) = delete;
        ~Lent() { from_.give_back(std::move(bytes_)); }
        [[nodiscard]] asio::mutable_buffer all() const { return {bytes_.get(), from_.size_}; }

    private:
        Buffers& from_;
        std::unique_ptr<std::byte[]> bytes_;
    };

private:
    std::unique_ptr<std::byte[]> take() {
        if (spare_.empty()) return std::make_unique_for_overwrite<std::byte[]>(size_);
        auto bytes = std::move(spare_.back());
        spare_.pop_back();
        return bytes;
    }
    void give_back(std::unique_ptr<std::byte[]> bytes) {
        if (spare_.size() < spare_max_) spare_.push_back(std::move(bytes));
    }
    std::size_t size_;
    std::size_t spare_max_;
    std::vector<std::unique_ptr<std::byte[]>> spare_;
};

// Of a conversation: the peer's, and where he has found us.
struct OutsideEnds {
    Address remote;
    Address local;
};

struct Conversation {
    Stream outside;
    Stream inside;
    bool inward_ended = false;  // the outside's end of stream was carried in
    bool outward_ended = false;

    void abort() {
        outward_ended ? outside.close() : outside.abort();
        inward_ended ? inside.close() : inside.abort();
    }
};

// One direction, until its end; then the other side is told that nothing more comes.
awaitable<bool> pump(Stream& from, Stream& to, Buffers& buffers, std::uint64_t& bytes) {
    for (;;) {
        error_code error;
        co_await from.async_wait_readable(redirect_error(use_awaitable, error));
        if (error) co_return false;
        const Buffers::Lent buffer(buffers);
        const std::size_t count = co_await from.async_read_some(buffer.all(), redirect_error(use_awaitable, error));
        if (error == asio::error::eof) {
            (void)to.shut_down_sending();  // if the peer has left, the other direction finds out
            co_return true;
        }
        if (error) co_return false;
        co_await to.async_write(asio::buffer(buffer.all(), count), redirect_error(use_awaitable, error));
        if (error) co_return false;
        bytes += count;
    }
}

}  // namespace

struct Gateway::State {
    State(Network& outside_network, Network& inside_network, const Options& given)
        : outside(outside_network),
          inside(inside_network),
          options(given),
          buffers(given.buffer_size, given.spare_buffers_max) {}
    Network& outside;
    Network& inside;
    Options options;
    Buffers buffers;
    GatewayCounters counters;
    std::list<Acceptor> acceptors;
    std::map<std::uint64_t, std::shared_ptr<Conversation>>
        conversations;                          // by number: they end in the order of their beginning
    std::map<Address, OutsideEnds> outside_of;  // by the inside's own address
    bool stopped = false;

    std::uint64_t take(Stream outside_stream, Stream inside_stream);
    // Coroutines; each keeps the state alive.
    static awaitable<void> connect(std::shared_ptr<State> state, std::uint64_t number, Address to);
    static void take_in(const std::shared_ptr<State>& state, Stream client, const Address& to);
    static awaitable<void> carry_joined(std::shared_ptr<State> state, std::uint64_t number);
    static awaitable<void> carry_both_ways(std::shared_ptr<State> state, std::shared_ptr<Conversation> both);
    static awaitable<void> carry(std::shared_ptr<State> state, std::shared_ptr<Conversation> both, bool inward);
};

void Gateway::State::take_in(const std::shared_ptr<State>& state, Stream client, const Address& to) {
    if (const std::uint64_t number = state->take(std::move(client), {}))
        asio::co_spawn(state->outside.get_executor(), connect(state, number, to), asio::detached);
}

// A direction that failed ends the other as well.
awaitable<void> Gateway::State::carry(std::shared_ptr<State> state, std::shared_ptr<Conversation> both, bool inward) {
    Stream& from = inward ? both->outside : both->inside;
    Stream& to = inward ? both->inside : both->outside;
    std::uint64_t& bytes = inward ? state->counters.bytes_in : state->counters.bytes_out;
    const bool ended_well = co_await pump(from, to, state->buffers, bytes);
    if (!ended_well) co_return both->abort();
    (inward ? both->inward_ended : both->outward_ended) = true;
    to.set_reset_at_death(false);
}

awaitable<void> Gateway::State::carry_both_ways(std::shared_ptr<State> state, std::shared_ptr<Conversation> both) {
    both->outside.set_no_delay(true);
    both->inside.set_no_delay(true);
    // Until the end of what the other said has been passed on.
    both->outside.set_reset_at_death(true);
    both->inside.set_reset_at_death(true);
    using namespace asio::experimental::awaitable_operators;
    co_await (carry(state, both, true) && carry(state, both, false));
}

awaitable<void> Gateway::State::connect(std::shared_ptr<State> state, std::uint64_t number, Address to) {
    error_code failed;
    Address known_as;
    const std::shared_ptr<Conversation> both = state->conversations.at(number);
    both->inside = co_await state->inside.async_connect(to, redirect_error(use_awaitable, failed));
    if (failed) {
        ++state->counters.refused;
        both->outside.abort();
    } else {
        known_as = both->inside.local();
        state->outside_of[known_as] = {both->outside.remote(), both->outside.local()};
        co_await carry_both_ways(state, both);
    }
    state->outside_of.erase(known_as);
    state->conversations.erase(number);
}

awaitable<void> Gateway::State::carry_joined(std::shared_ptr<State> state, std::uint64_t number) {
    co_await carry_both_ways(state, state->conversations.at(number));
    state->conversations.erase(number);
}

// Their number; 0 if there are too many already: then both are reset. `inside` may be nothing yet.
std::uint64_t Gateway::State::take(Stream outside_stream, Stream inside_stream) {
    if (conversations.size() >= options.conversations_max) {
        ++counters.refused;
        outside_stream.abort();
        inside_stream.abort();
        return 0;
    }
    const std::uint64_t number = ++counters.conversations;
    const auto both = std::make_shared<Conversation>();
    both->outside = std::move(outside_stream);
    both->inside = std::move(inside_stream);
    conversations.emplace(number, both);
    return number;
}

Gateway::Gateway(Network& outside, Network& inside, Options options)
    : state_(std::make_shared<State>(outside, inside, options)) {}

Gateway::~Gateway() {
    stop_listening();
    abort();
}

Address Gateway::carry(const Address& outside_address, const Address& inside_address, error_code& error) {
    Acceptor opened = state_->outside.listen(outside_address, error);
    if (error) return {};
    Acceptor& acceptor = state_->acceptors.emplace_back(std::move(opened));
    auto taken = [state = state_, inside_address](Stream client) {
        State::take_in(state, std::move(client), inside_address);
    };
    asio::co_spawn(state_->outside.get_executor(), accept_each(state_->outside, acceptor, taken), asio::detached);
    return acceptor.local();
}

std::shared_ptr<void> Gateway::open_door(const Address& outside_address, const Address& inside_address,
                                         Address& listens_at, error_code& error) {
    Acceptor opened = state_->outside.listen(outside_address, error);
    if (error) return nullptr;
    listens_at = opened.local();
    const auto acceptor = std::make_shared<Acceptor>(std::move(opened));
    auto taken = [state = state_, acceptor, inside_address](Stream client) {
        State::take_in(state, std::move(client), inside_address);
    };
    asio::co_spawn(state_->outside.get_executor(), accept_each(state_->outside, *acceptor, taken), asio::detached);
    return {acceptor.get(), [acceptor](void*) { acceptor->close(); }};
}

bool Gateway::join(Stream outside, Stream inside) {
    const std::uint64_t number = state_->take(std::move(outside), std::move(inside));
    if (number == 0) return false;
    asio::co_spawn(state_->outside.get_executor(), State::carry_joined(state_, number), asio::detached);
    return true;
}

void Gateway::stop_listening() {
    state_->stopped = true;
    for (Acceptor& acceptor : state_->acceptors) acceptor.close();
}

void Gateway::abort() {
    for (const auto& [number, both] : state_->conversations) both->abort();
}

std::size_t Gateway::active() const noexcept { return state_->conversations.size(); }

std::size_t Gateway::unanswered() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(state_->conversations, [](const auto& entry) { return !entry.second->outward_ended; }));
}

Address Gateway::outside_of(const Address& inside) const {
    const auto found = state_->outside_of.find(inside);
    return found == state_->outside_of.end() ? inside : found->second.remote;
}

std::optional<Address> Gateway::found_at(const Address& inside) const {
    const auto found = state_->outside_of.find(inside);
    return found == state_->outside_of.end() ? std::nullopt : std::optional(found->second.local);
}

const GatewayCounters& Gateway::counters() const noexcept { return state_->counters; }

}  // namespace strata::session
