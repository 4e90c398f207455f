// What simulations of file protocols have in common: a cable that is bad in one of two ways, and
// how a task over it ended.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <string>

#include "strata/lab/lab.hpp"

namespace strata::test {

// 3 % loss, or 20 % reordering; 2 % duplication; 2 ms.
inline physical::CableOptions bad_cable(bool lossy) {
    physical::CableWayOptions way;
    way.delay = 2ms;
    way.duplication = 0.02;
    if (lossy) way.loss = 0.03;
    if (!lossy) way.reordering = 0.20;
    return {.a_to_b = way, .b_to_a = way};
}

// Empty: it went well. At most `patience` is waited.
template <typename Lab>
std::string failure_of(Lab& lab, session::asio::awaitable<void> task, Duration patience) {
    constexpr int looks = 240;
    std::string failure = "it does not end";
    session::asio::co_spawn(lab.io(), std::move(task), [&failure](std::exception_ptr failed) {
        failure.clear();
        try {
            if (failed) std::rethrow_exception(failed);
        } catch (const std::exception& error) {
            failure = error.what();
        }
    });
    for (int i = 0; i < looks && !failure.empty(); ++i) lab.run_for(patience / looks);
    return failure;
}

}  // namespace strata::test
