// How a KernelStream sends what a file holds: small pieces are read and sent with what precedes
// them in one call, large ones go from the page cache to the socket by sendfile(2), without a copy
// here.
#pragma once

#include <cstdint>
#include <memory>

#include "strata/5_session/file_slice.hpp"
#include "strata/5_session/kernel/stream.hpp"

namespace strata::session::kernel {

// Whether a page that is not in memory is worth a look first.
enum class Pages : std::uint8_t {
    looked_for,  // what is not there is would_block
    waited_for,
};

// sendmsg(2) without waiting, of the buffers and what follows them. Errors: would_block.
std::size_t send_now(int socket, const ConstBufferList& buffers, asio::const_buffer behind, int flags,
                     error_code& error);

// As much as can be sent without waiting for the peer. Errors: would_block; eof if the file ends
// before the slice begins.
[[nodiscard]] std::size_t send_file_now(StreamSocket& socket, const ConstBufferList& before, const FileSlice& slice,
                                        Pages pages, error_code& error);
// Waits for the peer and for the disk.
void start_send_file(const std::shared_ptr<StreamSocket>& socket, const ConstBufferList& before, const FileSlice& slice,
                     IoHandler handler);

}  // namespace strata::session::kernel
