// A file that is fetched in pieces, over several conversations with its server at once.
#pragma once

#include <functional>
#include <memory>

#include "strata/7_application/remote/remote.hpp"

namespace strata::application {

struct PartsOptions {
    std::size_t at_once = 4;         // pieces, each over a conversation of its own
    std::uint64_t least = 1 << 20;   // bytes of a piece: a smaller file is fetched as a whole
    std::chrono::sys_seconds now{};  // for dates that leave the century open
};

using MakeRemote = std::function<std::unique_ptr<Remote>()>;

// As Remote::read(), and by it where the server, its protocol or `out` knows no pieces, or the file
// is too small. What arrived of each piece stays in `out` when another fails; that is thrown when
// all have ended, and the same call may be made again. `another` makes a Remote like `remote`.
[[nodiscard]] session::asio::awaitable<void> read_in_parts(Remote& remote, MakeRemote another, std::string target,
                                                           OutputFile& out, Progress on_progress, PartsOptions options);

}  // namespace strata::application
