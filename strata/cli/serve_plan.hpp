// What `serve` serves: its options, and the services that they ask for. A protocol that can be
// served has its entry here.
#pragma once

#include <functional>
#include <string>

#include "strata/7_application/files/file_root.hpp"
#include "strata/cli/request_log.hpp"
#include "strata/cli/services.hpp"

namespace strata::cli {

struct ServeOptions {
    std::string folder = ".";
    std::string net = "kernel";
    std::string http_port;
    std::string fetch_port;
    std::string tftp_port = "off";
    bool all = false;
    bool tftp_single_port = false;
    std::string bind;
    std::string pcap;
    std::string encoding = "UTF-8";
    std::string log = "text";
    std::string charset;
    std::string run_as;
    std::string control;
    std::string write;
    std::string keep_free = "64M";
    bool hidden = false;
    bool no_index = false;
    bool no_qr = false;
    bool demo = false;
    std::size_t threads = 1;
    double seconds = 0;
};

// What services are made of beside the options. All of it outlives them.
struct ServeParts {
    const application::FileRoot& root;
    bool own_stack = false;  // not the kernel's: HTTP has port 80 there
    // The client behind a conversation's remote address.
    std::function<session::Address(const session::Address&)> client_behind;
    // Told of each request, from every loop; the time of it is still to be filled in.
    std::function<void(LogEntry)> tell;
};

// Throws WrongUse with one sentence.
[[nodiscard]] ServicePlans plan_services(const ServeOptions& options, const ServeParts& parts);

}  // namespace strata::cli
