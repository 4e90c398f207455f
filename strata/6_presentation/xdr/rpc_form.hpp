// What RPC carries, as values in XDR: arguments and results of a program's procedures, for servers
// and clients.
#pragma once

#include "strata/5_session/rpc/client/client.hpp"
#include "strata/5_session/rpc/server/program.hpp"
#include "strata/6_presentation/xdr/xdr.hpp"

namespace strata::presentation::xdr {

namespace rpc = session::rpc;

// The arguments of a call: views into it. An error is garbage_arguments to the client.
template <typename Value>
[[nodiscard]] Result<Value> arguments_of(const rpc::Call& call) {
    return decode<Value>(call.arguments);
}

// A value as arguments or results. What a TrailingOpaque has stays where it is: `owner` keeps it.
// Errors: Writer::error().
template <typename Value>
[[nodiscard]] Result<rpc::Body> body_of(const Value& value, std::size_t size_max,
                                        std::shared_ptr<const void> owner = {}) {
    rpc::Body body;
    Writer writer(body.head, size_max);
    writer(value);
    if (writer.error()) return std::unexpected(writer.error());
    body.data = writer.outside();
    body.owner = std::move(owner);
    return body;
}

// Results of a call; system_error if they are more than can go back.
template <typename Value>
[[nodiscard]] rpc::Reply reply_of(const rpc::Call& call, const Value& results, std::shared_ptr<const void> owner = {}) {
    Result<rpc::Body> body = body_of(results, call.results_room, std::move(owner));
    if (!body) return rpc::Reply::refused(rpc::Outcome::system_error);
    return rpc::Reply::of(std::move(*body));
}

// Results as a client has them: views into the message beside them.
template <typename Value>
struct Called {
    rpc::Results message;
    Value value{};
};

namespace detail {

template <typename Value>
session::asio::awaitable<Called<Value>> read_results(session::asio::awaitable<rpc::Results> calling) {
    Called<Value> called;
    called.message = co_await std::move(calling);
    Result<Value> value = decode<Value>(called.message.bytes());
    if (!value) throw boost::system::system_error(rpc::Errc::bad_reply);
    called.value = std::move(*value);
    co_return called;
}

// A default argument would be a temporary of whoever awaits, which GCC 12 spoils.
inline const rpc::CallOptions& usual_call_options() {
    static const rpc::CallOptions usual;
    return usual;
}

}  // namespace detail

// Calls a procedure. The arguments are written before it returns; `owner` keeps a TrailingOpaque of
// them. Throws as rpc::Client::call; call_too_long too for arguments that break their declaration,
// bad_reply for results that do.
template <typename Value, typename Arguments>
[[nodiscard]] session::asio::awaitable<Called<Value>> call(
    rpc::Client& client, const rpc::Target& target, const Arguments& arguments,
    const rpc::CallOptions& options = detail::usual_call_options(), std::shared_ptr<const void> owner = {}) {
    Result<rpc::Body> body = body_of(arguments, any_length, std::move(owner));
    if (!body) throw boost::system::system_error(rpc::Errc::call_too_long);
    return detail::read_results<Value>(client.call(target, std::move(*body), options));
}

}  // namespace strata::presentation::xdr
