#include "strata/5_session/gateway/outward_relay.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "strata/5_session/asio/translated.hpp"
#include "strata/5_session/gateway/hearing_socket.hpp"

namespace strata::session {
namespace {

using SharedSocket = std::shared_ptr<HearingSocket>;

}  // namespace

// A peer outside, and the port of the front that the inside knows it by.
struct OutwardRelay::Way {
    Address peer;
    SharedSocket front;
    bool was_asked = false;  // something was sent to it, not only heard from it
    Instant used;
};

struct OutwardRelay::Flow {
    std::uint16_t inner_port = 0;
    std::optional<Address> inner;         // the socket inside, as the front sees it
    SharedSocket outside_v4, outside_v6;  // opened when they are needed
    std::map<Address, std::shared_ptr<Way>> by_peer;
    std::map<std::uint16_t, std::shared_ptr<Way>> by_port;  // of the front
    std::optional<Timer> last;                              // the socket is closed
    bool ended = false;

    [[nodiscard]] SharedSocket& outside_of(const Address& peer) {
        return peer.endpoint().address.is_v4() ? outside_v4 : outside_v6;
    }
};

struct OutwardRelay::State : std::enable_shared_from_this<State> {
    using SharedFlow = std::shared_ptr<Flow>;
    using SharedWay = std::shared_ptr<Way>;

    State(Network& front_network, Network& outside_network, IpPrefix inside_prefix, IpAddress address,
          const Options& given)
        : front(front_network),
          outside(outside_network),
          inside(inside_prefix),
          front_address(address),
          options(given),
          timer(front_network.make_timer()) {}

    // --- what a socket inside asks for
    SharedFlow begin(std::uint16_t inner_port);
    // The front's port for this peer. Nothing: it can't be had.
    std::optional<Address> way_to(const SharedFlow& flow, const Address& peer);
    void leave(const SharedFlow& flow);
    void end(const SharedFlow& flow);

    // --- what is heard; each hears the next when it has sent this
    void hear_outside(const SharedFlow& flow, const SharedSocket& socket);
    void hear_inside(const SharedFlow& flow, const SharedWay& way);
    template <typename Next>
    void send(Datagram& socket, asio::const_buffer bytes, const Address& to, std::uint64_t& counter, Next next);

    // --- ways
    SharedWay way_of_answer(const SharedFlow& flow, const Address& peer);
    SharedWay make_way(const SharedFlow& flow, const Address& peer);
    bool open_outside(const SharedFlow& flow, const Address& peer);
    void make_room(Flow& flow);
    void forget(Flow& flow, const SharedWay& way);
    void watch();
    void expire();

    Network& front;
    Network& outside;
    IpPrefix inside;
    IpAddress front_address;
    Options options;
    OutwardRelayCounters counters;
    std::list<SharedFlow> flows;
    Timer timer;
    bool watching = false;
    bool stopped = false;
};

// ------------------------------------------------------------------------------------------------ flows and ways

std::shared_ptr<OutwardRelay::Flow> OutwardRelay::State::begin(std::uint16_t inner_port) {
    if (stopped || flows.size() >= options.flows_max) return nullptr;
    auto flow = std::make_shared<Flow>();
    flow->inner_port = inner_port;
    flows.push_back(flow);
    ++counters.flows;
    return flow;
}

std::optional<Address> OutwardRelay::State::way_to(const SharedFlow& flow, const Address& peer) {
    if (flow->ended) return std::nullopt;
    const auto found = flow->by_peer.find(peer);
    const SharedWay way = found != flow->by_peer.end() ? found->second : make_way(flow, peer);
    if (!way || !open_outside(flow, peer)) return std::nullopt;
    way->was_asked = true;
    way->used = front.now();
    return Address{front_address, number_of(way->front->socket.local().endpoint().port)};
}

// Of a host that was asked, from whichever port.
std::shared_ptr<OutwardRelay::Way> OutwardRelay::State::way_of_answer(const SharedFlow& flow, const Address& peer) {
    const auto found = flow->by_peer.find(peer);
    if (found != flow->by_peer.end()) return found->second;
    const bool was_asked = std::ranges::any_of(flow->by_peer, [&](const auto& known) {
        return known.second->was_asked && known.first.endpoint().address == peer.endpoint().address;
    });
    if (!was_asked || flow->by_peer.size() >= options.ways_max) return nullptr;
    return make_way(flow, peer);
}

std::shared_ptr<OutwardRelay::Way> OutwardRelay::State::make_way(const SharedFlow& flow, const Address& peer) {
    if (flow->by_peer.size() >= options.ways_max) make_room(*flow);
    error_code error;
    Datagram socket = front.open_datagram(Address{front_address, 0}, error);
    if (error) return nullptr;
    auto way = std::make_shared<Way>();
    way->peer = peer;
    way->front = std::make_shared<HearingSocket>(std::move(socket), options.datagram_max);
    way->used = front.now();
    flow->by_peer[peer] = way;
    flow->by_port[number_of(way->front->socket.local().endpoint().port)] = way;
    hear_inside(flow, way);
    watch();
    return way;
}

bool OutwardRelay::State::open_outside(const SharedFlow& flow, const Address& peer) {
    SharedSocket& socket = flow->outside_of(peer);
    if (socket) return true;
    const bool is_v4 = peer.endpoint().address.is_v4();
    error_code error;
    Datagram opened =
        outside.open_datagram(Address{is_v4 ? IpAddress{Ipv4Address::any()} : IpAddress{Ipv6Address{}}, 0}, error);
    if (error) return false;
    socket = std::make_shared<HearingSocket>(std::move(opened), options.datagram_max);
    hear_outside(flow, socket);
    return true;
}

// Of those that were only heard from, the one that is idle longest; else of all.
void OutwardRelay::State::make_room(Flow& flow) {
    const auto oldest = std::ranges::min_element(
        flow.by_peer, {}, [](const auto& known) { return std::pair(known.second->was_asked, known.second->used); });
    ++counters.evicted;
    forget(flow, SharedWay(oldest->second));
}

void OutwardRelay::State::forget(Flow& flow, const SharedWay& way) {
    flow.by_port.erase(number_of(way->front->socket.local().endpoint().port));
    flow.by_peer.erase(way->peer);
    way->front->socket.close();
}

void OutwardRelay::State::leave(const SharedFlow& flow) {
    if (stopped || flow->ended || flow->last) return;
    flow->last.emplace(front.make_timer());
    flow->last->expires_after(options.linger);
    flow->last->async_wait([self = shared_from_this(), flow](error_code) { self->end(flow); });
}

void OutwardRelay::State::end(const SharedFlow& flow) {
    if (std::exchange(flow->ended, true)) return;
    flow->last.reset();
    while (!flow->by_peer.empty()) forget(*flow, SharedWay(flow->by_peer.begin()->second));
    for (const SharedSocket& socket : {flow->outside_v4, flow->outside_v6}) {
        if (socket) socket->socket.close();
    }
    flows.remove(flow);
}

// One timer for the way that has been idle longest.
void OutwardRelay::State::watch() {
    if (watching || stopped) return;
    Instant oldest = never;
    for (const SharedFlow& flow : flows) {
        for (const auto& [peer, way] : flow->by_peer) oldest = std::min(oldest, way->used);
    }
    if (oldest == never) return;
    watching = true;
    timer.expires_after(std::max(oldest + options.idle_max - front.now(), Duration{1}));
    timer.async_wait([self = shared_from_this()](error_code error) {
        self->watching = false;
        if (error || self->stopped) return;
        self->expire();
        self->watch();
    });
}

void OutwardRelay::State::expire() {
    const Instant since = front.now() - options.idle_max;
    for (const SharedFlow& flow : flows) {
        std::vector<SharedWay> idle;
        for (const auto& [peer, way] : flow->by_peer) {
            if (way->used <= since) idle.push_back(way);
        }
        for (const SharedWay& way : idle) forget(*flow, way);
        counters.expired += idle.size();
    }
}

// ------------------------------------------------------------------------------------------------ datagrams

template <typename Next>
void OutwardRelay::State::send(Datagram& socket, asio::const_buffer bytes, const Address& to, std::uint64_t& counter,
                               Next next) {
    socket.async_send_to(bytes, to,
                         [self = shared_from_this(), &counter, next = std::move(next)](error_code error, std::size_t) {
                             ++(error ? self->counters.undelivered : counter);
                             if (!self->stopped) next();
                         });
}

void OutwardRelay::State::hear_inside(const SharedFlow& flow, const SharedWay& way) {
    way->front->socket.async_receive_from(
        way->front->room(),
        [self = shared_from_this(), flow, way](error_code error, std::size_t size, const Address& from) {
            if (self->stopped || was_closed(error)) return;
            const auto again = [self, flow, way] { self->hear_inside(flow, way); };
            if (error) {
                ++self->counters.undelivered;
                return self->forget(*flow, way);
            }
            const bool is_inner = flow->inner ? from == *flow->inner
                                              : number_of(from.endpoint().port) == flow->inner_port &&
                                                    self->inside.contains(from.endpoint().address);
            const SharedSocket by = flow->outside_of(way->peer);
            if (!is_inner || !by) {
                ++self->counters.strangers;
                return again();
            }
            flow->inner = from;
            way->used = self->front.now();
            self->send(by->socket, way->front->heard(size), way->peer, self->counters.datagrams_out, again);
        });
}

void OutwardRelay::State::hear_outside(const SharedFlow& flow, const SharedSocket& socket) {
    socket->socket.async_receive_from(socket->room(), [self = shared_from_this(), flow, socket](
                                                          error_code error, std::size_t size, const Address& from) {
        if (self->stopped || was_closed(error)) return;
        if (error) {
            // The next one that is sent opens another.
            ++self->counters.undelivered;
            socket->socket.close();
            flow->outside_of(socket == flow->outside_v4 ? Address{Ipv4Address::any(), 0}
                                                        : Address{IpAddress{Ipv6Address{}}, 0}) = nullptr;
            return;
        }
        const auto again = [self, flow, socket] { self->hear_outside(flow, socket); };
        const SharedWay way = flow->inner && !flow->last ? self->way_of_answer(flow, from) : nullptr;
        if (!way) {
            ++self->counters.strangers;
            return again();
        }
        way->used = self->front.now();
        self->send(way->front->socket, socket->heard(size), *flow->inner, self->counters.datagrams_in, again);
    });
}

// ------------------------------------------------------------------------------------------------ a socket inside

// It is the inner one, but for what leads outside.
class OutwardRelay::Socket final : public DatagramImplementation {
public:
    Socket(std::shared_ptr<State> relay, Datagram inner) : body_(std::make_shared<Body>()) {
        body_->relay = std::move(relay);
        body_->inner = std::move(inner);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() override { close(); }

    asio::any_io_executor get_executor() const override { return body_->inner.get_executor(); }
    void start_receive(asio::mutable_buffer buffer, ReceiveHandler handler) override {
        receive(body_, buffer, std::move(handler));
    }
    void start_send(asio::const_buffer buffer, const Address& to, SendHandler handler) override {
        const Address& peer = to == Address{} && body_->peer ? *body_->peer : to;
        if (stays(peer)) return (void)body_->inner.async_send_to(buffer, peer, std::move(handler));
        const auto by = way_to(peer);
        if (!by) return handler.complete(asio::error::no_buffer_space, 0);
        body_->inner.async_send_to(buffer, *by, std::move(handler));
    }
    std::size_t send_at_once(std::span<const Bytes> datagrams, const Address& to) override {
        const Address& peer = to == Address{} && body_->peer ? *body_->peer : to;
        if (stays(peer)) return body_->inner.send_at_once(datagrams, peer);
        const auto by = way_to(peer);
        return by ? body_->inner.send_at_once(datagrams, *by) : 0;
    }
    // What the outside's ICMP says is not carried.
    error_code connect(const Address& remote) override {
        body_->peer.reset();
        if (stays(remote)) return body_->inner.connect(remote);
        body_->peer = remote;
        return {};
    }
    void set_broadcast(bool allowed) override { body_->inner.set_broadcast(allowed); }
    error_code set_ttl(std::uint8_t ttl) override { return body_->inner.set_ttl(ttl); }
    error_code set_traffic_class(std::uint8_t traffic_class) override {
        return body_->inner.set_traffic_class(traffic_class);
    }
    error_code set_fragmentation(Fragmentation how) override { return body_->inner.set_fragmentation(how); }
    error_code join_group(const GroupMembership& membership) override { return body_->inner.join_group(membership); }
    error_code leave_group(const GroupMembership& membership) override { return body_->inner.leave_group(membership); }
    error_code set_multicast_ttl(std::uint8_t ttl) override { return body_->inner.set_multicast_ttl(ttl); }
    error_code set_multicast_loop(bool loop) override { return body_->inner.set_multicast_loop(loop); }
    error_code set_multicast_interface(const IpAddress& own) override {
        return body_->inner.set_multicast_interface(own);
    }
    error_code bind_to_interface(const std::string& name) override { return body_->inner.bind_to_interface(name); }
    void cancel() override { body_->inner.cancel(); }
    void close() override {
        if (body_->flow) body_->relay->leave(body_->flow);
        body_->inner.close();
    }
    Address local() const override { return body_->inner.local(); }

private:
    // What an operation that waits may find gone.
    struct Body {
        std::shared_ptr<State> relay;
        Datagram inner;
        std::shared_ptr<Flow> flow;   // once something was sent outside
        std::optional<Address> peer;  // outside, that it is connected to
    };

    [[nodiscard]] bool stays(const Address& to) const {
        if (to.is_unix() || to == Address{}) return true;
        const IpAddress& address = to.endpoint().address;
        return address.is_multicast() || address.is_broadcast() || address.is_any() ||
               body_->relay->inside.contains(address);
    }
    std::optional<Address> way_to(const Address& peer) {
        State& relay = *body_->relay;
        if (!body_->flow) body_->flow = relay.begin(number_of(body_->inner.local().endpoint().port));
        const auto by = body_->flow ? relay.way_to(body_->flow, peer) : std::nullopt;
        if (!by) ++relay.counters.refused;
        return by;
    }
    // Others than peers outside are who they are: the front itself, say, and who comes by it.
    static Address peer_behind(const Body& body, const Address& from) {
        if (!body.flow || from.is_unix() || from.endpoint().address != body.relay->front_address) return from;
        const auto found = body.flow->by_port.find(number_of(from.endpoint().port));
        return found == body.flow->by_port.end() ? from : found->second->peer;
    }
    static void receive(const std::shared_ptr<Body>& body, asio::mutable_buffer buffer, ReceiveHandler handler) {
        auto complete = [weak = std::weak_ptr(body), buffer](ReceiveHandler given, error_code error, std::size_t size,
                                                             const Address& from) {
            const auto self = weak.lock();
            if (error || !self) return given(self ? error : error_code{asio::error::operation_aborted}, size, from);
            const Address peer = peer_behind(*self, from);
            if (self->peer && peer != *self->peer) return receive(self, buffer, std::move(given));
            given(error, size, peer);
        };
        body->inner.async_receive_from(buffer, Translated(std::move(handler), std::move(complete)));
    }

    std::shared_ptr<Body> body_;
};

// ------------------------------------------------------------------------------------------------ the relay

OutwardRelay::OutwardRelay(Network& front, Network& outside, IpPrefix inside, IpAddress front_address, Options options)
    : state_(std::make_shared<State>(front, outside, inside, front_address, options)) {}

OutwardRelay::~OutwardRelay() {
    state_->stopped = true;
    state_->timer.cancel();
    while (!state_->flows.empty()) state_->end(std::shared_ptr<Flow>(state_->flows.front()));
}

Datagram OutwardRelay::over(Datagram inner) { return Datagram{std::make_unique<Socket>(state_, std::move(inner))}; }

std::size_t OutwardRelay::flows() const noexcept { return state_->flows.size(); }

std::size_t OutwardRelay::ways() const noexcept {
    std::size_t count = 0;
    for (const auto& flow : state_->flows) count += flow->by_peer.size();
    return count;
}

const OutwardRelayCounters& OutwardRelay::counters() const noexcept { return state_->counters; }

}  // namespace strata::session
