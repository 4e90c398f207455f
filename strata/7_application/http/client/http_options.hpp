// What a client of HTTP is told beside what every client is.
#pragma once

#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/http/client/netrc.hpp"
#include "strata/7_application/http/client/proxies.hpp"

namespace strata::application::http {

struct HttpOptions {
    HttpOptions() = default;  // no aggregate: GCC 12 moves one that is made within a co_await as if it were bytes

    presentation::TlsClient tls{};  // whom to trust
    Proxies proxies{};              // none: every server is asked straight
    Netrc netrc{};                  // names and passwords of hosts whose URL has none
};

}  // namespace strata::application::http
