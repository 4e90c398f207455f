#include "strata/5_session/rpc/message/authentication.hpp"

#include <algorithm>

#include "strata/5_session/rpc/message/words.hpp"

namespace strata::session::rpc {
namespace {

std::optional<AuthSys> auth_sys_of(Bytes body) {
    Words words(body);
    AuthSys found;
    found.stamp = words.word();
    const std::uint32_t name_size = words.word();
    if (name_size > machine_name_max) return std::nullopt;
    found.machine_name = text_of(words.opaque(name_size));
    found.uid = words.word();
    found.gid = words.word();
    found.more_gids_count = words.word();
    if (found.more_gids_count > gids_max) return std::nullopt;
    for (std::size_t i = 0; i < found.more_gids_count; ++i) found.more_gids.at(i) = words.word();
    if (!words.ok() || !words.rest().empty()) return std::nullopt;
    return found;
}

}  // namespace

std::expected<Credentials, AuthStatus> credentials_of(const OpaqueAuth& auth) {
    if (auth.flavor == Flavor::sys) {
        Credentials found = auth_sys_of(auth.body);
        if (!found) return std::unexpected(AuthStatus::bad_credentials);
        return found;
    }
    if (auth.flavor != Flavor::none) return std::unexpected(AuthStatus::rejected_credentials);
    // RFC 5531 10.1 recommends that there be none, and does not forbid it.
    return Credentials{};
}

void append_credentials(std::vector<std::byte>& to, const Credentials& credentials) {
    if (!credentials) {
        append_word(to, static_cast<std::uint32_t>(Flavor::none));
        return append_word(to, 0);
    }
    append_word(to, static_cast<std::uint32_t>(Flavor::sys));
    const std::size_t length_at = to.size();
    append_word(to, 0);
    append_word(to, credentials->stamp);
    append_opaque(to, bytes_of(std::string_view(credentials->machine_name).substr(0, machine_name_max)));
    append_word(to, credentials->uid);
    append_word(to, credentials->gid);
    const auto gids = credentials->gids();
    append_word(to, static_cast<std::uint32_t>(gids.size()));
    for (const std::uint32_t gid : gids) append_word(to, gid);
    store_be32(to.data() + length_at, static_cast<std::uint32_t>(to.size() - length_at - 4));
}

}  // namespace strata::session::rpc
