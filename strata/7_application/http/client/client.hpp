// An HTTP/1.1 client that fetches one URL into a file: redirects, resuming by range, progress; over
// TLS, by proxies, with names and passwords.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/http/client/http_options.hpp"
#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application::http {

// Writes the body to `out`, which is not committed yet: the caller looks at
// the digest first. If `out` holds part of it already, the rest is asked for
// by range, and If-Range sees to it that the parts belong together. Throws
// TransferError, PassingError or OutputError; what arrived stays in `out`.
[[nodiscard]] session::asio::awaitable<void> fetch(session::Network& network, Url url, OutputFile& out,
                                                   Progress on_progress = {}, ClientOptions options = {},
                                                   HttpOptions http = {});

}  // namespace strata::application::http
