#include "strata/7_application/nfs/client/mounting/mounting.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/nfs/client/mounting/attempt.hpp"

namespace strata::application::nfs::client {

namespace asio = session::asio;
using asio::awaitable;
using boost::system::system_error;

namespace {

// Version 4 where the server has no version 3, and nobody has said which it shall be. What is said
// is what version 3 failed with, unless version 4 is there.
awaitable<std::unique_ptr<Volume>> mount_any(const Attempt& attempt) {
    const Parameters& said = attempt.parameters;
    if (said.version == 4) co_return co_await mount4(attempt);
    std::optional<Failure> of_version3;
    try {
        co_return co_await mount3(attempt);
    } catch (const Failure& failure) {
        if (!failure.other_version || said.version || said.by_datagrams || said.mount_port) throw;
        of_version3 = failure;
    }
    try {
        co_return co_await mount4(attempt);
    } catch (const Failure& failure) {
        if (!failure.lost && !failure.other_version) throw;
    }
    throw *of_version3;
}

}  // namespace

awaitable<std::unique_ptr<Volume>> mount_for(session::Network& network, const http::Url& server, const Path& path,
                                             const NfsOptions& options, const ClientOptions& patience) {
    const auto parameters = parameters_of(server.parameters);
    if (!parameters) throw failure_of(parameters.error());
    session::error_code error;
    const auto addresses =
        co_await network.async_resolve(server.host, asio::redirect_error(asio::use_awaitable, error));
    if (error) throw Failure(error.message(), "check the host's name", true);
    std::optional<Failure> failed;
    for (const IpAddress& address : addresses) {
        const Attempt attempt(network, server, path, options, patience, *parameters, address);
        try {
            co_return co_await mount_any(attempt);
        } catch (const Failure& failure) {
            if (!failure.lost) throw;
            failed = failure;
        } catch (const system_error& opening) {
            if (opening.code() == asio::error::operation_aborted) throw;
            failed = failure_of(opening);
        }
    }
    throw *failed;
}

}  // namespace strata::application::nfs::client
