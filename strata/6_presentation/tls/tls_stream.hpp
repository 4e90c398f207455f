// A Stream whose bytes go through an SSL of OpenSSL's.
#pragma once

#include <memory>

#include "strata/5_session/stream.hpp"
#include "strata/6_presentation/tls/library.hpp"
#include "strata/6_presentation/tls/tls.hpp"

namespace strata::presentation {

struct SslFree {
    void operator()(SSL* ssl) const noexcept { TlsLibrary::get().SSL_free(ssl); }
};
using SslHandle = std::unique_ptr<SSL, SslFree>;

// `ssl` knows which side it is, and has no BIO yet.
[[nodiscard]] session::Stream make_tls_stream(session::Stream below, std::shared_ptr<SSL> ssl,
                                              std::shared_ptr<TlsFacts> facts = {});

}  // namespace strata::presentation
