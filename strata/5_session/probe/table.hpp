// ProbeTable: the probes that wait for an answer, each under a number, and until when.
//
// It has no clock and no socket: StackProber and KernelProber hand in what arrives and when, keep a
// socket for each number, and arm one timer for the next deadline.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/probe.hpp"

namespace strata::session {

struct ProbeTableOptions {
    std::size_t probes_waiting_max = 256;  // at once, and as many sockets
};

class ProbeTable {
public:
    using Number = std::uint64_t;

    // `ended` is called when a probe no longer waits, as the last thing that is done with it: what
    // its socket needs can go.
    explicit ProbeTable(std::function<void(Number)> ended, ProbeTableOptions options = {})
        : ended_(std::move(ended)), options_(options) {}
    ProbeTable(const ProbeTable&) = delete;
    ProbeTable& operator=(const ProbeTable&) = delete;

    // Takes the probe in. Nothing: it can't wait here, and the handler was told why.
    std::optional<Number> add(const ProbeRequest& request, Instant now, ProbeHandler handler);
    // All ignore a probe that waits no longer.
    void answered(Number number, ProbeReply reply, Instant now);
    // It could not be sent; `mtu`: see ProbeReply.
    void not_sent(Number number, error_code error, std::size_t mtu = 0);

    [[nodiscard]] std::size_t waiting() const noexcept { return probes_.size(); }
    [[nodiscard]] std::optional<Instant> next_deadline() const;
    // Ends, with timed_out, what has waited long enough.
    void expire(Instant now);
    // Ends all that waits with operation_aborted.
    void cancel();
    // Destroys the handlers that wait, without a call; `ended` is not called either. May destroy
    // *this with them.
    void abandon() noexcept;

private:
    struct Probe {
        Instant sent_at{};
        Instant deadline{};
        Waiting<ProbeHandler> waiting;
    };
    void finish(Number number, error_code error, const ProbeReply& reply);

    std::function<void(Number)> ended_;
    ProbeTableOptions options_;
    std::map<Number, Probe> probes_;
    std::set<std::pair<Instant, Number>> deadlines_;
    Number latest_ = 0;
};

}  // namespace strata::session
