// TFTP's client: gets a file from a server, or puts one there (RFC
// 1350, RFC 2347 to 2349, RFC 7440).
//
// It asks for large blocks and windows, and takes what it is given: a server that knows no options
// answers without, and one that refuses the request for its options is asked again without them. A
// file is whole when its last, short block has come, and, where the server said how long it is,
// when it is as long as that.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/tftp/transfer/transfer.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application::tftp {

struct RequestOptions {
    Mode mode = Mode::octet;
    bool ask_options = true;        // false: a request of RFC 1350, for servers that stumble over more
    std::uint32_t blksize = 0;      // bytes; 0: what the way there takes whole
    std::uint32_t windowsize = 16;  // blocks, as many as window_bytes_max has room for
    bool sliding = true;            // asked for with a windowsize: servers of ours know it, others leave it out
    std::size_t window_bytes_max = window_bytes_usual;
    std::optional<std::uint32_t> timeout{};  // seconds (RFC 2349); unset, each end has its own
    TransferOptions transfer{};
};

// Where a file is on a server.
struct RemoteFile {
    std::string host;
    std::uint16_t port = server_port;
    std::string name;  // as it is sent
};

// `out` has the file then, and is not committed yet. A resumed one is fetched anew from its
// beginning, and compared: the protocol knows no ranges. Throws TransferError, or OutputError. The
// last acknowledgment is given again for dally_time after it has returned, as long as the network,
// which outlives that, runs.
[[nodiscard]] session::asio::awaitable<void> get(session::Network& network, RemoteFile from, OutputFile& out,
                                                 Progress on_progress = {}, RequestOptions options = {});
// Returns when the server has acknowledged the last block. Throws TransferError.
[[nodiscard]] session::asio::awaitable<void> put(session::Network& network, RemoteFile to,
                                                 std::shared_ptr<const Reading> from, Progress on_progress = {},
                                                 RequestOptions options = {});

}  // namespace strata::application::tftp
