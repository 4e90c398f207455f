// Probes on the kernel's sockets, over loopback: who answers what, and where its bounds are.
#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include "strata/5_session/kernel/network.hpp"

namespace strata::session {
namespace {

struct KernelProbes : testing::Test {
    asio::io_context io{1};
    KernelNetwork network{io};
    error_code opened;
    std::optional<Prober> prober = network.open_prober(opened);
    error_code error;
    ProbeReply reply;

    [[nodiscard]] static ProbeRequest request(ProbeKind kind, const Endpoint& to) {
        return {.destination = to, .kind = kind, .timeout = 50ms};
    }
    void ask(const ProbeRequest& what) {
        prober->async_probe(what, [this](error_code failed, const ProbeReply& told) {
            error = failed;
            reply = told;
        });
        io.run();
        io.restart();
    }
    [[nodiscard]] Endpoint closed_port() {
        return network.open_datagram({Ipv4Address::loopback(), 0}).local().endpoint();
    }
};

TEST_F(KernelProbes, ReachAHost) {
    ask(request(ProbeKind::udp, closed_port()));
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(reply.answer, ProbeAnswer::error);
    EXPECT_EQ(reply.icmp, (network::IcmpTypeCode{3, 3}));
    EXPECT_EQ(reply.from, IpAddress(Ipv4Address::loopback()));
    EXPECT_GT(reply.round_trip, 0ns);
    Acceptor acceptor = network.listen({Ipv4Address::loopback(), 0});
    const Endpoint server = acceptor.local().endpoint();
    ask(request(ProbeKind::tcp, server));
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(reply.answer, ProbeAnswer::accepted);
    acceptor.close();
    ask(request(ProbeKind::tcp, server));
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(reply.answer, ProbeAnswer::refused);
    EXPECT_EQ(reply.from, IpAddress(Ipv4Address::loopback()));
}

TEST_F(KernelProbes, ADatagramIsAnAnswer) {
    Datagram service = network.open_datagram({Ipv4Address::loopback(), 0});
    std::array<std::byte, 100> buffer{};
    std::size_t size = 0;
    service.async_receive_from(asio::buffer(buffer), [&](error_code, std::size_t count, const Address& from) {
        size = count;
        service.async_send_to(asio::buffer(buffer, count), from, [](error_code, std::size_t) {});
    });
    ProbeRequest what = request(ProbeKind::udp, service.local().endpoint());
    what.timeout = 10s;
    ask(what);
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(reply.answer, ProbeAnswer::datagram);
    EXPECT_EQ(size, 32u);
}

// A socket that takes datagrams and answers none.
TEST_F(KernelProbes, AreTimedOutAndCancelled) {
    const Datagram silent = network.open_datagram({Ipv4Address::loopback(), 0});
    ask(request(ProbeKind::udp, silent.local().endpoint()));
    EXPECT_EQ(error, asio::error::timed_out);
    ProbeRequest patient = request(ProbeKind::udp, silent.local().endpoint());
    patient.timeout = 1h;
    asio::post(io, [this] { prober->cancel(); });
    ask(patient);
    EXPECT_EQ(error, asio::error::operation_aborted);
    asio::post(io, [this] { prober.reset(); });
    ask(patient);
    EXPECT_EQ(error, asio::error::operation_aborted);
}

// probes_waiting_max
TEST_F(KernelProbes, WaitInABoundedNumber) {
    constexpr std::size_t at_once = 256;
    const Datagram silent = network.open_datagram({Ipv4Address::loopback(), 0});
    std::size_t refused = 0;
    std::size_t timed_out = 0;
    for (std::size_t i = 0; i <= at_once; ++i) {
        prober->async_probe(request(ProbeKind::udp, silent.local().endpoint()),
                            [&](error_code failed, const ProbeReply&) {
                                refused += failed == asio::error::no_buffer_space ? 1 : 0;
                                timed_out += failed == asio::error::timed_out ? 1 : 0;
                            });
    }
    io.run();
    EXPECT_EQ(refused, 1u);
    EXPECT_EQ(timed_out, at_once);
}

TEST_F(KernelProbes, SayHowMuchFits) {
    ProbeRequest what = request(ProbeKind::udp, closed_port());
    what.fragmentation = Fragmentation::probing;
    what.payload_size = 70'000;
    ask(what);
    EXPECT_EQ(error, asio::error::message_size);
    EXPECT_EQ(reply.mtu, 0u) << "no IP packet is as long";
}

TEST_F(KernelProbes, FailWhereNothingCanBeSent) {
    for (const ProbeKind kind : {ProbeKind::udp, ProbeKind::tcp}) {
        ask(request(kind, {Ipv4Address::broadcast(), PortNumber{9}}));
        EXPECT_TRUE(error);
        EXPECT_NE(error, asio::error::timed_out);
    }
}

TEST_F(KernelProbes, AHostsNameIsAskedFor) {
    std::string name;
    network.async_name_of(Ipv4Address::loopback(), [&](error_code failed, const std::string& found) {
        error = failed;
        name = found;
    });
    io.run();
    EXPECT_TRUE(error ? name.empty() : !name.empty() && !IpAddress::parse(name)) << name;
}

}  // namespace
}  // namespace strata::session
