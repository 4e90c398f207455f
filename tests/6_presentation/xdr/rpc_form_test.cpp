// A program whose arguments and results are values in XDR, and a client that calls it so.
#include "strata/6_presentation/xdr/rpc_form.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <string>

#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/5_session/rpc/server/server.hpp"
#include "strata/lab/lab.hpp"

namespace strata::presentation::xdr {
namespace {

namespace asio = session::asio;

struct ReadArguments {
    Text<8> name;
    std::uint32_t count = 0;
    static void fields(auto& codec, auto& self) { codec(self.name, self.count); }
};
struct ReadResults {
    bool end = false;
    TrailingOpaque<1000> data;
    static void fields(auto& codec, auto& self) { codec(self.end, self.data); }
};

// Procedure 1 reads so many bytes of a file that is full of the first letter of its name.
class Files final : public rpc::Program {
public:
    std::uint32_t number() const noexcept override { return 7; }
    rpc::Versions versions() const noexcept override { return {1, 1}; }
    bool is_idempotent(const rpc::Target&) const noexcept override { return true; }
    asio::awaitable<rpc::Reply> handle(const rpc::Call& call) override {
        const auto arguments = arguments_of<ReadArguments>(call);
        if (!arguments) co_return rpc::Reply::refused(rpc::Outcome::garbage_arguments);
        const auto data = std::make_shared<const std::string>(arguments->count, arguments->name.front());
        const ReadResults results{true, bytes_of(*data)};
        co_return reply_of(call, results, data);
    }
};

struct XdrOverRpc : testing::Test {
    XdrOverRpc() {
        lab.join(client_host, "10.0.0.1/24", server_host, "10.0.0.2/24");
        server.add(std::make_shared<Files>());
        session::error_code error;
        (void)server.start({Ipv4Address{}, 2049}, error);
    }
    ~XdrOverRpc() override {
        server.abort();
        lab.run_for(1h);
    }
    template <typename Value, typename Arguments>
    static asio::awaitable<void> ask(rpc::Client& client, Arguments arguments, std::string& got) {
        const rpc::Target target{7, 1, 1};
        try {
            const Called<Value> called = co_await call<Value>(client, target, arguments);
            if constexpr (std::is_same_v<Value, ReadResults>) got = text_of(called.value.data);
        } catch (const boost::system::system_error& error) {
            got = error.code().message();
        }
    }
    template <typename Value = ReadResults, typename Arguments>
    std::string result_of(const Arguments& arguments) {
        std::string got;
        asio::co_spawn(lab.io(), ask<Value>(client, arguments, got), [](const std::exception_ptr&) {});
        lab.run_for(1s);
        return got;
    }
    static std::string words_of(rpc::Errc error) { return rpc::make_error_code(error).message(); }

    lab::VirtualLab lab{1};
    host::Host& client_host = lab.add_host("client");
    host::Host& server_host = lab.add_host("server");
    rpc::Server server{server_host.network()};
    rpc::StreamClient client{client_host.network(), {Ipv4Address{10, 0, 0, 2}, 2049}};
};

TEST_F(XdrOverRpc, ValuesGoAndComeBack) { EXPECT_EQ(result_of(ReadArguments{"xyz", 5}), "xxxxx"); }

TEST_F(XdrOverRpc, WhatCannotBeReadIsTold) {
    EXPECT_EQ(result_of(Text<8>("no count")), words_of(rpc::Errc::garbage_arguments));
    EXPECT_EQ(result_of(ReadArguments{"xyz", 1001}), words_of(rpc::Errc::system_error)) << "its bound is 1,000";
    EXPECT_EQ(result_of(ReadArguments{"too long a name", 1}), words_of(rpc::Errc::call_too_long));
    EXPECT_EQ(result_of<std::uint32_t>(ReadArguments{"xyz", 1}), words_of(rpc::Errc::bad_reply));
}

}  // namespace
}  // namespace strata::presentation::xdr
