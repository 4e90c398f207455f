// Lines: what came of the probes, written as traceroute(8) does, in the order of the probes,
// whatever the order of the answers.
//
//      2  router.example (10.0.1.253)  4.002 ms  4.001 ms * 10.0.1.9 (10.0.1.9)  4.020 ms !H
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::application::traceroute {

// A part of a line; `ends`: it is the last one.
using Print = std::function<void(const std::string& text, bool ends)>;

struct Answer {
    IpAddress from;
    Duration round_trip{};
    std::string mark;     // see Verdict
    std::size_t mtu = 0;  // of a probe that had to be made so short before it came so far, in bytes; else 0
};

class Lines {
public:
    // How a host is to be written; nothing: it is not known yet, and waited for.
    using Shown = std::function<std::optional<std::string>(const IpAddress& host)>;

    // `probes_a_hop`: at least 1.
    Lines(unsigned first_hop, std::size_t probes_a_hop, Print print, Shown shown)
        : hop_(first_hop), probes_a_hop_(probes_a_hop), print_(std::move(print)), shown_(std::move(shown)) {}

    // What came of the probe of this number, from 0; nothing: no answer in time.
    void put(std::size_t number, std::optional<Answer> answer) { waiting_.emplace(number, std::move(answer)); }
    // Writes what can be written, up to `end` probes in all. True: that is all.
    bool write(std::size_t end);

private:
    [[nodiscard]] bool write_one(const std::optional<Answer>& answer);

    unsigned hop_;
    std::size_t probes_a_hop_;
    Print print_;
    Shown shown_;
    std::map<std::size_t, std::optional<Answer>> waiting_;  // to be written
    std::size_t written_ = 0;
    std::optional<IpAddress> latest_;  // who was named last on this line
};

}  // namespace strata::application::traceroute
