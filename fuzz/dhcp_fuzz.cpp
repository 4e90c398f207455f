// Any bytes as DHCP messages: what is read is written and read again as the same; to a server,
// which keeps to its plan; and to a client that asks.
// links: application
#include <algorithm>
#include <cstdlib>

#include "strata/7_application/dhcp/client/client.hpp"
#include "strata/7_application/dhcp/server/server.hpp"
#include "tests/support/network.hpp"

namespace {

using namespace strata;
namespace dhcp = application::dhcp;
using dhcp::Message;
using dhcp::MessageType;

constexpr Ipv4Address own{10, 0, 0, 1};

void require(bool holds) {
    if (!holds) std::abort();
}

// What names may be in a message that was read may be too long to be written.
void write_and_read_again(const Message& message) {
    constexpr std::size_t longest = 65507;
    const auto bytes = message.serialize(longest);
    if (!bytes)
        return require(message.file.size() > Message::file_size_max ||
                       message.sname.size() > Message::server_name_size_max);
    const auto again = Message::parse(*bytes);
    require(again && *again == message);
    const auto shorter = message.serialize();
    if (!shorter) return;
    require(shorter->size() <= Message::size_assured);
    const auto from_shorter = Message::parse(*shorter);
    require(from_shorter && *from_shorter == message);
}

dhcp::ServerPlan example_plan() {
    dhcp::ServerPlan plan;
    plan.own = {own, 24};
    plan.ranges = {{{10, 0, 0, 100}, {10, 0, 0, 103}}};
    plan.reservations = {{MacAddress{{2, 0, 0, 0, 0, 7}}, Ipv4Address{10, 0, 0, 7}}};
    plan.routers = {own};
    plan.boot_files.otherwise = "boot";
    plan.boot_files.by_architecture[7] = "boot.efi";
    return plan;
}

void check_reply(const dhcp::Reply& reply, const dhcp::ServerPlan& plan) {
    const Message& message = reply.message;
    const auto type = message.type();
    require(message.op == Message::Operation::reply && message.serialize(reply.bytes_max).has_value());
    require(type == MessageType::offer || type == MessageType::ack || type == MessageType::nak);
    require(reply.to.is_broadcast() || plan.can_give(reply.to));
    require(message.yiaddr.is_any() || plan.can_give(message.yiaddr));
    require(type != MessageType::nak || message.yiaddr.is_any());
}

struct Asker final : dhcp::ClientUser {
    void send(const Message& message, Ipv4Address) override {
        last = message;
        ++sent;
    }
    void lease_acquired(const dhcp::Lease& lease) override { taken(lease); }
    void lease_extended(const dhcp::Lease& lease) override { taken(lease); }
    void lease_lost(const dhcp::Lease&, dhcp::Loss) override {}
    static void taken(const dhcp::Lease& lease) {
        require(lease.renews_at <= lease.rebinds_at && lease.rebinds_at <= lease.expires_at);
        require(!lease.address.address.is_any() && lease.address.length >= 1 && lease.address.length <= 32);
    }
    Message last;
    std::uint64_t sent = 0;
};

}  // namespace

// Messages, each after two bytes of length and one that says what happens: to the server, to the
// client as it is, to the client as an answer to what it said last; time passes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes input{reinterpret_cast<const std::byte*>(data), size};
    test::World world;
    dhcp::Server server{world.entropy, example_plan(), [](const std::string&) {}};
    Asker asker;
    dhcp::Client client{world.scheduler, world.entropy, asker, {.identity = {.mac = MacAddress{{2, 0, 0, 0, 0, 9}}}}};
    client.start();
    const Instant began = world.scheduler.now();
    while (input.size() >= 3) {
        const std::size_t length = std::min<std::size_t>(load_be16(input.data()), input.size() - 3);
        const auto action = load_u8(input.data() + 2);
        auto message = Message::parse(input.subspan(3, length));
        input = input.subspan(3 + length);
        world.run_for(std::chrono::seconds{action >> 2});
        if (!message) continue;
        write_and_read_again(*message);
        if (action % 4 < 2) {
            const auto reply = server.answer(*message, world.scheduler.now());
            if (reply) check_reply(*reply, server.plan());
            require(server.leases().bound(world.scheduler.now()) <= 4);
        } else {
            if (action % 4 == 3) {
                message->xid = asker.last.xid;
                message->chaddr = asker.last.chaddr;
            }
            client.deliver(*message);
        }
        if (action == 0xff) client.decline();
    }
    // Each message that it is told makes it say one at most, and else it waits three seconds.
    const auto seconds = static_cast<std::uint64_t>(seconds_of(world.scheduler.now() - began));
    require(asker.sent <= 2 + seconds + 2 * size / Message::header_size);
    client.release();
    return 0;
}
