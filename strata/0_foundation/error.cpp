#include "strata/0_foundation/error.hpp"

#include <string>

namespace strata {
namespace {

struct Entry {
    const char* text;
    std::errc like;
};

Entry entry_of(Error error) noexcept {
    switch (error) {
        case Error::bad_address: return {"not a valid address", std::errc::invalid_argument};
        case Error::truncated: return {"cut short", std::errc::bad_message};
        case Error::malformed: return {"malformed", std::errc::bad_message};
        case Error::no_buffers: return {"no buffer space left", std::errc::no_buffer_space};
        case Error::would_block: return {"not possible right now", std::errc::operation_would_block};
        case Error::message_too_long: return {"message too long", std::errc::message_size};
        case Error::no_route: return {"no route to the network", std::errc::network_unreachable};
        case Error::host_unreachable: return {"host unreachable", std::errc::host_unreachable};
        case Error::port_unreachable: return {"port unreachable", std::errc::connection_refused};
        case Error::network_down: return {"network is down", std::errc::network_down};
        case Error::address_in_use: return {"address already in use", std::errc::address_in_use};
        case Error::address_not_available: return {"not an address of this host", std::errc::address_not_available};
        case Error::not_connected: return {"not connected", std::errc::not_connected};
        case Error::connection_refused: return {"connection refused", std::errc::connection_refused};
        case Error::connection_reset: return {"connection reset by the peer", std::errc::connection_reset};
        case Error::connection_aborted: return {"connection aborted", std::errc::connection_aborted};
        case Error::timed_out: return {"timed out", std::errc::timed_out};
        case Error::shut_down: return {"sending side is closed", std::errc::broken_pipe};
        case Error::invalid_argument: return {"invalid argument", std::errc::invalid_argument};
        case Error::not_supported: return {"not supported", std::errc::operation_not_supported};
        case Error::limit_reached: return {"limit reached", std::errc::resource_unavailable_try_again};
    }
    return {"unknown error", std::errc::invalid_argument};
}

class Category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "strata"; }
    [[nodiscard]] std::string message(int code) const override { return entry_of(static_cast<Error>(code)).text; }
    [[nodiscard]] std::error_condition default_error_condition(int code) const noexcept override {
        return std::make_error_condition(entry_of(static_cast<Error>(code)).like);
    }
};

}  // namespace

const std::error_category& error_category() noexcept {
    static const Category category;
    return category;
}

}  // namespace strata
