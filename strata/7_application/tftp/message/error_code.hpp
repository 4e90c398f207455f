// The codes of TFTP's ERROR packets, and what they say (RFC 1350 5, RFC 2347).
#pragma once

#include <cstdint>
#include <string_view>

namespace strata::application::tftp {

enum class ErrorCode : std::uint16_t {
    not_defined = 0,  // the text says it
    file_not_found = 1,
    access_violation = 2,
    disk_full = 3,
    illegal_operation = 4,
    unknown_transfer_id = 5,
    file_already_exists = 6,
    no_such_user = 7,
    bad_options = 8,
};

[[nodiscard]] constexpr std::string_view in_words(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::not_defined: return "it says no reason";
        case ErrorCode::file_not_found: return "there is no such file";
        case ErrorCode::access_violation: return "it is not allowed";
        case ErrorCode::disk_full: return "the disk is full, or there is no room for so much";
        case ErrorCode::illegal_operation: return "it does not know that operation";
        case ErrorCode::unknown_transfer_id: return "it knows no such transfer";
        case ErrorCode::file_already_exists: return "the file is there already";
        case ErrorCode::no_such_user: return "it knows no such user";
        case ErrorCode::bad_options: return "it does not take the options";
    }
    return "an error that has no name";
}

}  // namespace strata::application::tftp
