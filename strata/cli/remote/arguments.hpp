// What get, put and ls are told alike: which network, how patiently, and what each protocol may be
// told beside that.
#pragma once

#include <optional>
#include <string>

#include "strata/7_application/remote/remote_options.hpp"
#include "strata/cli/net_option.hpp"

namespace CLI {
class App;
}

namespace strata::cli {

struct RemoteArguments {
    std::string net = "kernel";
    std::string authorities;
    std::string rate;
    std::string mode = "octet";
    unsigned retries = 0;
    std::uint32_t blksize = 0;
    std::uint32_t windowsize = 0;
    std::uint32_t tftp_timeout = 0;
    bool active = false;
    bool insecure = false;
    bool quiet = false;
};

// All of them but those of transfers. They outlive the command line's parsing.
void add_remote_arguments(CLI::App& command, RemoteArguments& arguments);
// --limit-rate `what` ("read", "send"), and TFTP's.
void add_transfer_arguments(CLI::App& command, RemoteArguments& arguments, const std::string& what);

// Throws WrongUse. What a user should know is told on standard error, unless he wants it quiet.
[[nodiscard]] application::RemoteOptions remote_options(const RemoteArguments& arguments);

}  // namespace strata::cli
