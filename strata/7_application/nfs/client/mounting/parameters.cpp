#include "strata/7_application/nfs/client/mounting/parameters.hpp"

#include <algorithm>
#include <ranges>

#include "strata/0_foundation/decimal.hpp"
#include "strata/0_foundation/printable.hpp"

namespace strata::application::nfs::client {
namespace {

constexpr std::string_view known = "version=3 or 4, transport=tcp or udp, mountport=PORT, uid=N and gid=N are known";

// What is wrong with it; nothing if it was taken.
std::string take(Parameters& into, std::string_view key, std::string_view value) {
    const std::string written = printable(std::string(key) + "=" + std::string(value));
    if (key == "version" && (value == "3" || value == "4" || value == "4.0")) {
        into.version = value == "3" ? 3 : 4;
        return "";
    }
    if (key == "version" && value.starts_with("4."))
        return "of version 4 of NFS the minor version 0 alone is there; write version=4";
    if (key == "transport" && (value == "tcp" || value == "udp")) {
        into.by_datagrams = value == "udp";
        return "";
    }
    const auto number = parse_decimal<std::uint32_t>(value);
    if (key == "mountport" && number && *number > 0 && *number <= 65535) {
        into.mount_port = static_cast<std::uint16_t>(*number);
        return "";
    }
    if ((key == "uid" || key == "gid") && number) {
        (key == "uid" ? into.uid : into.gid) = *number;
        return "";
    }
    return "'" + written + "' behind the '?' means nothing here; " + std::string(known);
}

}  // namespace

std::expected<Parameters, std::string> parameters_of(std::string_view text) {
    Parameters found;
    for (const auto part : std::views::split(text, '&')) {
        const std::string_view one(part);
        if (one.empty()) continue;
        const std::size_t equals = std::min(one.find('='), one.size());
        const std::string wrong = take(found, one.substr(0, equals), one.substr(std::min(equals + 1, one.size())));
        if (!wrong.empty()) return std::unexpected(wrong);
    }
    if (found.version == 4u && found.by_datagrams)
        return std::unexpected("version 4 of NFS is not spoken by UDP; leave transport=udp out, or write version=3");
    if (found.version == 4u && found.mount_port)
        return std::unexpected("version 4 of NFS has no MOUNT; leave mountport= out, or write version=3");
    return found;
}

}  // namespace strata::application::nfs::client
