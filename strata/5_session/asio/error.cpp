#include "strata/5_session/asio/error.hpp"

#include <cerrno>

namespace strata::session {
namespace {

int errno_of(Error error) noexcept {
    switch (error) {
        case Error::bad_address:
        case Error::invalid_argument: return EINVAL;
        case Error::truncated:
        case Error::malformed: return EBADMSG;
        case Error::no_buffers: return ENOBUFS;
        case Error::would_block: return EWOULDBLOCK;
        case Error::message_too_long: return EMSGSIZE;
        case Error::no_route: return ENETUNREACH;
        case Error::host_unreachable: return EHOSTUNREACH;
        case Error::port_unreachable:
        case Error::connection_refused: return ECONNREFUSED;
        case Error::network_down: return ENETDOWN;
        case Error::address_in_use: return EADDRINUSE;
        case Error::address_not_available: return EADDRNOTAVAIL;
        case Error::not_connected: return ENOTCONN;
        case Error::connection_reset: return ECONNRESET;
        case Error::connection_aborted: return ECONNABORTED;
        case Error::timed_out: return ETIMEDOUT;
        case Error::shut_down: return EPIPE;
        case Error::not_supported: return EOPNOTSUPP;
        case Error::limit_reached: return EMFILE;
    }
    return EIO;
}

}  // namespace

boost::system::error_code to_asio(const std::error_code& error) noexcept {
    if (!error) return {};
    if (error.category() == error_category()) {
        return {errno_of(static_cast<Error>(error.value())), boost::system::system_category()};
    }
    return {error.value(), boost::system::system_category()};
}

boost::system::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

}  // namespace strata::session
