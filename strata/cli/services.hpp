// Services: the servers of one event loop, started and ended together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "strata/5_session/network.hpp"
#include "strata/7_application/service.hpp"
#include "strata/cli/open_network.hpp"

namespace strata::cli {

// One service that is to be there, on one event loop or on several.
struct ServicePlan {
    std::string name;                        // its URLs' scheme; with "--" before it, the option that has its port
    std::string path;                        // of the URLs that are shown
    std::vector<std::uint16_t> ports;        // the first that can be had
    bool asked_for = false;                  // one of these was said: that it can't be had is an error
    Carried carried = Carried::connections;  // how it is asked
    // Makes the service of one loop. What it shares with those of
    // others may be used from all of them.
    std::function<std::unique_ptr<application::Service>(session::Network&)> make;
    // Told where clients find it, once it is open. May be unset.
    std::function<void(const Endpoint&)> opened{};
    // What is said of it at the start, where the program is this user by then. May be unset.
    std::function<std::vector<std::string>(const std::string& user)> sentences{};
    // What is said of a service that is not there; empty: which option has its port.
    std::string without{};

    [[nodiscard]] std::string option() const { return "--" + name; }
};
using ServicePlans = std::vector<ServicePlan>;

class Services {
public:
    // The network outlives it.
    Services(session::Network& network, const ServicePlans& plans);

    // Starts that of the plan with this index at this address. Returns where. Errors: those of
    // application::Service::start.
    [[nodiscard]] session::Address start(std::size_t index, const session::Address& at, session::error_code& error);
    // Takes no more; what is being sent is finished.
    void stop();
    void abort();
    [[nodiscard]] bool idle() const noexcept;

private:
    std::vector<std::unique_ptr<application::Service>> services_;  // in the plans' order
};

}  // namespace strata::cli
