#include "strata/cli/request_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/readable_size.hpp"

namespace strata::cli {
namespace {

// The second is written anew when it is another: the calendar costs
// more than all the rest of a line.
std::string time_of(std::chrono::system_clock::time_point time) {
    thread_local std::chrono::sys_seconds second{};
    thread_local std::string written;
    const auto now = std::chrono::floor<std::chrono::seconds>(time);
    if (now != second || written.empty()) {
        second = now;
        written = fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
    }
    return fmt::format("{}.{:03}Z", written, std::chrono::floor<std::chrono::milliseconds>(time - now).count());
}

std::string text_line(const LogEntry& entry) {
    const double seconds = seconds_of(entry.took);
    const auto rate =
        seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(entry.bytes) / seconds) : entry.bytes;
    const std::string_view why = in_words(entry.ending);
    const std::string who = entry.user.empty() ? "" : ", user " + in_quotes(entry.user);
    return fmt::format("{} {} {} {} {} {} bytes in {:.3f} s, {}/s{}{}{}{}\n", time_of(entry.time),
                       entry.client.to_string(), entry.protocol, in_quotes(entry.request), entry.result, entry.bytes,
                       seconds, application::readable_size(rate), who, why.empty() ? "" : " (", why,
                       why.empty() ? "" : ")");
}

std::string json_line(const LogEntry& entry) {
    const std::string_view why = in_words(entry.ending);
    const std::string who = entry.user.empty() ? "" : "\"user\":" + json_string(entry.user) + ",";
    return fmt::format(R"({{"time":"{}","client":{},"protocol":"{}",{}"request":{},"result":{},)"
                       R"("bytes":{},"seconds":{:.6f},"ending":{}}})"
                       "\n",
                       time_of(entry.time), json_string(entry.client.to_string()), entry.protocol, who,
                       json_string(entry.request), json_string(entry.result), entry.bytes, seconds_of(entry.took),
                       json_string(why.empty() ? "whole" : why));
}

}  // namespace

std::string line_of(const LogEntry& entry, LogFormat format) {
    return format == LogFormat::json ? json_line(entry) : text_line(entry);
}

}  // namespace strata::cli
