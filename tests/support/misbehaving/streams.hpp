// What is said in the simulation of misbehaving peers: streams of octets that both ends can work out at any place, and
// a list of what turned out wrong.
#pragma once

#include <string>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::test {

enum class Role : std::uint8_t { download, upload, echo };  // as the peer sees it

// Each stream is the same circle of octets, begun elsewhere. The circle's length shares nothing with any segment's
// size.
inline constexpr std::size_t circle = 65521;
[[nodiscard]] inline Bytes octets(unsigned stream, std::uint64_t place, std::size_t count) {
    static const std::vector<std::byte> bytes = [] {
        std::vector<std::byte> made(2 * circle);
        for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<std::byte>(i % circle * 31 >> 3);
        return made;
    }();
    return Bytes{bytes}.subspan((place + std::uint64_t{stream} * 7919) % circle, count);  // count =< circle
}
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
    [[nodiscard]] std::string text() const {
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
