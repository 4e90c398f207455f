#include "strata/7_application/nfs/client/session/together.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <exception>

namespace strata::application::nfs::client {

using session::asio::awaitable;
using Work = std::function<awaitable<void>()>;

namespace {

// Ends with what it did; the first failure is kept, for the others fail with being ended.
awaitable<void> run_one(const Work& work, std::exception_ptr& first) {
    try {
        co_await work();
    } catch (...) {
        if (!first) first = std::current_exception();
        throw;
    }
}

awaitable<void> run_from(std::size_t count, const Work& work, std::exception_ptr& first) {
    using namespace session::asio::experimental::awaitable_operators;
    awaitable<void> one = run_one(work, first);
    if (count <= 1) {
        co_await std::move(one);
        co_return;
    }
    awaitable<void> others = run_from(count - 1, work, first);
    co_await (std::move(one) && std::move(others));
}

}  // namespace

awaitable<void> run_together(std::size_t count, const Work& work) {
    std::exception_ptr first;
    try {
        co_await run_from(count, work, first);
    } catch (...) {
        if (!first) first = std::current_exception();
    }
    if (first) std::rethrow_exception(first);
}

}  // namespace strata::application::nfs::client
