// RealRuntime: drives a stack from an Asio event loop: its timers, and the descriptors of its
// drivers. DeviceHost and the embedded network of the program run on one.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "strata/0_foundation/pool_trimmer.hpp"
#include "strata/0_foundation/scheduler.hpp"

namespace strata::session {

class RealRuntime {
public:
    explicit RealRuntime(boost::asio::io_context& io);
    RealRuntime(const RealRuntime&) = delete;
    RealRuntime& operator=(const RealRuntime&) = delete;
    ~RealRuntime();

    [[nodiscard]] RealScheduler& scheduler() noexcept { return scheduler_; }
    [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }

    // What a driver with a descriptor wants of the loop.
    struct Driver {
        int descriptor = -1;             // not owned and not closed; outlives the runtime or unwatch_all()
        std::function<bool()> readable;  // true if there may be more: called again, after others had their turn
        // Asked after each reading, and when timers have fired; without it always. A descriptor
        // that was hung up stays readable for ever.
        std::function<bool()> wants_readable = {};
        std::function<bool()> wants_writable = {};
        std::function<void()> writable = {};
    };
    void watch(Driver driver);
    // The pool gives back what it has not needed for a while. It outlives the runtime or
    // unwatch_all().
    void tend(PacketPool& pool) { trimmer_.tend(pool); }
    void unwatch_all();

private:
    struct Watched;
    void read_burst(const std::shared_ptr<Watched>& watched);
    void wait_readable(const std::shared_ptr<Watched>& watched);
    void wait_writable(const std::shared_ptr<Watched>& watched);
    void check_soon();
    void check();

    boost::asio::io_context& io_;
    RealScheduler scheduler_;
    PoolTrimmer trimmer_{scheduler_};
    boost::asio::steady_timer timer_;
    Instant armed_at_ = never;  // what timer_ waits for: never later than the next deadline
    bool check_posted_ = false;
    std::vector<std::shared_ptr<Watched>> watched_;
    std::shared_ptr<RealRuntime*> self_;  // what posted handlers hold: null once the runtime is destroyed
};

}  // namespace strata::session
