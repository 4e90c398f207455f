// Asking: requests to one server, and their answers' heads: with the names and passwords that are
// meant for it, by the proxies that the way there has, and behind whatever redirects it names.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/http/client/exchange.hpp"
#include "strata/7_application/http/client/http_options.hpp"

namespace strata::application::http {

class Asking {
public:
    // All that is referred to outlives it. Throws TransferError where the host's name is none.
    Asking(session::Network& network, Aim aim, const ClientOptions& options, const HttpOptions& http);

    // What is asked for: by and by, what redirects led to.
    [[nodiscard]] const Aim& aim() const noexcept { return aim_; }
    // A request without a body, on a connection of its own. `fields`: whole lines. The answer
    // of GET and HEAD is no redirect. Throws TransferError.
    [[nodiscard]] session::asio::awaitable<std::shared_ptr<Exchange>> ask(std::string method, std::string fields);
    // The same with fields that depend on what happened before, and in pieces: the way there, the
    // request's text, and its answer's head, behind interim ones.
    [[nodiscard]] session::asio::awaitable<std::shared_ptr<Exchange>> reach();
    [[nodiscard]] std::string request(const Exchange& exchange, std::string_view method, std::string_view fields) const;
    [[nodiscard]] session::asio::awaitable<void> take_head(Exchange& exchange);

    // Throws what an answer says that brings nothing: there is no such file, no password, ...
    [[noreturn]] void refuse(const Exchange& exchange) const;

private:
    void name_in_ascii();
    [[nodiscard]] std::optional<Credentials> credentials() const;
    [[nodiscard]] bool is_redirected(const Exchange& exchange);
    void check_codings(const Exchange& exchange) const;

    session::Network& network_;
    Aim aim_;
    Url first_;
    const ClientOptions& options_;
    const HttpOptions& http_;
    unsigned redirects_ = 0;
};

// What may be otherwise in a moment.
[[nodiscard]] bool is_busy(unsigned status) noexcept;

}  // namespace strata::application::http
