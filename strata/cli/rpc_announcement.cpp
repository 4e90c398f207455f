#include "strata/cli/rpc_announcement.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/system/system_error.hpp>
#include <vector>

#include "strata/7_application/rpcbind/client/client.hpp"

namespace strata::cli {

namespace rpcbind = application::rpcbind;
using session::asio::awaitable;

struct RpcAnnouncement::State {
    session::Network& network;
    std::shared_ptr<const rpcbind::Registry> registry;
    std::vector<rpcbind::Registration> taken{};
    std::size_t under_way = 0;
    bool ending = false;
};

namespace {

// Whatever it answers, or does not: it is a courtesy.
template <typename State>
awaitable<void> announce_all(std::shared_ptr<State> state, std::function<void(std::size_t)> told) {
    try {
        const auto client = rpcbind::local_client(state->network);
        const std::vector<rpcbind::Registration> all = state->registry->all();
        for (const rpcbind::Registration& one : all) {
            const bool is_taken = co_await rpcbind::announce(*client, one);
            if (is_taken) state->taken.push_back(one);
            if (state->ending) break;
        }
    } catch (const boost::system::system_error&) {
        // There is none.
    }
    --state->under_way;
    if (!state->ending) told(state->taken.size());
}

template <typename State>
awaitable<void> withdraw_all(std::shared_ptr<State> state) {
    try {
        const auto client = rpcbind::local_client(state->network);
        for (const rpcbind::Registration& one : std::exchange(state->taken, {}))
            (void)co_await rpcbind::withdraw(*client, one);
    } catch (const boost::system::system_error&) {
        // It has ended.
    }
    --state->under_way;
}

}  // namespace

RpcAnnouncement::RpcAnnouncement(session::Network& network, std::shared_ptr<const rpcbind::Registry> registry)
    : state_(std::make_shared<State>(network, std::move(registry))) {}

RpcAnnouncement::~RpcAnnouncement() = default;

void RpcAnnouncement::begin(std::function<void(std::size_t)> told) {
    ++state_->under_way;
    boost::asio::co_spawn(state_->network.get_executor(), announce_all(state_, std::move(told)), boost::asio::detached);
}

void RpcAnnouncement::end() {
    state_->ending = true;
    if (state_->taken.empty()) return;
    ++state_->under_way;
    boost::asio::co_spawn(state_->network.get_executor(), withdraw_all(state_), boost::asio::detached);
}

bool RpcAnnouncement::idle() const noexcept { return state_->under_way == 0; }

}  // namespace strata::cli
