// What a client of HTTP reads beside the message itself: heads as servers write them, the chunked
// coding, .netrc, proxies.
// links: application
#include <cstdlib>
#include <string>

#include "strata/7_application/http/client/chunks.hpp"
#include "strata/7_application/http/client/netrc.hpp"
#include "strata/7_application/http/client/proxies.hpp"
#include "strata/7_application/http/client/response_head.hpp"

using namespace strata::application::http;

namespace {

void require(bool good) {
    if (!good) std::abort();
}

struct Decoded {
    std::string meant;
    bool done, broken;
    bool operator==(const Decoded&) const = default;
};

Decoded decoded(std::string_view coded, std::size_t piece) {
    Chunks chunks;
    Decoded result{};
    for (std::size_t place = 0; place < coded.size(); place += piece) {
        std::string part(coded.substr(place, piece));
        const std::size_t count = chunks.take_off(std::as_writable_bytes(std::span(part)));
        require(count <= part.size());
        result.meant.append(part, 0, count);
    }
    result.done = chunks.is_done();
    result.broken = chunks.is_broken();
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t piece = data[0] + std::size_t{1};

    const auto end = end_of_head(text);
    require(!end || *end <= text.size());
    // However much of it was looked at before.
    if (end && *end > piece && !end_of_head(text.substr(0, *end - piece)))
        require(end_of_head(text, *end - piece) == end);
    const std::string head = in_form(end ? text.substr(0, *end) : text);
    require(head.ends_with("\r\n") && in_form(head) == head);
    for (std::size_t place = head.find('\n'); place != std::string::npos; place = head.find('\n', place + 1))
        require(place > 0 && head[place - 1] == '\r');

    require(decoded(text, piece) == decoded(text, text.size() + 1));

    const Netrc netrc = Netrc::parse(text);
    (void)netrc.of("a.test");
    (void)netrc.of("a.test", "me");
    (void)is_listed(text, "a.test");
    (void)is_listed(text, "10.0.0.1");
    (void)is_listed("a.test,10.0.0.0/8", std::string(text));
    if (const auto proxy = parse_proxy(text)) require(!proxy->url.host.empty() && proxy->url.port != 0);
    require(without_credentials(text).size() <= text.size() + 4);
    return 0;
}
