// What `serve` serves: the services that its options ask for. A protocol that can be
// served has its entry here.
#pragma once

#include <functional>
#include <string>

#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/ftp/server/server.hpp"
#include "strata/7_application/rpcbind/registry.hpp"
#include "strata/cli/request_log.hpp"
#include "strata/cli/serve_access.hpp"
#include "strata/cli/serve_options.hpp"
#include "strata/cli/services.hpp"

namespace strata::cli {

// What services are made of beside the options. All of it outlives them.
struct ServeParts {
    const application::FileRoot& root;
    bool own_stack = false;  // not the kernel's: HTTP has port 80 there
    const ServeAccess& access;
    // The client behind a conversation's remote address.
    std::function<session::Address(const session::Address&)> client_behind;
    // Where a gateway is between: as ftp::ServerOptions::open_door. Unset, nothing is.
    std::function<std::expected<application::ftp::DataDoor, session::error_code>(const session::Address& listens_at,
                                                                                 const session::Address& client)>
        open_door;
    // Whether root's rights are kept, and others can be acted as.
    bool keeps_root = false;
    // Where RPC programs are, for rpcbind.
    std::shared_ptr<application::rpcbind::Registry> registry;
    // Told of each request, from every loop; the time of it is still to be filled in.
    std::function<void(LogEntry)> tell;
};

// Throws WrongUse with one sentence; std::runtime_error if the key of NFS's handles cannot be had.
[[nodiscard]] ServicePlans plan_services(const ServeOptions& options, const ServeParts& parts);

}  // namespace strata::cli
