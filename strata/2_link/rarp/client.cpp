#include "strata/2_link/rarp/client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "strata/2_link/rarp/table.hpp"

namespace strata::link {

RarpClient::RarpClient(Context context, Service& link, RarpClientOptions options)
    : context_(context), link_(link), options_(options), timer_([this] { due(); }) {}

RarpClient::~RarpClient() {
    if (asking()) link_.attach(EtherType::rarp, nullptr);
}

void RarpClient::ask(Handler handler) {
    handler_ = std::move(handler);
    requests_ = 0;
    wait_ = std::min(options_.first_wait, options_.wait_max);
    link_.attach(EtherType::rarp, this);
    request();
}

// Machines that are switched on together, after a power failure, ask
// together: chance takes them apart.
void RarpClient::request() {
    ++requests_;
    ++counters_.rarpOutRequests;
    const auto half = static_cast<std::uint64_t>((wait_ / 2).count());
    const Duration jitter{static_cast<Duration::rep>(context_.entropy.below(half + 1))};
    context_.scheduler.arm_after(timer_, wait_ - wait_ / 4 + jitter);
    wait_ = wait_ > options_.wait_max / 2 ? options_.wait_max : wait_ * 2;
    Packet packet = Packet::make(context_.pool, link_.features().headroom, ArpPacket::size);
    ArpPacket{.operation = ArpPacket::Operation::reverse_request,
              .sender_mac = link_.mac_address(),
              .sender_ip = {},
              .target_mac = link_.mac_address(),
              .target_ip = {}}
        .write(packet.extend(ArpPacket::size));
    link_.send_to(std::move(packet), EtherType::rarp, MacAddress::broadcast());
}

void RarpClient::due() { requests_ < options_.requests_max ? request() : finish(fail(Error::timed_out)); }

void RarpClient::deliver(Packet packet, const Arrival&) {
    std::array<std::byte, ArpPacket::size> bytes{};
    const std::size_t size = packet.copy_to(bytes);
    const auto reply = ArpPacket::parse_reverse(Bytes{bytes}.first(size));
    if (!reply) return drop(packet, &RarpClientCounters::rarpInInvalid);
    if (reply->operation != ArpPacket::Operation::reverse_reply || reply->target_mac != link_.mac_address()) {
        return drop(packet, &RarpClientCounters::rarpInOthers);
    }
    if (!asking()) return drop(packet, &RarpClientCounters::rarpInUnasked);
    if (reply->sender_mac == link_.mac_address() || !can_be_a_hosts(reply->target_ip)) {
        return drop(packet, &RarpClientCounters::rarpInInvalid);
    }
    ++counters_.rarpInReplies;
    context_.traced(Floor::link, Direction::up, Verdict::passed, &RarpClientCounters::rarpInReplies, packet);
    finish(RarpAnswer{.address = reply->target_ip, .server = reply->sender_ip, .server_mac = reply->sender_mac});
}

void RarpClient::finish(Result<RarpAnswer> answer) {
    context_.scheduler.cancel(timer_);
    link_.attach(EtherType::rarp, nullptr);
    Handler handler = std::exchange(handler_, nullptr);
    handler(answer);  // may destroy this
}

void RarpClient::drop(const Packet& packet, CounterOf<RarpClientCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
