#include "strata/7_application/nfs/client/version4/state/lease.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "strata/7_application/nfs/client/version4/message/failure4.hpp"
#include "strata/7_application/nfs/client/volume/random_verifier.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Op;
using v4::Status4;

namespace {

constexpr Duration renew_after_least = 1s;
constexpr std::size_t left_open_max = 16;

}  // namespace

Lease::Lease(std::shared_ptr<Conversation> talk, Duration lease_time)
    : talk_(std::move(talk)),
      renew_after_(std::max<Duration>(lease_time / 3, renew_after_least)),
      id_(new_id()),
      verifier_(random_verifier(talk_->network().entropy())),
      turn_(talk_->network()) {}

// Of the machine, the program, and chance: two programs are never taken for each other.
std::string Lease::new_id() const {
    const session::rpc::Credentials& who = talk_->calls().credentials;
    return fmt::format("strata {} {} {:016x}", who ? who->machine_name : "", ::getpid(),
                       talk_->network().entropy().next());
}

std::string Lease::new_owner() { return fmt::format("open {}", ++owners_); }

awaitable<std::uint64_t> Lease::client() {
    if (client_) co_return *client_;
    co_await turn_.enter();
    const OneAtATime::Turn turn(turn_);
    if (!client_) client_ = co_await set_client();
    co_return *client_;
}

awaitable<void> Lease::look_after(std::uint64_t client) {
    co_await turn_.enter();
    const OneAtATime::Turn turn(turn_);
    if (client_ != client) co_return;  // somebody has done it meanwhile
    Compound4 asked;
    asked.op(Op::renew, v4::ClientArguments{client});
    Heard4 heard = co_await talk_->ask(asked);
    const Status4 status = heard.next().status;
    if (status == Status4::ok || status == Status4::cb_path_down) co_return;
    if (!is_forgotten(status)) check(status);
    client_.reset();
    client_ = co_await set_client();
}

awaitable<std::uint64_t> Lease::set_client() {
    for (unsigned tried = 0; tried <= talk_->options().recoveries_max; ++tried) {
        v4::SetclientidArguments arguments;
        arguments.verifier = verifier_;
        arguments.id = std::string_view(id_);
        arguments.callback_program = 0x4000'0000;
        // Nobody listens there: no delegations are wanted (RFC 7530 16.33.5).
        arguments.callback_address = {"tcp", "0.0.0.0.0.0"};
        Compound4 asked;
        asked.op(Op::setclientid, arguments);
        Heard4 heard = co_await talk_->ask(asked);
        const auto said = heard.next<v4::SetclientidResults>();
        if (said.status == Status4::clid_inuse) {
            id_ = new_id();
            continue;
        }
        check(said.status);
        Compound4 confirming;
        confirming.op(Op::setclientid_confirm, v4::SetclientidConfirmArguments{said.client, said.confirm});
        Heard4 confirmed = co_await talk_->ask(confirming);
        const Status4 status = confirmed.next().status;
        if (status == Status4::stale_clientid) continue;
        check(status);
        note_heard();
        co_return said.client;
    }
    throw failure_of(Status4::stale_clientid);
}

void Lease::hold() {
    if (held_++ != 0 || due_) return;
    due_ = session::rpc::Deadline::make(talk_->network(), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->is_due();
    });
    due_->set(renew_after_);
}

void Lease::is_due() {
    if (held_ == 0) {
        due_.reset();
        return;
    }
    const bool is_silent = client_ && talk_->network().now() - heard_at_ >= renew_after_;
    if (is_silent && !std::exchange(renewing_, true))
        session::asio::co_spawn(talk_->network().get_executor(), renew(shared_from_this(), *client_),
                                session::asio::detached);
    due_->set(renew_after_);
}

// Whoever was forgotten learns it by what he asks next.
awaitable<void> Lease::renew(std::shared_ptr<Lease> self, std::uint64_t client) {
    try {
        Compound4 asked;
        asked.op(Op::renew, v4::ClientArguments{client});
        Heard4 heard = co_await self->talk_->say(asked);
        if (heard.next().status == Status4::ok) self->note_heard();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the next one may go well
    }
    self->renewing_ = false;
}

void Lease::leave_open(OpenState state) {
    if (left_open_.size() < left_open_max) left_open_.push_back(std::move(state));
}

void Lease::stop() {
    if (due_) due_->stop();
    left_open_.clear();
}

}  // namespace strata::application::nfs::client
