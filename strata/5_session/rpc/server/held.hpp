// HeldBytes: what an RPC server holds for the clients of all its connections: records that come,
// calls that are being done, replies that were not taken. Each connection has its own bound; that
// of all is kept by giving each a smaller share, and then by cutting off the one whose client has
// neither said nor taken anything for longest.
#pragma once

#include <cstddef>
#include <functional>
#include <list>

namespace strata::session::rpc {

class HeldBytes {
public:
    explicit HeldBytes(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    struct Part {
        std::function<void()> cut_off;  // lets go of all it holds
        std::size_t bytes = 0;
    };
    using Place = std::list<Part>::iterator;
    [[nodiscard]] Place add(std::function<void()> cut_off);
    void remove(Place place);
    // So much it is now; `moved`: its client has said something, or taken it.
    void is(Place place, std::size_t bytes, bool moved);
    // Cuts off until no more is held than may be: perhaps who calls it, too.
    void keep_bound();

    // What one may hold before no more is read from it: at least a byte.
    [[nodiscard]] std::size_t share() const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::list<Part> holding_;  // whose client moved last at the end
    std::list<Part> idle_;     // hold nothing
};

}  // namespace strata::session::rpc
