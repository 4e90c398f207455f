// What a transfer reports while it runs, what bounds it, and how it fails.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "strata/0_foundation/time.hpp"

namespace strata::application {

// How many bytes of the whole are there, resumed ones included, and
// how many there will be if the server said so.
using Progress = std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)>;

// One sentence: what failed, with which address or file, and what to do.
struct TransferError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// Its name in version 0.1.
using FetchError [[deprecated("it is TransferError")]] = TransferError;
// One that may pass: another attempt may go well, not before `wait`
// is over if the server asked for that.
struct PassingError : TransferError {
    explicit PassingError(const std::string& text, Duration asked_wait = {}) : TransferError(text), wait(asked_wait) {}
    Duration wait;
};

struct ClientOptions {
    Duration connect_timeout = 30s;
    Duration stall_timeout = 60s;  // without a byte
    unsigned redirects_max = 10;
    std::uint64_t rate_limit = 0;  // bytes a second that are read; 0: as many as come
    // One sentence that the user should know, and that is no failure.
    std::function<void(const std::string&)> on_notice{};
};

}  // namespace strata::application
