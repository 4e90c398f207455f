// Turns: for work of which only so much is done at a time. The others
// wait, in the order in which they came.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <list>

#include "strata/5_session/network.hpp"

namespace strata::application {

class Turns {
public:
    // The network outlives it, and it outlives the turns that it gave.
    Turns(session::Network& network, std::size_t at_once_max) : network_(network), free_(at_once_max) {}
    Turns(const Turns&) = delete;
    Turns& operator=(const Turns&) = delete;

    // Whoever holds it has his turn.
    class Turn {
    public:
        explicit Turn(Turns& of) noexcept : of_(&of) {}
        Turn(Turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (of_ != nullptr) of_->give_back();
        }

    private:
        Turns* of_;
    };
    [[nodiscard]] session::asio::awaitable<Turn> wait();
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

private:
    struct Waiting;
    void give_back();

    session::Network& network_;
    std::size_t free_;
    std::list<Waiting*> waiting_;
};

}  // namespace strata::application
