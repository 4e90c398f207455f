// strata multicast watch: a querier on a network, which tells who wants which groups.
#pragma once

#include <string>

namespace strata::cli {

struct WatchOptions {
    std::string net = "kernel";
    unsigned interval = 125;  // seconds between questions (RFC 9776 8.2)
    unsigned version = 3;     // of IGMP, to ask in
};

// Until Ctrl-C. Returns the exit code.
int watch_groups(const WatchOptions& options);

}  // namespace strata::cli
