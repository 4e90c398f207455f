// RequestLog: what a server tells of its requests, as lines for people or for programs.
//
//   text  2026-11-29T13:05:01.250Z 10.0.0.7:40312 http "GET /a.iso" 200 734003200 bytes in 8.120 s, 86.2 MiB/s
//   json  {"time":"2026-11-29T13:05:01.250Z","client":"10.0.0.7:40312","protocol":"http",…}
//
// Of somebody who has said who he is, ", user "ann"" is behind the
// rate, and "user":"ann" behind the protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "strata/0_foundation/time.hpp"
#include "strata/5_session/address.hpp"
#include "strata/7_application/serving/ending.hpp"

namespace strata::cli {

enum class LogFormat : std::uint8_t { text, json, off };

struct LogEntry {
    std::chrono::system_clock::time_point time;
    session::Address client;
    std::string_view protocol;
    std::string_view request;  // as the client said it: anything
    std::string_view result;
    std::uint64_t bytes = 0;  // that have arrived: there, or, of what was put, here
    Duration took{};
    application::Ending ending = application::Ending::whole;
    std::string_view user{};  // who said that he is this: anything, or nobody
};

// One line, with its newline. Not for LogFormat::off.
[[nodiscard]] std::string line_of(const LogEntry& entry, LogFormat format);

}  // namespace strata::cli
