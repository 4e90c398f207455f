// Exchange: a conversation with a server, or with a proxy before it,
// and the head of the answer that came last. Aim: what it is about.
#pragma once

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "strata/5_session/stream.hpp"
#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/serving/watchdog.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application::http {

// A URL, and what is done with it, as sentences have it: "cannot fetch http://...".
struct Aim : Url {
    explicit Aim(Url url, std::string_view what = "fetch") : Url(std::move(url)), doing(what) {}
    std::string_view doing;  // a literal
};

struct Exchange {
    using Parser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;

    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() {
        if (watchdog) watchdog->stop();
    }

    session::Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    std::string ahead;       // what came behind the head
    bool has_ended = false;  // the stream, with the head: nobody should wait for more
    std::optional<Parser> parser;
    std::chrono::sys_seconds now{};  // when it began
    bool by_proxy = false;           // it is asked for the absolute form, and with `proxy_authorization`
    std::string proxy_authorization;

    [[nodiscard]] unsigned status() const { return parser->get().result_int(); }
    [[nodiscard]] std::string field(boost::beast::http::field name) const { return std::string(parser->get()[name]); }
};

// Reads an answer's head into `exchange.parser`.
[[nodiscard]] session::asio::awaitable<session::error_code> read_head(Exchange& exchange);

// "Basic dXNlcjpw": RFC 7617.
[[nodiscard]] std::string basic(const Credentials& credentials);

[[noreturn]] void fail(const Aim& aim, const std::string& what, const std::string& advice);
// What another attempt may mend; not before `wait` is over.
[[noreturn]] void fail_for_now(const Aim& aim, const std::string& what, const std::string& advice, Duration wait = {});
// Of what went wrong in a conversation; `advice` is for what may pass.
[[noreturn]] void fail(const Aim& aim, const Exchange& exchange, const session::error_code& error,
                       const std::string& advice);

}  // namespace strata::application::http
