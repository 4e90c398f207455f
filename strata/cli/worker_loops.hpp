// WorkerLoops: the same services on several event loops, each on a
// thread of its own, on the kernel's network.
//
// Every loop listens on the same ports (SO_REUSEPORT of socket(7)), and the kernel shares the
// conversations out. They have in common what the plans give to all, the folder, the log and the
// places of clients, and nothing else.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "strata/cli/services.hpp"

namespace strata::cli {

class WorkerLoops {
public:
    WorkerLoops(std::size_t count, const ServicePlans& plans);
    WorkerLoops(const WorkerLoops&) = delete;
    WorkerLoops& operator=(const WorkerLoops&) = delete;
    ~WorkerLoops();  // as stop(), without patience

    // Starts the service of the plan with this index on every loop, before begin(). Port 0: one
    // that is free, the same for all. Returns where. Errors: those of listening there, also where
    // another program does. Throws boost::system::system_error if one takes it just now.
    [[nodiscard]] session::Address start(std::size_t index, const session::Address& at, session::error_code& error);
    // Begins to serve: makes the threads.
    void begin();
    // What can be finished until then is; then whatever is left is cut off. Does not wait for it.
    void stop(std::chrono::steady_clock::time_point deadline);
    // All have ended.
    [[nodiscard]] bool ended() const noexcept;

private:
    class Loop;
    ServicePlans plans_;
    std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace strata::cli
