// What of the clients' state happens in its time, also when nobody calls: leases and the grace
// period end, and who had something is written down.
#pragma once

#include "strata/7_application/nfs/shared/shared.hpp"
#include "strata/7_application/nfs/v4/state/state.hpp"

namespace strata::application::nfs::v4 {

// Before what depends on it is answered: waits until what has changed
// of the records is on the disk, also of others.
[[nodiscard]] session::asio::awaitable<void> keep_records(std::shared_ptr<Shared> shared, std::shared_ptr<State> state);

class Wake : public std::enable_shared_from_this<Wake> {
public:
    Wake(std::shared_ptr<Shared> shared, std::shared_ptr<State> state);
    // For what ends next, if anything does.
    void arm();
    void cancel() { timer_.cancel(); }

private:
    void wake();

    std::shared_ptr<Shared> shared_;
    std::shared_ptr<State> state_;
    session::Timer timer_;
    bool waits_ = false;
};

}  // namespace strata::application::nfs::v4
