#include "strata/7_application/nfs/client/version4/state/conversation.hpp"

#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/nfs/client/version4/message/failure4.hpp"

namespace strata::application::nfs::client {

namespace asio = session::asio;
namespace rpc = session::rpc;
using asio::awaitable;
using boost::system::system_error;

namespace {

[[noreturn]] void throw_failure4_of(const system_error& error) {
    // Cancelled: whoever did it waits for that.
    if (error.code() == asio::error::operation_aborted) throw error;
    Failure failure = failure_of(error);
    if (failure.other_version) failure.why = "there is no NFS of version 4 at that port";
    throw failure;
}

}  // namespace

awaitable<Heard4> Conversation::say_within(Duration at_most, const Compound4& compound) {
    if (!compound.ok()) throw Failure("something in it is longer than NFS has a form for", "shorten it");
    const std::shared_ptr<rpc::Client> server = server_;
    if (!server) throw system_error(asio::error::operation_aborted);
    const rpc::Target target{v4::program_number, v4::version, v4::compound_procedure};
    rpc::Body body;
    body.head = compound.bytes();
    rpc::CallOptions calls = calls_;
    calls.timeout = at_most;
    rpc::Results results;
    try {
        results = co_await server->call(target, std::move(body), calls);
    } catch (const system_error& error) {
        throw_failure4_of(error);
    }
    co_return Heard4(std::move(results), compound);
}

awaitable<Heard4> Conversation::ask(const Compound4& compound) {
    Patience patience;
    for (;;) {
        Heard4 heard = co_await say(compound);
        if (!will_pass(heard.status())) co_return heard;
        co_await wait_out(heard.status(), patience);
    }
}

awaitable<void> Conversation::wait_out(v4::Status4 status, Patience& patience) {
    const bool is_grace = status == v4::Status4::grace;
    unsigned& tried = is_grace ? patience.grace : patience.busy;
    if (is_grace ? patience.waited >= options_.grace_wait_max : tried >= options_.busy_max) throw failure_of(status);
    const Duration pause = options_.busy_pause(tried++);
    if (is_grace) patience.waited += std::max(pause, Duration(1ms));
    session::Timer timer = network_.make_timer();
    timer.expires_after(pause);
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace strata::application::nfs::client
