// Parameters: what a URL of NFS may have behind its '?': version=3 or 4, transport=tcp or udp,
// mountport=PORT, uid=N, gid=N, with '&' between them.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace strata::application::nfs::client {

struct Parameters {
    std::optional<unsigned> version{};
    bool by_datagrams = false;
    std::optional<std::uint16_t> mount_port{};
    std::optional<std::uint32_t> uid{}, gid{};
    bool operator==(const Parameters&) const = default;
};

// Errors: in words, what is wrong with it and what to write.
[[nodiscard]] std::expected<Parameters, std::string> parameters_of(std::string_view text);

}  // namespace strata::application::nfs::client
