// HearingSocket: one of a relay's sockets, and room for the datagram that it hears next.
#pragma once

#include <boost/asio/error.hpp>
#include <cstddef>
#include <memory>

#include "strata/5_session/datagram.hpp"

namespace strata::session {

// Memory that is not touched before a datagram comes is none.
struct HearingSocket {
    HearingSocket(Datagram opened, std::size_t datagram_max)
        : socket(std::move(opened)),
          size(datagram_max),
          bytes(std::make_unique_for_overwrite<std::byte[]>(datagram_max)) {}
    [[nodiscard]] asio::const_buffer heard(std::size_t count) const { return {bytes.get(), count}; }
    [[nodiscard]] asio::mutable_buffer room() const { return {bytes.get(), size}; }
    Datagram socket;
    std::size_t size;
    std::unique_ptr<std::byte[]> bytes;
};

// It hears nothing any more, because its relay wants it so.
[[nodiscard]] inline bool was_closed(const error_code& error) {
    return error == asio::error::operation_aborted || error == asio::error::bad_descriptor;
}

}  // namespace strata::session
