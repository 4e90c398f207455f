// The plain download protocol's client: sends a name, takes what comes until the server closes.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application::plain {

// `name` is UTF-8 and is sent in `encoding`. The protocol knows no lengths and no ranges: a resumed
// fetch reads the whole and drops what `out` has already. Throws TransferError or OutputError (also
// when no byte comes: there is no such file, or it is empty).
[[nodiscard]] session::asio::awaitable<void> fetch(session::Network& network, std::string host, std::uint16_t port,
                                                   std::string name, std::string encoding, OutputFile& out,
                                                   Progress on_progress = {}, ClientOptions options = {});

}  // namespace strata::application::plain
