// The protocols that a Remote can speak, by the schemes of URLs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application {

// A URL of one of them. "host/path", without a scheme, is one of http. Nothing if it is none, or
// has what its protocol has no place for: explain_url() says what.
[[nodiscard]] std::optional<Url> parse_remote_url(std::string_view text);
// Why not, and what to write instead: "'x' is no URL …; write …".
[[nodiscard]] std::string explain_url(std::string_view text);

// The network, and what the options refer to, outlive it.
[[nodiscard]] std::unique_ptr<Remote> make_remote(session::Network& network, const Url& url,
                                                  const RemoteOptions& options);

}  // namespace strata::application
