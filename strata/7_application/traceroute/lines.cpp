#include "strata/7_application/traceroute/lines.hpp"

#include <fmt/format.h>

namespace strata::application::traceroute {

bool Lines::write(std::size_t end) {
    while (written_ < end) {
        const auto next = waiting_.find(written_);
        if (next == waiting_.end() || !write_one(next->second)) return false;
        waiting_.erase(next);
        ++written_;
    }
    return true;
}

// False: who answered can't be written yet.
bool Lines::write_one(const std::optional<Answer>& answer) {
    const std::size_t place = written_ % probes_a_hop_;
    std::string text = place == 0 ? fmt::format("{:2} ", hop_) : std::string{};
    if (!answer) {
        text += " *";
    } else {
        if (latest_ != answer->from) {
            const auto host = shown_(answer->from);
            if (!host) return false;
            text += ' ' + *host;
            latest_ = answer->from;
        }
        text += fmt::format("  {:.3f} ms", seconds_of(answer->round_trip) * 1000);
        if (answer->mtu != 0) text += fmt::format(" F={}", answer->mtu);
        if (!answer->mark.empty()) text += ' ' + answer->mark;
    }
    const bool last = place + 1 == probes_a_hop_;
    print_(text, last);
    if (!last) return true;
    ++hop_;
    latest_.reset();
    return true;
}

}  // namespace strata::application::traceroute
