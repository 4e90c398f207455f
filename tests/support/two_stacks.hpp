// Two stacks on a cable in virtual time, for tests of the session floor's side of them, and notes
// of how operations end.
//
//     near 10.0.0.1 ──── cable, 5 ms each way ──── far 10.0.0.2
//
// `near` is a StackNetwork of its own on the first host's floors: end_network() ends it while
// everything below keeps running.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "strata/lab/lab.hpp"

namespace strata::test {

// How an operation ended, and how often. Its handlers share what they note: they may outlive the
// object.
class Noted {
public:
    [[nodiscard]] int times() const { return state_->times; }
    [[nodiscard]] session::error_code error() const { return state_->error; }
    [[nodiscard]] std::size_t count() const { return state_->count; }
    // The handler exists: it waits, or is posted.
    [[nodiscard]] bool is_pending() const { return state_.use_count() > 1; }

    // A handler of any operation that completes with an error and, perhaps, a number and more.
    [[nodiscard]] auto handler() {
        return [state = state_](session::error_code error, auto&&... results) {
            ++state->times;
            state->error = error;
            if constexpr (sizeof...(results) > 0) state->take(results...);
        };
    }
    [[nodiscard]] auto handler(session::asio::cancellation_signal& signal) {
        return session::asio::bind_cancellation_slot(signal.slot(), handler());
    }

private:
    struct State {
        template <typename First, typename... More>
        void take(const First& first, const More&...) {
            if constexpr (std::is_convertible_v<First, std::size_t>) count = first;
        }
        int times = 0;
        session::error_code error;
        std::size_t count = 0;
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
};

struct TwoStacks : testing::Test {
    explicit TwoStacks(host::HostOptions options = {})
        : near_host(lab.add_host("near", options)), far_host(lab.add_host("far", options)) {
        session::StackNetworkOptions network = options.session;
        network.epoch = std::chrono::sys_days{std::chrono::year{2024} / 1 / 1};
        near.emplace(lab.io().get_executor(), lab.scheduler(), entropy, near_host.tcp(), near_host.udp(),
                     near_host.internet().echo(), network);
    }

    // Ends what is pending in `near`, as a host does with its network when it is destroyed.
    void end_network() { near.reset(); }
    // All that can happen at this instant, and nothing later.
    void settle() { lab.run_for(Duration::zero()); }

    lab::VirtualLab lab{1};
    SeededEntropy entropy{2};
    host::Host& near_host;
    host::Host& far_host;
    physical::Cable& cable = lab.join(near_host, "10.0.0.1/24", far_host, "10.0.0.2/24",
                                      {.a_to_b = {.delay = 5ms}, .b_to_a = {.delay = 5ms}});
    std::optional<session::StackNetwork> near;
    session::StackNetwork& far = far_host.network();
    static constexpr Ipv4Address near_address{10, 0, 0, 1}, far_address{10, 0, 0, 2};
};

}  // namespace strata::test
