#include "strata/7_application/nfs/client/version4/state/opening.hpp"

#include "strata/7_application/nfs/client/version4/message/failure4.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Op;
using v4::OpenArguments;
using v4::OpenResults;
using v4::Status4;

namespace {

constexpr unsigned closings_max = 3;
constexpr Duration closing_at_most = 5s;

OpenArguments open_arguments_of(const OpenRequest& request, const OpenState& state) {
    OpenArguments arguments;
    arguments.seqid = state.seqid;
    arguments.access = static_cast<std::uint32_t>(request.access);
    arguments.owner.client = state.client;
    arguments.owner.owner = std::string_view(state.owner);
    if (request.make) {
        arguments.how = OpenArguments::How::create;
        arguments.mode = *request.make;
        arguments.verifier = request.verifier;
        arguments.attributes = request.first_attributes.fattr();
    }
    if (request.previous) arguments.claim = OpenArguments::Claim::previous;
    arguments.name = std::string_view(request.place.name);
    return arguments;
}

awaitable<Status4> confirm_open(Conversation& talk, OpenState& state) {
    Compound4 asked;
    asked.at(state.file).op(Op::open_confirm, v4::OpenConfirmArguments{state.state, state.seqid});
    Heard4 heard = co_await talk.say(asked);
    Status4 status = heard.next().status;
    if (status != Status4::ok) co_return status;
    const auto said = heard.next<v4::StateResults>();
    state.state = said.state;
    ++state.seqid;
    co_return said.status;
}

}  // namespace

awaitable<Opened4> open_once(Conversation& talk, Lease& lease, const OpenRequest& request) {
    Opened4 opened;
    opened.state.client = co_await lease.client();
    opened.state.owner = lease.new_owner();
    Compound4 asked;
    asked.at(request.previous.value_or(request.place.folder))
        .op(Op::open, open_arguments_of(request, opened.state))
        .op(Op::getfh)
        .op(Op::getattr, v4::GetattrArguments{asked_of_limits()});
    Heard4 heard = co_await talk.say(asked);
    opened.status = heard.next().status;
    if (opened.status != Status4::ok) co_return opened;
    const auto said = heard.next<OpenResults>();
    opened.status = said.status;
    if (opened.status != Status4::ok) co_return opened;
    if (said.delegation != 0) throw nonsense("the server gives a delegation that nobody has asked for");
    opened.state.state = said.state;
    ++opened.state.seqid;
    opened.state.file = handle4_in(heard.next<GotHandle4>());
    const auto attributes = heard.next<v4::GetattrResults>();
    check(attributes.status);
    opened.told = told4_of_file(attributes.attributes, asked_of_limits());
    if ((said.flags & OpenResults::confirm) != 0) opened.status = co_await confirm_open(talk, opened.state);
    if (opened.status == Status4::ok) lease.note_heard();
    co_return opened;
}

// An owner that was used for what failed is not used again: his seqid need not be known.
awaitable<Opened4> open_at_last(Conversation& talk, Lease& lease, const OpenRequest& request) {
    Patience patience;
    for (unsigned anew = 0;;) {
        Opened4 opened = co_await open_once(talk, lease, request);
        if (will_pass(opened.status)) {
            co_await talk.wait_out(opened.status, patience);
        } else if (is_forgotten(opened.status) || opened.status == Status4::bad_seqid) {
            if (++anew > talk.options().recoveries_max) throw failure_of(opened.status);
            co_await lease.look_after(opened.state.client);
        } else {
            co_return opened;
        }
    }
}

// What fails here the end of the lease does.
awaitable<void> close_state(Conversation& talk, OpenState state) {
    try {
        Patience patience;
        for (unsigned tried = 0; tried < closings_max; ++tried) {
            Compound4 asked;
            asked.at(state.file).op(Op::close, v4::CloseArguments{state.seqid++, state.state});
            Heard4 heard = co_await talk.say_within(closing_at_most, asked);
            if (heard.status() != Status4::delay) co_return;
            co_await talk.wait_out(heard.status(), patience);
        }
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it was a courtesy
    }
}

}  // namespace strata::application::nfs::client
