#include "strata/5_session/gateway/datagram_relay.hpp"

#include <list>
#include <map>
#include <vector>

#include "strata/5_session/gateway/hearing_socket.hpp"

namespace strata::session {
namespace {

constexpr Duration rest_after_error = 100ms;

struct Door {
    HearingSocket ear;
    Address service;
    Address outside;  // where it was opened, without its port
    Timer rest;
};

// A port of the service that answers a flow, and what the client knows it by.
struct Way {
    HearingSocket ear;
    Address service;
};

struct Flow {
    Flow(std::shared_ptr<Door> of, const Address& from, HearingSocket inside)
        : door(std::move(of)), client(from), ear(std::move(inside)) {}
    std::shared_ptr<Door> door;
    Address client;
    HearingSocket ear;  // inside
    std::map<Address, std::shared_ptr<Way>> ways;
    Instant heard;  // last
    bool answered = false;
    bool settled = false;  // the client has sent something after an answer: its address is its own
};

}  // namespace

struct DatagramRelay::State : std::enable_shared_from_this<State> {
    using Flows = std::list<std::shared_ptr<Flow>>;
    using Key = std::pair<const Door*, Address>;

    State(Network& outside_network, Network& inside_network, const IpAddress& own, const Options& given)
        : outside(outside_network),
          inside(inside_network),
          inside_own(own),
          options(given),
          timer(outside.make_timer()) {}

    // --- what is heard, and where it goes; each hears the next when it has sent this
    void hear(const std::shared_ptr<Door>& door);
    void hear(const std::shared_ptr<Flow>& flow);
    void hear(const std::shared_ptr<Flow>& flow, const std::shared_ptr<Way>& way);
    void rest(const std::shared_ptr<Door>& door);
    template <typename Next>
    void send(Datagram& socket, asio::const_buffer bytes, const Address& to, std::uint64_t& counter, Next next);

    // --- flows
    std::shared_ptr<Flow> flow_of(const std::shared_ptr<Door>& door, const Address& client);
    std::shared_ptr<Flow> make_flow(const std::shared_ptr<Door>& door, const Address& client);
    std::shared_ptr<Way> way_of(const std::shared_ptr<Flow>& flow, const Address& service);
    bool make_room();
    // One whose sockets fail: its client begins anew.
    void give_up(const std::shared_ptr<Flow>& flow);
    void end(Flows& list, Flows::iterator flow);
    void touch(const std::shared_ptr<Flow>& flow, bool from_client);
    [[nodiscard]] Flows& list_of(const Flow& flow) { return flow.settled ? settled : strangers; }
    void watch();
    void expire();

    Network& outside;
    Network& inside;
    IpAddress inside_own;
    Options options;
    DatagramRelayCounters counters;
    std::list<std::shared_ptr<Door>> doors;
    Flows strangers, settled;  // those that were idle longest first
    std::map<Key, Flows::iterator> by_client;
    std::map<IpAddress, std::size_t> of_address;  // how many flows
    std::map<Address, Address> clients;           // by the inside's own address
    Timer timer;
    bool watching = false;
    bool stopped = false;
};

// ------------------------------------------------------------------------------------------------ datagrams

template <typename Next>
void DatagramRelay::State::send(Datagram& socket, asio::const_buffer bytes, const Address& to, std::uint64_t& counter,
                                Next next) {
    socket.async_send_to(bytes, to,
                         [self = shared_from_this(), &counter, next = std::move(next)](error_code error, std::size_t) {
                             ++(error ? self->counters.undelivered : counter);
                             if (!self->stopped) next();
                         });
}

void DatagramRelay::State::hear(const std::shared_ptr<Door>& door) {
    door->ear.socket.async_receive_from(
        door->ear.room(), [self = shared_from_this(), door](error_code error, std::size_t size, const Address& client) {
            if (self->stopped || was_closed(error)) return;
            if (error) return self->rest(door);
            const auto flow = self->flow_of(door, client);
            if (!flow) return self->hear(door);
            self->touch(flow, true);
            // The flow may end meanwhile: its socket lives until then.
            self->send(flow->ear.socket, door->ear.heard(size), door->service, self->counters.datagrams_in,
                       [self, door, flow] { self->hear(door); });
        });
}

// A door whose socket fails is tried again, and not without end at once.
void DatagramRelay::State::rest(const std::shared_ptr<Door>& door) {
    ++counters.undelivered;
    door->rest.expires_after(rest_after_error);
    door->rest.async_wait([self = shared_from_this(), door](error_code error) {
        if (!error && !self->stopped) self->hear(door);
    });
}

void DatagramRelay::State::hear(const std::shared_ptr<Flow>& flow) {
    flow->ear.socket.async_receive_from(
        flow->ear.room(), [self = shared_from_this(), flow](error_code error, std::size_t size, const Address& from) {
            if (self->stopped || was_closed(error)) return;
            if (error) return self->give_up(flow);
            const auto again = [self, flow] { self->hear(flow); };
            const bool by_door = from == flow->door->service;
            const auto way = by_door ? nullptr : self->way_of(flow, from);
            if (!by_door && !way) return again();
            self->touch(flow, false);
            Datagram& by = by_door ? flow->door->ear.socket : way->ear.socket;
            self->send(by, flow->ear.heard(size), flow->client, self->counters.datagrams_out, again);
        });
}

void DatagramRelay::State::hear(const std::shared_ptr<Flow>& flow, const std::shared_ptr<Way>& way) {
    way->ear.socket.async_receive_from(way->ear.room(), [self = shared_from_this(), flow, way](
                                                            error_code error, std::size_t size, const Address& from) {
        if (self->stopped || was_closed(error)) return;
        if (error) return self->give_up(flow);
        const auto again = [self, flow, way] { self->hear(flow, way); };
        if (from != flow->client) {
            ++self->counters.strangers;
            return again();
        }
        self->touch(flow, true);
        self->send(flow->ear.socket, way->ear.heard(size), way->service, self->counters.datagrams_in, again);
    });
}

// ------------------------------------------------------------------------------------------------ flows

std::shared_ptr<Flow> DatagramRelay::State::flow_of(const std::shared_ptr<Door>& door, const Address& client) {
    const auto found = by_client.find({door.get(), client});
    if (found != by_client.end()) return *found->second;
    auto made = make_flow(door, client);
    if (!made) ++counters.refused;
    return made;
}

std::shared_ptr<Flow> DatagramRelay::State::make_flow(const std::shared_ptr<Door>& door, const Address& client) {
    const auto of_this = of_address.find(client.endpoint().address);
    if (of_this != of_address.end() && of_this->second >= options.flows_per_address_max) return nullptr;
    if (by_client.size() >= options.flows_max && !make_room()) return nullptr;
    error_code error;
    Datagram socket = inside.open_datagram(Address{inside_own, 0}, error);
    if (error) return nullptr;
    auto flow = std::make_shared<Flow>(door, client, HearingSocket{std::move(socket), options.datagram_max});
    flow->heard = outside.now();
    by_client[{door.get(), client}] = strangers.insert(strangers.end(), flow);
    ++of_address[client.endpoint().address];
    clients[flow->ear.socket.local()] = client;
    ++counters.flows;
    hear(flow);
    watch();
    return flow;
}

// A stranger's, or one that has been silent for a while.
bool DatagramRelay::State::make_room() {
    const bool idle = !settled.empty() && settled.front()->heard + options.settled <= outside.now();
    if (strangers.empty() && !idle) return false;
    Flows& list = strangers.empty() ? settled : strangers;
    end(list, list.begin());
    ++counters.evicted;
    return true;
}

std::shared_ptr<Way> DatagramRelay::State::way_of(const std::shared_ptr<Flow>& flow, const Address& service) {
    const auto found = flow->ways.find(service);
    if (found != flow->ways.end()) return found->second;
    const bool of_service = service.endpoint().address == flow->door->service.endpoint().address;
    if (!of_service || flow->ways.size() >= options.ways_max) {
        ++counters.strangers;
        return nullptr;
    }
    error_code error;
    Datagram socket = outside.open_datagram(flow->door->outside, error);
    if (error) {
        ++counters.undelivered;
        return nullptr;
    }
    auto way = std::make_shared<Way>(HearingSocket{std::move(socket), options.datagram_max}, service);
    flow->ways[service] = way;
    hear(flow, way);
    return way;
}

void DatagramRelay::State::give_up(const std::shared_ptr<Flow>& flow) {
    ++counters.undelivered;
    const auto place = by_client.find({flow->door.get(), flow->client});
    if (place != by_client.end() && *place->second == flow) end(list_of(*flow), place->second);
}

void DatagramRelay::State::touch(const std::shared_ptr<Flow>& flow, bool from_client) {
    const auto place = by_client.find({flow->door.get(), flow->client});
    if (place == by_client.end() || *place->second != flow) return;  // it has ended
    Flows& before = list_of(*flow);
    flow->heard = outside.now();
    flow->settled = flow->settled || (from_client && flow->answered);
    flow->answered = flow->answered || !from_client;
    Flows& now = list_of(*flow);
    now.splice(now.end(), before, place->second);
}

void DatagramRelay::State::end(Flows& list, Flows::iterator place) {
    const std::shared_ptr<Flow> flow = *place;
    const auto count = of_address.find(flow->client.endpoint().address);
    if (--count->second == 0) of_address.erase(count);
    clients.erase(flow->ear.socket.local());
    by_client.erase({flow->door.get(), flow->client});
    list.erase(place);
    flow->ear.socket.close();
    for (const auto& [service, way] : flow->ways) way->ear.socket.close();
}

// One timer for the flow that has been idle longest.
void DatagramRelay::State::watch() {
    if (watching || stopped || (strangers.empty() && settled.empty())) return;
    Instant oldest = never;
    for (const Flows* list : {&strangers, &settled}) {
        if (!list->empty()) oldest = std::min(oldest, list->front()->heard);
    }
    watching = true;
    timer.expires_after(std::max(oldest + options.idle_max - outside.now(), Duration{1}));
    timer.async_wait([self = shared_from_this()](error_code error) {
        self->watching = false;
        if (error || self->stopped) return;
        self->expire();
        self->watch();
    });
}

void DatagramRelay::State::expire() {
    const Instant since = outside.now() - options.idle_max;
    for (Flows* list : {&strangers, &settled}) {
        for (; !list->empty() && list->front()->heard <= since; ++counters.expired) end(*list, list->begin());
    }
}

// ------------------------------------------------------------------------------------------------ the relay

DatagramRelay::DatagramRelay(Network& outside, Network& inside, const IpAddress& inside_own, Options options)
    : state_(std::make_shared<State>(outside, inside, inside_own, options)) {}

DatagramRelay::~DatagramRelay() { abort(); }

Address DatagramRelay::carry(const Address& outside_address, const Address& service, error_code& error) {
    Datagram socket = state_->outside.open_datagram(outside_address, error);
    if (error) return {};
    const Address local = socket.local();
    auto door = std::make_shared<Door>(HearingSocket{std::move(socket), state_->options.datagram_max}, service,
                                       Address{outside_address.endpoint().address, 0}, state_->outside.make_timer());
    state_->doors.push_back(door);
    state_->hear(door);
    return local;
}

void DatagramRelay::abort() {
    state_->stopped = true;
    state_->timer.cancel();
    for (auto* list : {&state_->strangers, &state_->settled}) {
        while (!list->empty()) state_->end(*list, list->begin());
    }
    for (const auto& door : state_->doors) {
        door->rest.cancel();
        door->ear.socket = {};
    }
    state_->doors.clear();
}

std::size_t DatagramRelay::flows() const noexcept { return state_->by_client.size(); }

Address DatagramRelay::outside_of(const Address& inside) const {
    const auto found = state_->clients.find(inside);
    return found == state_->clients.end() ? inside : found->second;
}

const DatagramRelayCounters& DatagramRelay::counters() const noexcept { return state_->counters; }

}  // namespace strata::session
