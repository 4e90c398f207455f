// What a server has to mount (RFC 1813 5.2): its list, and one of it.
#pragma once

#include "strata/7_application/nfs/client/version3/session.hpp"

namespace strata::application::nfs::client {

inline constexpr std::uint32_t mount_program_number = 100005;
inline constexpr std::uint32_t mount_version = 3;

using ExportList = std::vector<Path>;

// EXPORT. Throws as rpc::Client::call does. Names too long to be a path are left out.
[[nodiscard]] session::asio::awaitable<ExportList> exports_of(session::rpc::Client& server,
                                                              const session::rpc::CallOptions& calls);
// MNT of the longest export that `path` begins with; of a list that has none, of `path` itself and
// what is above it, `tries_max` at most. Throws Failure.
[[nodiscard]] session::asio::awaitable<Session::Mounted> mount_one(session::rpc::Client& server,
                                                                   const ExportList& exports, const Path& path,
                                                                   unsigned tries_max,
                                                                   const session::rpc::CallOptions& calls);
// UMNT. Throws as rpc::Client::call does.
[[nodiscard]] session::asio::awaitable<void> tell_unmounted(session::rpc::Client& server, const Path& folder,
                                                            const session::rpc::CallOptions& calls);

}  // namespace strata::application::nfs::client
