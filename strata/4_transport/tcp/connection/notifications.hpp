// What the user of a connection is to be told when the burst is over, once each.
#pragma once

#include <system_error>
#include <utility>

#include "strata/3_network/icmp/error_report.hpp"

namespace strata::transport::tcp {

// What a connection calls upward. It may read, write, close and abort in these calls, and release
// other connections and this one.
class ConnectionUser {
public:
    virtual ~ConnectionUser() = default;
    virtual void connected() {}  // an active open succeeded
    virtual void readable() {}   // there is payload, or its end, to read
    virtual void writable() {}   // a write that took too little may be tried again
    // ICMP says that a segment in flight did not arrive, and who says so: told at once. Whether
    // that ends the conversation is not decided yet; no calls of the connection in this one.
    virtual void segment_failed(const network::ErrorReport&) {}
    // The conversation is over, once: without an error if both sides
    // closed. What arrived can still be read.
    virtual void closed(std::error_code) {}
};

class Notifications {
public:
    void set_user(ConnectionUser* user) noexcept { user_ = user; }

    void segment_failed(const network::ErrorReport& report) const {
        if (user_ != nullptr) user_->segment_failed(report);
    }
    void connected() noexcept { connected_ = true; }
    void readable() noexcept { readable_ = true; }
    void writable() noexcept { writable_ = true; }
    // A write took less than was offered: only then is the user told that there is room.
    void write_was_short() noexcept { wants_room_ = true; }

    // Tells it. `open`: the connection is not over; `has_room`: a write would take something; both
    // are asked anew before each call, since a call may change them.
    template <typename Open, typename HasRoom>
    void tell(Open&& open, HasRoom&& has_room, const std::error_code& error) {
        if (std::exchange(connected_, false) && user_ != nullptr && open()) user_->connected();
        if (std::exchange(readable_, false) && user_ != nullptr) user_->readable();
        if (writable_ && wants_room_ && has_room() && user_ != nullptr) {
            wants_room_ = false;
            user_->writable();
        }
        writable_ = false;
        if (!open() && !closed_told_ && user_ != nullptr) {
            closed_told_ = true;
            user_->closed(error);
        }
    }

private:
    ConnectionUser* user_ = nullptr;
    bool connected_ = false;
    bool readable_ = false;
    bool writable_ = false;
    bool wants_room_ = false;
    bool closed_told_ = false;
};

}  // namespace strata::transport::tcp
