// Inquiry: asks which servers there are and what each would give, and takes nothing (RFC 2131
// 3.1.1, 3.1.2). An offer that nobody requests is forgotten by its server.
#pragma once

#include <functional>

#include "strata/0_foundation/scheduler.hpp"
#include "strata/7_application/dhcp/client/lease.hpp"
#include "strata/7_application/dhcp/client/requests.hpp"

namespace strata::application::dhcp {

struct InquiryOptions {
    Identity identity;
    LeaseLimits limits;
    unsigned discovers_max = 3;   // then nobody answers
    Duration listen_time = 2s;    // after the first offer, for those of others
    std::size_t offers_max = 16;  // one a server
};

class Inquiry {
public:
    using Send = std::function<void(const Message& message)>;
    using Handler = std::move_only_function<void(std::vector<Lease> offers)>;

    // Asks at once. Calls `send` for each message to everybody, and `handler` once, in the end; the
    // handler may destroy it. Both references outlive it.
    Inquiry(Scheduler& scheduler, Entropy& entropy, InquiryOptions options, Send send, Handler handler);
    Inquiry(const Inquiry&) = delete;
    Inquiry& operator=(const Inquiry&) = delete;

    void deliver(const Message& message);

private:
    void due();
    void discover();

    Scheduler& scheduler_;
    Entropy& entropy_;
    InquiryOptions options_;
    Requests requests_;
    Send send_;
    Handler handler_;
    std::uint32_t xid_;
    Instant began_;
    BackOff back_off_;
    unsigned discovers_ = 0;
    std::vector<Lease> offers_;
    Timer timer_;
};

}  // namespace strata::application::dhcp
