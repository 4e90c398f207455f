// rpcbind (RFC 1833): what it answers in each version, to whom, and
// what it does not do for anybody.
#include "strata/7_application/rpcbind/server/rpcbind.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "strata/5_session/kernel/network.hpp"
#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/5_session/rpc/server/server.hpp"
#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/rpcbind/client/client.hpp"
#include "strata/7_application/rpcbind/universal_address.hpp"
#include "strata/lab/lab.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::rpcbind {
namespace {

namespace asio = session::asio;
namespace rpc = session::rpc;
namespace xdr = presentation::xdr;
using rpc::Outcome;
using rpc::Transport;

constexpr std::uint32_t nfs = 100003;

TEST(RpcbindUniversalAddress, IsWrittenAndRead) {
    const session::Address v4{Ipv4Address::loopback(), 2049};
    EXPECT_EQ(universal_address(v4), "127.0.0.1.8.1");
    EXPECT_EQ(parse_universal_address("127.0.0.1.8.1").value(), v4.endpoint());
    const session::Address v6{Ipv6Address::loopback(), 65535};
    EXPECT_EQ(universal_address(v6), "::1.255.255");
    EXPECT_EQ(parse_universal_address("::1.255.255").value(), v6.endpoint());
    EXPECT_EQ(universal_address(session::UnixPath{"/run/x"}), "/run/x");
    for (const std::string_view wrong :
         {"", "1", "127.0.0.1", "127.0.0.1.8", "127.0.0.1.8.256", "127.0.0.1.08.1", "127.0.0.1.8.", "127.0.0.1.-1.1",
          "localhost.0.111", "127.0.0.1.8.1.1", ".0.111", "/run/x"}) {
        EXPECT_EQ(parse_universal_address(wrong).error(), Error::bad_address) << wrong;
    }
}

TEST(RpcbindUniversalAddress, HasANetid) {
    const session::Address v4{Ipv4Address{}, 1}, v6{Ipv6Address{}, 1};
    EXPECT_EQ(netid_of(Transport::stream, v4), "tcp");
    EXPECT_EQ(netid_of(Transport::datagram, v4), "udp");
    EXPECT_EQ(netid_of(Transport::stream, v6), "tcp6");
    EXPECT_EQ(netid_of(Transport::datagram, v6), "udp6");
    EXPECT_EQ(netid_of(Transport::stream, session::UnixPath{"x"}), "local");
}

TEST(RpcbindRegistry, RegistrationsMax) {
    Registry registry({.registrations_max = 2});
    const session::Address at{Ipv4Address{}, 1};
    EXPECT_TRUE(registry.add({1, 1, Transport::stream, at}));
    EXPECT_TRUE(registry.add({1, 1, Transport::datagram, at}));
    EXPECT_FALSE(registry.add({1, 2, Transport::stream, at}));
    EXPECT_TRUE(registry.add({1, 1, Transport::stream, at})) << "it is there";
    EXPECT_FALSE(registry.add({1, 1, Transport::stream, {Ipv4Address{}, 2}})) << "another is";
    EXPECT_TRUE(registry.remove(1, 1, ""));
    EXPECT_TRUE(registry.all().empty());
    EXPECT_FALSE(registry.remove(1, 1, ""));
}

TEST(RpcbindRegistry, WhatListensByIpv6IsFoundByIpv4) {
    Registry registry;
    EXPECT_TRUE(registry.add_program(nfs, {3, 4}, {Ipv6Address{}, 2049}));
    EXPECT_EQ(registry.all().size(), 8u);
    for (const std::string_view netid : {"tcp", "udp", "tcp6", "udp6"}) {
        const Registration* found = registry.find(nfs, 4, netid, false);
        ASSERT_NE(found, nullptr) << netid;
        EXPECT_EQ(number_of(found->address.endpoint().port), 2049u);
        EXPECT_TRUE(found->fixed);
    }
}

// Asks the program itself, as anybody, by any way.
struct RpcbindAsked : testing::Test {
    RpcbindAsked() {
        registry.add_program(program, {Ipv4Address{}, server_port});
        registry.add({nfs, 3, Transport::stream, {Ipv4Address{}, 2049}, "0", true});
    }
    template <typename Arguments>
    rpc::Reply reply_to(std::uint32_t version, std::uint32_t procedure, const Arguments& arguments) {
        const auto bytes = xdr::encode(arguments, 1000).value();
        rpc::Call call;
        call.target = {program_number, version, procedure};
        call.client = client;
        call.server = server;
        call.transport = transport;
        call.arguments = bytes;
        call.results_room = 60000;
        rpc::Reply reply;
        asio::co_spawn(lab.io(), keep(program.handle(call), reply), [](const std::exception_ptr&) {});
        lab.run_for(1ms);
        return reply;
    }
    static asio::awaitable<void> keep(asio::awaitable<rpc::Reply> handling, rpc::Reply& into) {
        into = co_await std::move(handling);
    }
    template <typename Results, typename Arguments = xdr::Void>
    Results ask(std::uint32_t version, std::uint32_t procedure, const Arguments& arguments = {}) {
        last = reply_to(version, procedure, arguments);
        EXPECT_EQ(last.status.outcome, Outcome::success);
        return xdr::decode<Results>(last.results.head).value();
    }
    std::string address(std::uint32_t version, std::uint32_t procedure, const Binding& binding) {
        return std::string(ask<UniversalAddress>(version, procedure, binding));
    }
    void come_from_here() { client = {Ipv4Address::loopback(), 700}; }

    lab::VirtualLab lab{1};
    host::Host& host = lab.add_host("host");
    Registry registry;
    Rpcbind program{host.network(), registry};
    session::Address client{Ipv4Address{10, 0, 0, 1}, 700};
    session::Address server{Ipv4Address{10, 0, 0, 2}, server_port};
    Transport transport = Transport::stream;
    rpc::Reply last;
};

TEST_F(RpcbindAsked, WhereAProgramIs) {
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{nfs, 3, Mapping::tcp}), 2049u);
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{nfs, 2, Mapping::tcp}), 2049u) << "it will say so";
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{nfs, 3, Mapping::udp}), 0u);
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{nfs, 3, 99}), 0u);
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{program_number, 2, Mapping::udp}), 111u);
    EXPECT_EQ(address(3, Procedure::get_port, {nfs, 3, "tcp", {}, {}}), "10.0.0.2.8.1");
    EXPECT_EQ(address(4, Procedure::get_port, {nfs, 2, {}, {}, {}}), "10.0.0.2.8.1") << "by the way that it came";
    EXPECT_EQ(address(4, Procedure::get_vers_addr, {nfs, 3, "tcp", {}, {}}), "10.0.0.2.8.1");
    EXPECT_EQ(address(4, Procedure::get_vers_addr, {nfs, 2, "tcp", {}, {}}), "");
    EXPECT_EQ(address(4, Procedure::get_port, {nfs, 3, "udp", {}, {}}), "");
}

TEST_F(RpcbindAsked, AtAnAddressThatTheClientCanReach) {
    server = session::Address{Ipv4Address{}, server_port};
    EXPECT_EQ(address(4, Procedure::get_port, {nfs, 3, "tcp", "10.0.0.7.0.111", {}}), "10.0.0.7.8.1")
        << "he says which";
    EXPECT_EQ(address(4, Procedure::get_port, {nfs, 3, "tcp", "::7.0.111", {}}), "0.0.0.0.8.1");
    EXPECT_EQ(address(4, Procedure::get_port, {nfs, 3, "tcp", "nonsense", {}}), "0.0.0.0.8.1");
}

// Behind a gateway the client alone knows where it found us.
TEST_F(RpcbindAsked, AtTheAddressThatTheClientSays) {
    const auto told = [&](std::string_view hint) { return address(4, Procedure::get_port, {nfs, 3, "tcp", hint, ""}); };
    EXPECT_EQ(told("192.0.2.7.0.111"), "192.0.2.7.8.1");
    for (const std::string_view useless : {"", "0.0.0.0.0.111", "::1.0.111", "nonsense"})
        EXPECT_EQ(told(useless), "10.0.0.2.8.1") << useless;
}

TEST_F(RpcbindAsked, WhatThereIs) {
    const auto mappings = ask<Mappings>(2, Procedure::dump);
    ASSERT_EQ(mappings.size(), 7u);
    EXPECT_EQ(mappings.back(), (Mapping{nfs, 3, Mapping::tcp, 2049}));
    const auto bindings = ask<Bindings>(4, Procedure::dump);
    ASSERT_EQ(bindings.size(), 7u);
    EXPECT_EQ(bindings.back(), (Binding{nfs, 3, "tcp", "0.0.0.0.8.1", "0"}));
    const auto entries = ask<TransportEntries>(4, Procedure::get_addr_list, Binding{program_number, 4, {}, {}, {}});
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].address, "10.0.0.2.0.111");
    EXPECT_TRUE(entries[0].semantics == 3 && entries[0].protocol == "tcp" && entries[0].family == "inet");
    EXPECT_TRUE(entries[1].semantics == 1 && entries[1].netid == "udp");
}

TEST_F(RpcbindAsked, WhatTimeItIs) {
    const auto time = ask<std::uint32_t>(3, Procedure::get_time);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(host.network().calendar().time_since_epoch());
    EXPECT_EQ(time, static_cast<std::uint32_t>(now.count()));
}

TEST_F(RpcbindAsked, MuchIsNotSentToWhoDidNotAsk) {
    transport = Transport::datagram;
    EXPECT_EQ(reply_to(2, Procedure::dump, xdr::Void{}).status.outcome, Outcome::procedure_unavailable);
    EXPECT_EQ(reply_to(4, Procedure::dump, xdr::Void{}).status.outcome, Outcome::procedure_unavailable);
    EXPECT_EQ(reply_to(4, Procedure::get_addr_list, Binding{}).status.outcome, Outcome::procedure_unavailable);
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{nfs, 3, Mapping::tcp}), 2049u);
    come_from_here();
    EXPECT_EQ(ask<Mappings>(2, Procedure::dump).size(), 7u);
}

TEST_F(RpcbindAsked, NothingIsCalledForStrangers) {
    come_from_here();
    for (const std::uint32_t version : {2u, 3u, 4u}) {
        EXPECT_EQ(reply_to(version, Procedure::call_it, Mapping{}).status.outcome, Outcome::procedure_unavailable);
        EXPECT_EQ(reply_to(version, Procedure::indirect, Mapping{}).status.outcome, Outcome::procedure_unavailable);
    }
    EXPECT_EQ(reply_to(2, Procedure::get_time, xdr::Void{}).status.outcome, Outcome::procedure_unavailable);
    EXPECT_EQ(reply_to(3, Procedure::get_vers_addr, Binding{}).status.outcome, Outcome::procedure_unavailable);
    EXPECT_EQ(reply_to(3, Procedure::get_addr_list, Binding{}).status.outcome, Outcome::procedure_unavailable);
}

TEST_F(RpcbindAsked, StrangersChangeNothing) {
    const Mapping mapping{7, 1, Mapping::tcp, 700};
    const Binding binding{7, 1, "tcp", "0.0.0.0.2.188", {}};
    EXPECT_FALSE(ask<bool>(2, Procedure::set, mapping));
    EXPECT_FALSE(ask<bool>(4, Procedure::set, binding));
    come_from_here();
    transport = Transport::datagram;
    EXPECT_FALSE(ask<bool>(2, Procedure::set, mapping)) << "anybody can say that he is here";
    EXPECT_EQ(registry.all().size(), 7u);
    transport = Transport::stream;
    EXPECT_FALSE(ask<bool>(2, Procedure::unset, Mapping{nfs, 3})) << "it is fixed";
    EXPECT_FALSE(ask<bool>(4, Procedure::unset, Binding{nfs, 3, "tcp", {}, {}}));
    EXPECT_EQ(registry.all().size(), 7u);
}

TEST_F(RpcbindAsked, ProgramsOfThisMachineComeAndGo) {
    come_from_here();
    EXPECT_TRUE(ask<bool>(2, Procedure::set, Mapping{7, 1, Mapping::tcp, 700}));
    EXPECT_TRUE(ask<bool>(2, Procedure::set, Mapping{7, 1, Mapping::udp, 700}));
    EXPECT_FALSE(ask<bool>(2, Procedure::set, Mapping{7, 1, Mapping::udp, 701})) << "there is one";
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{7, 1, Mapping::udp}), 700u);
    EXPECT_TRUE(ask<bool>(2, Procedure::unset, Mapping{7, 1})) << "both";
    EXPECT_EQ(ask<std::uint32_t>(2, Procedure::get_port, Mapping{7, 1, Mapping::tcp}), 0u);
    EXPECT_TRUE(ask<bool>(4, Procedure::set, Binding{7, 1, "tcp6", "::.2.188", "me"}));
    EXPECT_TRUE(ask<bool>(4, Procedure::set, Binding{7, 1, "udp", "0.0.0.0.2.188", "me"}));
    EXPECT_TRUE(ask<bool>(4, Procedure::set, Binding{7, 1, "local", "/run/seven", "me"}));
    EXPECT_EQ(registry.all().back().owner, "unknown") << "what he says of himself is not kept";
    EXPECT_EQ(address(4, Procedure::get_port, {7, 1, "local", {}, {}}), "/run/seven");
    EXPECT_TRUE(ask<bool>(4, Procedure::unset, Binding{7, 1, "udp", {}, {}}));
    EXPECT_TRUE(ask<bool>(3, Procedure::unset, Binding{7, 1, {}, {}, {}}));
    EXPECT_FALSE(ask<bool>(3, Procedure::unset, Binding{7, 1, {}, {}, {}}));
    EXPECT_EQ(registry.all().size(), 7u);
}

TEST_F(RpcbindAsked, WhatMakesNoSenseIsNotTaken) {
    come_from_here();
    EXPECT_FALSE(ask<bool>(2, Procedure::set, Mapping{7, 1, 5, 700}));
    EXPECT_FALSE(ask<bool>(2, Procedure::set, Mapping{7, 1, Mapping::tcp, 0}));
    EXPECT_FALSE(ask<bool>(2, Procedure::set, Mapping{7, 1, Mapping::tcp, 65536}));
    EXPECT_FALSE(ask<bool>(4, Procedure::set, Binding{7, 1, "tcp6", "0.0.0.0.2.188", {}}));
    EXPECT_FALSE(ask<bool>(4, Procedure::set, Binding{7, 1, "tcp", "nonsense", {}}));
    EXPECT_FALSE(ask<bool>(4, Procedure::set, Binding{7, 1, "sctp", "0.0.0.0.2.188", {}}));
    for (const std::uint32_t procedure : {1u, 2u, 3u}) {
        EXPECT_EQ(reply_to(2, procedure, xdr::Void{}).status.outcome, Outcome::garbage_arguments);
        EXPECT_EQ(reply_to(4, procedure, xdr::Void{}).status.outcome, Outcome::garbage_arguments);
    }
    EXPECT_EQ(reply_to(4, Procedure::get_addr_list, xdr::Void{}).status.outcome, Outcome::garbage_arguments);
}

// The client, at our server on a lab's network and at one behind a Unix socket of the kernel's.
struct Found {
    std::uint16_t port = 0;
    std::string address;
    std::size_t mappings = 0;
    bool announced = false, withdrawn = false;
    std::string failure = "it does not end";
};

asio::awaitable<void> find_nfs(rpc::Client& client, Found& found) {
    found.port = co_await port_of(client, nfs, 3, Mapping::tcp);
    const std::string netid = "tcp";
    found.address = co_await address_of(client, nfs, 3, netid);
    const std::vector<Mapping> mappings = co_await mappings_of(client);
    found.mappings = mappings.size();
}

asio::awaitable<void> come_and_go(rpc::Client& client, Found& found) {
    const Registration registration{7, 1, Transport::datagram, {Ipv4Address{}, 700}};
    found.announced = co_await announce(client, registration);
    co_await find_nfs(client, found);
    found.withdrawn = co_await withdraw(client, registration);
}

auto note_failure(Found& found) {
    return [&found](const std::exception_ptr& failed) {
        try {
            if (failed) std::rethrow_exception(failed);
            found.failure.clear();
        } catch (const std::exception& error) {
            found.failure = error.what();
        }
    };
}

TEST(RpcbindClient, FindsAProgramOfAnotherHost) {
    lab::VirtualLab lab(1);
    auto& client_host = lab.add_host("client");
    auto& server_host = lab.add_host("server");
    lab.join(client_host, "10.0.0.1/24", server_host, "10.0.0.2/24");
    Registry registry;
    registry.add({nfs, 3, Transport::stream, {Ipv4Address{}, 2049}});
    rpc::Server server(server_host.network());
    server.add(std::make_shared<Rpcbind>(server_host.network(), registry));
    session::error_code error;
    (void)server.start({Ipv4Address{}, server_port}, error);
    const session::Address at{Ipv4Address{10, 0, 0, 2}, server_port};
    {
        rpc::StreamClient client(client_host.network(), at);
        Found found;
        asio::co_spawn(lab.io(), come_and_go(client, found), note_failure(found));
        lab.run_for(1s);
        EXPECT_EQ(found.failure, "");
        EXPECT_TRUE(found.port == 2049 && found.mappings == 1 && !found.announced && !found.withdrawn);
        EXPECT_EQ(found.address, "10.0.0.2.8.1");
    }
    {
        rpc::DatagramClient client(client_host.network(), at);
        Found found;
        asio::co_spawn(lab.io(), find_nfs(client, found), note_failure(found));
        lab.run_for(1s);
        EXPECT_EQ(found.port, 2049);
        EXPECT_TRUE(found.failure.contains("PROC_UNAVAIL")) << "DUMP: " << found.failure;
    }
    server.abort();
    lab.run_for(1h);
}

TEST(RpcbindClient, AProgramAnnouncesItselfOverAUnixSocket) {
    asio::io_context io;
    session::KernelNetwork network(io);
    const test::TemporaryFolder folder;
    const std::string path = folder.path() / "rpcbind.sock";
    Registry registry;
    registry.add({nfs, 3, Transport::stream, {Ipv4Address{}, 2049}});
    rpc::Server server(network);
    server.add(std::make_shared<Rpcbind>(network, registry));
    session::error_code error;
    (void)server.start(session::Address(session::UnixPath{path}), error);
    ASSERT_FALSE(error);
    auto client = local_client(network, path);
    Found found;
    asio::co_spawn(io, come_and_go(*client, found), [&](const std::exception_ptr& failed) {
        note_failure(found)(failed);
        client.reset();
        server.abort();
    });
    io.run_for(10s);
    EXPECT_EQ(found.failure, "");
    EXPECT_TRUE(found.announced && found.withdrawn && found.port == 2049 && found.mappings == 2);
}

}  // namespace
}  // namespace strata::application::rpcbind
