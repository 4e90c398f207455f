#include "strata/7_application/nfs/v4/wake.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace strata::application::nfs::v4 {
namespace {

class KeepingRecords final : public Chore {
public:
    using Ids = std::optional<std::unordered_set<std::string>>;
    KeepingRecords(std::string path, Ids ids) : path_(std::move(path)), ids_(std::move(ids)) {}
    void do_it() override {
        if (ids_) (void)write_records(path_, *ids_);
    }

private:
    std::string path_;
    Ids ids_;
};

}  // namespace

session::asio::awaitable<void> keep_records(std::shared_ptr<Shared> shared, std::shared_ptr<State> state) {
    auto changes = state->records.take_changes();
    if (!changes && state->writing == 0) co_return;
    const auto keeping = std::make_shared<KeepingRecords>(state->records.path(), std::move(changes));
    ++state->writing;
    co_await shared->do_aside(keeping);
    --state->writing;
}

Wake::Wake(std::shared_ptr<Shared> shared, std::shared_ptr<State> state)
    : shared_(std::move(shared)), state_(std::move(state)), timer_(shared_->network.make_timer()) {}

void Wake::arm() {
    const Instant next = std::min(state_->clients.next_end(), state_->records.grace_end());
    if (waits_ || next == never) return;
    waits_ = true;
    timer_.expires_after(next - shared_->network.now());
    timer_.async_wait([weak = weak_from_this()](session::error_code error) {
        const auto self = weak.lock();
        if (self && !error) self->wake();
    });
}

void Wake::wake() {
    waits_ = false;
    state_->advance(shared_->network.now());
    session::asio::co_spawn(shared_->network.get_executor(), keep_records(shared_, state_), session::asio::detached);
    arm();
}

}  // namespace strata::application::nfs::v4
