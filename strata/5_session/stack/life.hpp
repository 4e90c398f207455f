// StackLife: what the sessions of one stack share, and how they end when the stack does.
//
// A waiting operation often owns, through its coroutine, the very stream it waits on. Asio's own
// sockets break that cycle when their event loop is destroyed; ours break it when their stack is:
// what waits is abandoned, its handler destroyed and never called. StackNetwork owns the StackLife;
// what it makes refers to it weakly, and registers as a StackMember.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "strata/0_foundation/scheduler.hpp"

namespace strata::transport::tcp {
class Tcp;
}

namespace strata::session {

class StackMember;

struct StackLife {
    StackLife(boost::asio::any_io_executor on, Scheduler& clock, transport::tcp::Tcp& transport, bool time_is_virtual)
        : executor(std::move(on)), scheduler(clock), tcp(transport), in_virtual_time(time_is_virtual) {}
    StackLife(const StackLife&) = delete;
    StackLife& operator=(const StackLife&) = delete;
    ~StackLife() { abandon_all(); }

    boost::asio::any_io_executor executor;
    Scheduler& scheduler;
    transport::tcp::Tcp& tcp;
    bool in_virtual_time;  // which does not advance while a disk is waited for
    StackMember* first = nullptr;

    void abandon_all() noexcept;
};

// Something of a stack that operations may wait on. Links itself into the stack's list.
class StackMember {
public:
    explicit StackMember(StackLife& life) noexcept : life_(&life), next_(life.first) {
        if (next_ != nullptr) next_->previous_ = this;
        life.first = this;
    }
    StackMember(const StackMember&) = delete;
    StackMember& operator=(const StackMember&) = delete;
    virtual ~StackMember() { unlink(); }
    // Destroys the handlers that wait here. May destroy *this with them.
    virtual void abandon() noexcept = 0;

private:
    friend struct StackLife;
    void unlink() noexcept {
        if (life_ == nullptr) return;
        (previous_ != nullptr ? previous_->next_ : life_->first) = next_;
        if (next_ != nullptr) next_->previous_ = previous_;
        life_ = nullptr;
    }
    StackLife* life_;
    StackMember* previous_ = nullptr;
    StackMember* next_;
};

inline void StackLife::abandon_all() noexcept {
    while (StackMember* member = first) {
        member->unlink();
        member->abandon();
    }
}

}  // namespace strata::session
