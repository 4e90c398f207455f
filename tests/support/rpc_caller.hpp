// Calls of an rpc::Client to a BenchProgram, and how each of them ended.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <memory>

#include "strata/5_session/rpc/client/client.hpp"
#include "tests/support/rpc_bench.hpp"

namespace strata::test {

struct CallEnd {
    bool over = false;
    session::error_code error;
    std::string text;  // of the error
    Octets results;
    [[nodiscard]] std::uint32_t word() const { return results.size() == 4 ? load_be32(results.data()) : ~0u; }
};

inline asio::awaitable<void> await_results(asio::awaitable<rpc::Results> calling, std::shared_ptr<CallEnd> end) {
    try {
        const rpc::Results results = co_await std::move(calling);
        end->results.assign(results.bytes().begin(), results.bytes().end());
    } catch (const boost::system::system_error& error) {
        end->error = error.code();
        end->text = error.what();
    }
    end->over = true;
}

inline std::shared_ptr<CallEnd> begin_call(RpcBench& bench, rpc::Client& client, std::uint32_t procedure,
                                           const Octets& arguments = {}, const rpc::CallOptions& options = {}) {
    const auto end = std::make_shared<CallEnd>();
    rpc::Body body{.head = arguments};
    asio::co_spawn(
        bench.lab.io(),
        await_results(client.call({BenchProgram::program_number, 2, procedure}, std::move(body), options), end),
        [](const std::exception_ptr&) {});
    return end;
}

}  // namespace strata::test
