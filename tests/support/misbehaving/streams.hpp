// What is said in the simulation of misbehaving peers, and a list of what turned out wrong.
#pragma once

#include <string>
#include <vector>

#include "strata/0_foundation/time.hpp"
#include "tests/support/octets.hpp"

namespace strata::test {

enum class Role : std::uint8_t { download, upload, echo };  // as the peer sees it

// Which of the streams of octets.hpp an end says in a conversation.
[[nodiscard]] constexpr unsigned peer_stream(unsigned number) noexcept { return 2 * number; }
// An echo says what it hears.
[[nodiscard]] constexpr unsigned host_stream(unsigned number, Role role) noexcept {
    return role == Role::echo ? peer_stream(number) : 2 * number + 1;
}

class Findings {
public:
    static constexpr std::size_t kept_max = 12;
    void add(Instant at, const std::string& what) {
        ++count_;
        if (kept_.size() < kept_max)
            kept_.push_back("after " + std::to_string(seconds_of(at.time_since_epoch())) + " s: " + what);
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] std::string payload() const {
        std::string all;
        for (const std::string& one : kept_) all += one + "\n";
        if (count_ > kept_.size()) all += "and " + std::to_string(count_ - kept_.size()) + " more\n";
        return all;
    }

private:
    std::vector<std::string> kept_;
    std::size_t count_ = 0;
};

}  // namespace strata::test
