// Whom to talk to: tcp://HOST:PORT, udp://HOST:PORT or unix:PATH.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::application::talk {

struct Target {
    enum class Kind { tcp, udp, unix_stream };
    Kind kind = Kind::tcp;
    std::string host;  // of tcp and udp; may be a name
    std::uint16_t port = 0;
    std::string path;  // of unix

    [[nodiscard]] std::string to_string() const;
};

[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace strata::application::talk
