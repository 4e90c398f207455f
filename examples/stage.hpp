// What the examples share: their options, and the stage they play on:
// two networks that reach each other.
//
//     --virtual (default)   client 10.88.0.2 ──── cable ──── server 10.88.0.1     both ours, in virtual time
//     --tap NAME            the kernel's sockets ──── TAP ──── our stack           needs root
//     --kernel              the kernel's sockets ── loopback ── the kernel's sockets
//
//     --seed N   one seed, one run (virtual)       --loss P   of 100 frames P are lost, each way (virtual)
//     --pcap F   what was on the wire, for tcpdump and Wireshark (virtual, tap)
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "strata/5_session/kernel/network.hpp"
#include "strata/host.hpp"
#include "strata/lab.hpp"

namespace examples {

namespace asio = boost::asio;
namespace session = strata::session;
using asio::awaitable;
using asio::use_awaitable;
using session::Address;
using session::error_code;
using session::Network;
using session::Stream;
using namespace std::chrono_literals;

struct Options {
    enum class Where { in_virtual_time, tap, kernel };
    Where where = Where::in_virtual_time;
    std::string tap;
    std::uint64_t seed = 1;
    double loss_percent = 0;
    std::string pcap_file;
    bool stay = false;  // serve until Ctrl-C instead of ending after the self-check

    static Options parse(int count, char** values) {
        Options options;
        for (int i = 1; i < count; ++i) {
            const std::string_view name = values[i];
            const auto value = [&]() -> std::string {
                if (i + 1 == count) throw std::invalid_argument(std::string(name) + " wants a value behind it");
                return values[++i];
            };
            if (name == "--virtual") {
                options.where = Where::in_virtual_time;
            } else if (name == "--kernel") {
                options.where = Where::kernel;
            } else if (name == "--tap") {
                options.where = Where::tap;
                options.tap = value();
            } else if (name == "--seed") {
                options.seed = std::stoull(value());
            } else if (name == "--loss") {
                options.loss_percent = std::stod(value());
            } else if (name == "--pcap") {
                options.pcap_file = value();
            } else if (name == "--stay") {
                options.stay = true;
            } else {
                throw std::invalid_argument("'" + std::string(name) +
                                            "' is no option; there are --virtual, --kernel, --tap NAME, --seed N, "
                                            "--loss PERCENT, --pcap FILE and --stay");
            }
        }
        return options;
    }
};

class Stage {
public:
    virtual ~Stage() = default;
    [[nodiscard]] virtual asio::io_context& io() = 0;
    [[nodiscard]] virtual Network& client() = 0;
    [[nodiscard]] virtual Network& server() = 0;
    // Where a server listens: port 0 on the kernel, which chooses
    // one; `port` on a stack of its own.
    [[nodiscard]] virtual Address place(std::uint16_t port) const = 0;
    // Runs a coroutine to its end; what it throws comes out here.
    template <typename Result>
    Result play(awaitable<Result> act) {
        std::exception_ptr failed;
        std::conditional_t<std::is_void_v<Result>, bool, Result> result{};
        bool done = false;
        asio::co_spawn(io(), keep(std::move(act), result), [&](std::exception_ptr error) {
            failed = error;
            done = true;
        });
        drive(done);
        if (failed) std::rethrow_exception(failed);
        if (!done) throw std::runtime_error("the play did not come to its end");
        if constexpr (!std::is_void_v<Result>) return result;
    }
    // Something that runs beside the play, such as a server. Its failure ends the program.
    void beside(awaitable<void> act) {
        asio::co_spawn(io(), std::move(act), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }

protected:
    virtual void drive(const bool& done) = 0;

private:
    static awaitable<void> keep(awaitable<void> act, bool&) { co_await std::move(act); }
    template <typename Result>
    static awaitable<void> keep(awaitable<Result> act, Result& result) {
        result = co_await std::move(act);
    }
};

class VirtualStage final : public Stage {
public:
    explicit VirtualStage(const Options& options) : lab_(options.seed) {
        strata::physical::CableWayOptions way;
        way.delay = 10ms;
        way.loss = options.loss_percent / 100;
        const strata::physical::CableOptions cable{.a_to_b = way, .b_to_a = way};
        if (options.pcap_file.empty()) {
            lab_.join(client_, "10.88.0.2/24", server_, "10.88.0.1/24", cable);
        } else {
            lab_.join_captured(client_, "10.88.0.2/24", server_, "10.88.0.1/24", cable, options.pcap_file);
        }
    }
    [[nodiscard]] asio::io_context& io() override { return lab_.io(); }
    [[nodiscard]] Network& client() override { return client_.network(); }
    [[nodiscard]] Network& server() override { return server_.network(); }
    [[nodiscard]] Address place(std::uint16_t port) const override { return {strata::Ipv4Address{10, 88, 0, 1}, port}; }

private:
    void drive(const bool& done) override {
        lab_.runtime().run_until_true([&] { return done; });
    }
    strata::lab::VirtualLab lab_;
    strata::host::Host& client_ = lab_.add_host("client");
    strata::host::Host& server_ = lab_.add_host("server");
};

// On a real clock: a play that takes more than a minute is a failed one, unless it is to stay.
class RealStage : public Stage {
public:
    explicit RealStage(const Options& options) : stay_(options.stay) {}
    [[nodiscard]] asio::io_context& io() override { return io_; }
    [[nodiscard]] Network& client() override { return kernel_; }
    [[nodiscard]] Network& server() override { return kernel_; }
    [[nodiscard]] Address place(std::uint16_t) const override { return {strata::Ipv4Address{127, 0, 0, 1}, 0}; }

private:
    void drive(const bool& done) override {
        const auto limit = std::chrono::steady_clock::now() + 1min;
        while (!done && (stay_ || std::chrono::steady_clock::now() < limit)) io_.run_one_for(1s);
    }
    asio::io_context io_{1};
    session::KernelNetwork kernel_{io_};
    bool stay_;
};

class TapStage final : public RealStage {
public:
    explicit TapStage(const Options& options)
        : RealStage(options),
          machine_(io(), {.interface = options.tap,
                          .address = {strata::Ipv4Address{10, 88, 0, 1}, 24},
                          .kernel_address = strata::Ipv4InterfaceAddress{strata::Ipv4Address{10, 88, 0, 2}, 24},
                          .pcap_file = options.pcap_file}) {}
    [[nodiscard]] Network& server() override { return machine_.network(); }
    [[nodiscard]] Address place(std::uint16_t port) const override { return {strata::Ipv4Address{10, 88, 0, 1}, port}; }

private:
    strata::host::DeviceHost machine_;
};

inline std::unique_ptr<Stage> set_stage(const Options& options) {
    switch (options.where) {
        case Options::Where::in_virtual_time: return std::make_unique<VirtualStage>(options);
        case Options::Where::tap: return std::make_unique<TapStage>(options);
        case Options::Where::kernel: return std::make_unique<RealStage>(options);
    }
    std::abort();
}

// main() of an example: 0 when it did what it shows, 1 and one sentence when not, 2 for wrong use.
template <typename Body>
int run_example(int count, char** values, Body body) {
    try {
        return body(Options::parse(count, values));
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "%s: %s\n", values[0], error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", values[0], error.what());
        return 1;
    }
}

}  // namespace examples
