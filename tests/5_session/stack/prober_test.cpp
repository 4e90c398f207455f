// Probes by our own UDP and TCP over a way of routers: who answers what, what is not believed, and
// where its bounds are.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>

#include "strata/0_foundation/bytes.hpp"
#include "tests/support/router_chain.hpp"

namespace strata::session {
namespace {

struct Told {
    int times = 0;
    error_code error;
    ProbeReply reply;
};

struct StackProbes : test::RouterChain {
    error_code opened;
    std::optional<Prober> prober = near.network().open_prober(opened);

    [[nodiscard]] static ProbeRequest request(ProbeKind kind, std::uint8_t ttl, std::uint16_t port = 33434) {
        return {.destination = {far_address, PortNumber{port}}, .kind = kind, .ttl = ttl, .timeout = 3s};
    }
    [[nodiscard]] auto into(Told& told) {
        return [&told](error_code error, const ProbeReply& reply) {
            ++told.times;
            told.error = error;
            told.reply = reply;
        };
    }
    Told ask(const ProbeRequest& what) {
        Told told;
        prober->async_probe(what, into(told));
        lab.run_for(10s);
        EXPECT_EQ(told.times, 1);
        return told;
    }
};

TEST_F(StackProbes, TellWhoAnsweredAndWhen) {
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp}) {
        (void)ask(request(kind, 64));  // hardware addresses are known then
        for (std::uint8_t ttl = 1; ttl <= 3; ++ttl) {
            const Told told = ask(request(kind, ttl));
            EXPECT_FALSE(told.error);
            EXPECT_EQ(told.reply.answer, ProbeAnswer::error);
            EXPECT_EQ(told.reply.from, IpAddress(hops[ttl - 1]));
            EXPECT_EQ(told.reply.icmp, (network::IcmpTypeCode{11, 0}));
            EXPECT_EQ(told.reply.round_trip, ttl * 2ms);
        }
    }
}

TEST_F(StackProbes, ReachTheHost) {
    const Told closed = ask(request(ProbeKind::udp, 64));
    EXPECT_EQ(closed.reply.answer, ProbeAnswer::error);
    EXPECT_EQ(closed.reply.icmp, (network::IcmpTypeCode{3, 3}));
    EXPECT_EQ(closed.reply.from, IpAddress(far_address));
    const Told refused = ask(request(ProbeKind::tcp, 64, 80));
    EXPECT_EQ(refused.reply.answer, ProbeAnswer::refused);
    EXPECT_EQ(refused.reply.from, IpAddress(far_address));
    Acceptor acceptor = far.network().listen({far_address, 80});
    const Told accepted = ask(request(ProbeKind::tcp, 64, 80));
    EXPECT_EQ(accepted.reply.answer, ProbeAnswer::accepted);
    EXPECT_EQ(near.tcp().connections(), 0u) << "reset at once";
    lab.run_for(1s);
    EXPECT_EQ(far.tcp().connections(), 0u) << "the host does not wait for more";
}

TEST_F(StackProbes, ADatagramIsAnAnswer) {
    Datagram service = far.network().open_datagram({far_address, 33434});
    std::array<std::byte, 100> buffer{};
    service.async_receive_from(asio::buffer(buffer), [&](error_code, std::size_t count, const Address& from) {
        EXPECT_EQ(count, 32u);
        service.async_send_to(asio::buffer(buffer, count), from, [](error_code, std::size_t) {});
    });
    const Told told = ask(request(ProbeKind::udp, 64));
    EXPECT_EQ(told.reply.answer, ProbeAnswer::datagram);
    EXPECT_EQ(told.reply.from, IpAddress(far_address));
}

TEST_F(StackProbes, AreTimedOutAtTheirTimeAndNotBefore) {
    first.silent = true;
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp}) {
        Told told;
        const std::size_t before = first.forwarded;
        prober->async_probe(request(kind, 1), into(told));
        lab.run_for(3s - 1ns);
        EXPECT_EQ(told.times, 0);
        lab.run_for(1ns);
        EXPECT_EQ(told.error, asio::error::timed_out);
        EXPECT_EQ(first.forwarded, before) << "no second SYN";
        EXPECT_EQ(near.tcp().connections(), 0u);
    }
}

// The path's MTU is not believed, the link's is.
TEST_F(StackProbes, FindTheNarrowLink) {
    ProbeRequest long_one = request(ProbeKind::udp, 64);
    long_one.fragmentation = Fragmentation::probing;
    for (int i = 0; i < 2; ++i) {
        long_one.payload_size = 1473;
        const Told too_long = ask(long_one);
        EXPECT_EQ(too_long.error, asio::error::message_size);
        EXPECT_EQ(too_long.reply.mtu, 1500u);
        long_one.payload_size = 1472;
        const Told narrow = ask(long_one);
        EXPECT_FALSE(narrow.error);
        EXPECT_EQ(narrow.reply.from, IpAddress(hops[1]));
        EXPECT_EQ(narrow.reply.icmp, (network::IcmpTypeCode{3, 4}));
        EXPECT_EQ(narrow.reply.mtu, 1200u);
    }
    second.says_mtu = false;
    EXPECT_EQ(ask(long_one).reply.mtu, 1492u) << "the plateau below (RFC 1191 7)";
    long_one.payload_size = 1172;
    EXPECT_EQ(ask(long_one).reply.from, IpAddress(far_address));
    EXPECT_EQ(second.fragments, 0u);
}

// Each error quotes something that was not sent: another port, another host, another number.
TEST_F(StackProbes, DoNotBelieveWhatQuotesAnother) {
    constexpr std::size_t destination = 16, source_port = 20, destination_port = 22, sequence = 24;
    for (const std::size_t octet : {destination, source_port, destination_port, sequence}) {
        first.lies = [octet](MutableBytes quoted) { quoted[octet] ^= std::byte{1}; };
        if (octet != sequence) {
            EXPECT_EQ(ask(request(ProbeKind::udp, 1)).error, asio::error::timed_out) << octet;
        }
        EXPECT_EQ(ask(request(ProbeKind::tcp, 1)).error, asio::error::timed_out) << octet;
    }
}

TEST_F(StackProbes, AreToldOnceHoweverOftenTheyAreAnswered) {
    first.times = 5;
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp})
        EXPECT_EQ(ask(request(kind, 1)).reply.from, IpAddress(hops[0]));
}

TEST_F(StackProbes, TakeAnErrorFromWhoeverReportsIt) {
    first.speaks_as = Ipv4Address{192, 0, 2, 9};
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp})
        EXPECT_EQ(ask(request(kind, 1)).reply.from, IpAddress(192, 0, 2, 9));
}

TEST_F(StackProbes, ALateAnswerFindsNobody) {
    (void)ask(request(ProbeKind::udp, 1));  // hardware addresses are known then
    cables[0].set_options({.delay = 2500ms});
    Told late, next;
    prober->async_probe(request(ProbeKind::udp, 1), into(late));
    lab.run_for(4s);
    EXPECT_EQ(late.error, asio::error::timed_out);
    prober->async_probe(request(ProbeKind::udp, 2), into(next));
    lab.run_for(2s);  // the first one's answer comes
    EXPECT_EQ(late.times, 1);
    EXPECT_EQ(next.times, 0);
}

// probes_waiting_max
TEST_F(StackProbes, WaitInABoundedNumber) {
    constexpr std::size_t at_once = 256;
    first.silent = true;
    std::vector<Told> told(at_once + 1);
    for (Told& one : told) prober->async_probe(request(ProbeKind::udp, 1), into(one));
    lab.run_for(0s);
    EXPECT_EQ(told.back().error, asio::error::no_buffer_space);
    EXPECT_EQ(told[at_once - 1].times, 0);
    lab.run_for(3s);
    EXPECT_EQ(told[at_once - 1].error, asio::error::timed_out);
    first.silent = false;
    EXPECT_EQ(ask(request(ProbeKind::udp, 1)).reply.from, IpAddress(hops[0]));
}

TEST_F(StackProbes, EndWhenTheyAreCancelledAndWithTheirProber) {
    first.silent = true;
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp}) {
        Told all, one, last;
        asio::cancellation_signal signal;
        prober->async_probe(request(kind, 1), into(all));
        prober->cancel();
        prober->async_probe(request(kind, 1), asio::bind_cancellation_slot(signal.slot(), into(one)));
        signal.emit(asio::cancellation_type::terminal);
        prober->async_probe(request(kind, 1), into(last));
        prober.reset();
        lab.run_for(0s);
        for (const Told& told : {all, one, last}) EXPECT_EQ(told.error, asio::error::operation_aborted);
        prober = near.network().open_prober(opened);
    }
    lab.run_for(1s);
    EXPECT_EQ(near.tcp().connections(), 0u);
}

TEST_F(StackProbes, FailWhereNothingCanBeSent) {
    ProbeRequest nowhere = request(ProbeKind::udp, 1);
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp}) {
        nowhere.kind = kind;
        nowhere.destination = {IpAddress::parse("2001:db8::1").value(), PortNumber{33434}};
        EXPECT_EQ(ask(nowhere).error, asio::error::network_unreachable);
        nowhere.destination = {far_address, PortNumber{0}};
        EXPECT_EQ(ask(nowhere).error, asio::error::invalid_argument);
    }
}

TEST_F(StackProbes, AreAbandonedAtTheEndOfTheNetwork) {
    StackNetworkOptions options;
    options.epoch = std::chrono::sys_days{std::chrono::year{2024} / 1 / 1};
    std::optional<StackNetwork> network;
    network.emplace(lab.io().get_executor(), lab.scheduler(), entropy, near.tcp(), near.udp(), near.internet().echo(),
                    options);
    Prober own = network->open_prober(opened);
    Told udp, tcp, late;
    own.async_probe(request(ProbeKind::udp, 1), into(udp));
    own.async_probe(request(ProbeKind::tcp, 1), into(tcp));
    network.reset();
    lab.run_for(10s);
    EXPECT_EQ(udp.times + tcp.times, 0);
    own.async_probe(request(ProbeKind::udp, 1), into(late));
    lab.run_for(0s);
    EXPECT_EQ(late.error, asio::error::bad_descriptor);
}

TEST_F(StackProbes, NamesAreThoseThatTheNetworkWasGiven) {
    near.network().set_name("router", hops[0]);
    std::vector<std::string> names;
    error_code none;
    const auto note = [&](error_code error, const std::string& name) {
        error ? void(none = error) : names.push_back(name);
    };
    near.network().async_name_of(hops[0], note);
    near.network().async_name_of(Ipv4Address::loopback(), note);
    near.network().async_name_of(far_address, note);
    lab.run_for(0s);
    EXPECT_EQ(names, (std::vector<std::string>{"router", "localhost"}));
    EXPECT_EQ(none, asio::error::host_not_found);
}

}  // namespace
}  // namespace strata::session
