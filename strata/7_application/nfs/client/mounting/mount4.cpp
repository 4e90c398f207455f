// Version 4: the server's own root, by one connection to its port
// (RFC 7530 7.3): no MOUNT, no rpcbind.
#include "strata/7_application/nfs/client/mounting/attempt.hpp"
#include "strata/7_application/nfs/client/version4/message/failure4.hpp"
#include "strata/7_application/nfs/client/version4/volume/volume4.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Op;

awaitable<std::unique_ptr<Volume>> mount4(const Attempt& attempt) {
    auto talk = std::make_shared<Conversation>(attempt.network, attempt.options, attempt.open(attempt.server.port),
                                               attempt.calls);
    Compound4 asked;
    asked.op(Op::putrootfh).op(Op::getfh).op(Op::getattr, v4::GetattrArguments{asked_of_limits()});
    Heard4 heard = co_await talk->say_within(attempt.first_timeout, asked);
    if (will_pass(heard.status())) heard = co_await talk->ask(asked);
    check(heard.next().status);
    const AnyHandle root = handle4_in(heard.next<GotHandle4>());
    const auto said = heard.next<v4::GetattrResults>();
    check(said.status);
    const Told4 told = told4_of_file(said.attributes, asked_of_limits());
    if (told.lease_seconds.value_or(0) == 0) throw nonsense("the server gives no lease: nothing could stay open there");
    auto lease = std::make_shared<Lease>(talk, std::chrono::seconds(*told.lease_seconds));
    co_return std::make_unique<Volume4>(std::move(talk), std::move(lease), root, told);
}

}  // namespace strata::application::nfs::client
