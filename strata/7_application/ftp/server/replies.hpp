// What a client is told when something with a file cannot be (RFC 959 5.4).
#pragma once

#include <string_view>
#include <system_error>

namespace strata::application::ftp {

struct Refusal {
    unsigned code;
    std::string_view text;
};

// Of looking at it or reading it.
[[nodiscard]] Refusal refusal_of_reading(const std::error_code& error);
// Of making, changing or removing it.
[[nodiscard]] Refusal refusal_of_writing(const std::error_code& error);

}  // namespace strata::application::ftp
