// Who is let in by `serve`, and over what: its users, and TLS.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/users/users.hpp"
#include "strata/cli/serve_options.hpp"

namespace strata::cli {

struct ServeAccess {
    std::shared_ptr<application::Users> users{};   // unset: whoever comes is a stranger
    std::optional<presentation::TlsServer> tls{};  // unset: there is none
    std::string fingerprint{};                     // of its certificate
};

// Throws WrongUse with one sentence: options that do not go together.
void check_access(const ServeOptions& options);
// Opens what the options name, while the process may; `at` is where it will listen. The root
// outlives it. Throws std::runtime_error with one sentence.
[[nodiscard]] ServeAccess open_access(const ServeOptions& options, const application::FileRoot& root,
                                      const session::Address& at);
// For the start, once the process is who it will be.
[[nodiscard]] std::vector<std::string> sentences_of(const ServeAccess& access, const ServeOptions& options);

}  // namespace strata::cli
