// Lab: many hosts joined by cables in one process, on one clock, real or virtual, from one seed.
//
//     lab::VirtualLab lab{42};
//     auto& client = lab.add_host("client");
//     auto& server = lab.add_host("server");
//     auto& cable = lab.join(client, "10.0.0.1/24", server,
//     "10.0.0.2/24", {.a_to_b = {.loss = 0.05}});
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/1_physical/capture/capture.hpp"
#include "strata/1_physical/hub/hub.hpp"
#include "strata/5_session/runtime/virtual.hpp"
#include "strata/host/host.hpp"

namespace strata::lab {

class Lab {
public:
    // All three outlive the lab.
    Lab(session::asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy);
    Lab(const Lab&) = delete;
    Lab& operator=(const Lab&) = delete;
    ~Lab();

    host::Host& add_host(std::string name, host::HostOptions options = {});
    // Joins two hosts; each gets an interface with the address given ("10.0.0.1/24"). Throws
    // std::invalid_argument if that is none.
    physical::Cable& join(host::Host& a, std::string_view a_address, host::Host& b, std::string_view b_address,
                          const physical::CableOptions& options = {});
    // Hosts that are joined to one hub share a segment.
    physical::Hub& add_hub(const physical::HubOptions& options = {});
    // Joins a host to a hub; the host is the cable's end `a`. Throws as join(), and if the hub has
    // no free port or its other cables are different ones.
    physical::Cable& join(host::Host& host, std::string_view address, physical::Hub& hub,
                          const physical::CableOptions& options = {});
    // As join(), with what `a` sends and receives written to a pcap
    // file. Throws std::system_error if it can't be written.
    physical::Cable& join_captured(host::Host& a, std::string_view a_address, host::Host& b, std::string_view b_address,
                                   const physical::CableOptions& options, const std::string& pcap_file);

    [[nodiscard]] const std::deque<std::unique_ptr<host::Host>>& hosts() const noexcept { return hosts_; }
    [[nodiscard]] Scheduler& scheduler() noexcept { return scheduler_; }
    [[nodiscard]] Entropy& entropy() noexcept { return entropy_; }
    // The cables'; each host has one of its own.
    [[nodiscard]] PacketPool& pool() noexcept { return pool_; }

private:
    physical::Cable& add_cable(const physical::CableOptions& options);
    void add_interface(host::Host& host, physical::Port& port, std::string_view address);

    session::asio::any_io_executor executor_;
    Scheduler& scheduler_;
    Entropy& entropy_;
    PacketPool pool_;  // the cables'
    std::vector<std::unique_ptr<physical::Cable>> cables_;
    std::vector<std::unique_ptr<physical::Hub>> hubs_;
    std::vector<std::unique_ptr<physical::Capture>> captures_;
    std::deque<std::unique_ptr<host::Host>> hosts_;  // destroyed first: they use the cables
};

// A lab in virtual time: one seed, one run.
class VirtualLab {
public:
    explicit VirtualLab(std::uint64_t seed);
    ~VirtualLab();

    host::Host& add_host(std::string name, host::HostOptions options = {});
    physical::Cable& join(host::Host& a, std::string_view a_address, host::Host& b, std::string_view b_address,
                          const physical::CableOptions& options = {}) {
        return lab_.join(a, a_address, b, b_address, options);
    }
    physical::Hub& add_hub(const physical::HubOptions& options = {}) { return lab_.add_hub(options); }
    physical::Cable& join(host::Host& host, std::string_view address, physical::Hub& hub,
                          const physical::CableOptions& options = {}) {
        return lab_.join(host, address, hub, options);
    }
    physical::Cable& join_captured(host::Host& a, std::string_view a_address, host::Host& b, std::string_view b_address,
                                   const physical::CableOptions& options, const std::string& pcap_file) {
        return lab_.join_captured(a, a_address, b, b_address, options, pcap_file);
    }
    [[nodiscard]] Lab& lab() noexcept { return lab_; }
    [[nodiscard]] session::VirtualRuntime& runtime() noexcept { return runtime_; }
    [[nodiscard]] boost::asio::io_context& io() noexcept { return runtime_.io(); }
    [[nodiscard]] VirtualScheduler& scheduler() noexcept { return runtime_.scheduler(); }
    // Until nothing is left to do. See VirtualRuntime.
    bool run() { return runtime_.run(); }
    bool run_for(Duration duration) { return runtime_.run_for(duration); }

private:
    SeededEntropy entropy_;
    session::VirtualRuntime runtime_;
    Lab lab_;
};

}  // namespace strata::lab
