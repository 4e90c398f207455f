// Dispatcher: takes a call to its program, and the reply to its way back. What is common to
// connections and datagrams: refusals, credentials, calls that come again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <optional>

#include "strata/5_session/network.hpp"
#include "strata/5_session/rpc/record/record_reader.hpp"
#include "strata/5_session/rpc/server/counters.hpp"
#include "strata/5_session/rpc/server/reply_cache.hpp"

namespace strata::session::rpc {

class Dispatcher : public std::enable_shared_from_this<Dispatcher> {
public:
    // The network outlives it, and the calls that are being done.
    Dispatcher(Network& network, const ReplyCacheOptions& cache)
        : network_(network), cache_(network.entropy(), cache) {}

    void add(std::shared_ptr<Program> program);
    // Where a call came from, and how long a message may go back.
    struct Origin {
        Address client;
        Address server;
        Transport transport = Transport::stream;
        std::size_t reply_room = 0;
    };
    // False if it is no call. The reply comes by `way`, at once or later, or not at all.
    bool take(Record message, const Origin& origin, std::unique_ptr<WayBack> way);

    RpcServerCounters counters;

private:
    struct Work;
    [[nodiscard]] std::optional<Status> refusal_of(const CallMessage& message, Work& work) const;
    [[nodiscard]] bool is_new(Work& work, Bytes message);
    [[nodiscard]] static asio::awaitable<void> run(std::shared_ptr<Dispatcher> self, std::unique_ptr<Work> work);
    void finish(Work& work, Reply reply, bool failed);
    void answer(WayBack& way, std::shared_ptr<const Outgoing> reply);

    Network& network_;
    ReplyCache cache_;
    std::map<std::uint32_t, std::shared_ptr<Program>> programs_;
};

}  // namespace strata::session::rpc
