// What fuzzers have a Remote do, and what must hold of what it says.
#pragma once

#include "fuzz/support/application.hpp"
#include "strata/7_application/remote/remote.hpp"

namespace strata::fuzz {

inline asio::awaitable<void> fetch(application::Remote& remote, application::OutputFile& out) {
    co_await remote.read("/file", out, {});
    out.commit();
}

inline asio::awaitable<void> list(application::Remote& remote, std::size_t entries_max) {
    const std::vector<application::RemoteEntry> found = co_await remote.list("/folder");
    require(found.size() <= entries_max);
    for (const application::RemoteEntry& entry : found) require(application::is_entry_name(entry.name));
}

}  // namespace strata::fuzz
