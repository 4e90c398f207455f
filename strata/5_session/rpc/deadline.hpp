// Deadline: does something when a time has passed, unless it is set anew or cleared before. One
// timer, however often it is set: one that waits for an earlier time sees the new one when it
// fires. Of both ends: what a peer may take its time for.
#pragma once

#include <functional>
#include <memory>

#include "strata/5_session/network.hpp"

namespace strata::session::rpc {

class Deadline : public std::enable_shared_from_this<Deadline> {
public:
    // The network outlives it, or stop() comes before. `passed` may set it again.
    [[nodiscard]] static std::shared_ptr<Deadline> make(Network& network, std::function<void()> passed) {
        return std::make_shared<Deadline>(network, std::move(passed));
    }
    Deadline(Network& network, std::function<void()> passed)  // for make()
        : network_(&network), timer_(network.make_timer()), passed_(std::move(passed)) {}

    void set(Duration after);
    void clear() noexcept { at_ = never; }
    [[nodiscard]] bool is_set() const noexcept { return at_ != never; }
    // For good: nothing is done any more.
    void stop();

private:
    void wait();
    void fired();

    Network* network_;
    Timer timer_;
    std::function<void()> passed_;
    Instant at_ = never;
    Instant waiting_until_ = never;
    std::uint64_t turn_ = 0;
};

}  // namespace strata::session::rpc
