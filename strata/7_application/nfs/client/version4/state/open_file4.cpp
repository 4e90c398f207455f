#include "strata/7_application/nfs/client/version4/state/open_file4.hpp"

#include "strata/7_application/nfs/client/files/version.hpp"
#include "strata/7_application/nfs/client/version4/message/failure4.hpp"
#include "strata/7_application/nfs/v4/message/data.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Op;
using v4::Status4;
using Stable4 = v4::WriteArguments::Stable;

OpenFile4::OpenFile4(std::shared_ptr<Conversation> talk, std::shared_ptr<Lease> lease, Found file, Access access,
                     OpenState state, bool handles_stay)
    : talk_(std::move(talk)),
      lease_(std::move(lease)),
      file_(std::move(file)),
      access_(access),
      state_(std::move(state)),
      handles_stay_(handles_stay),
      turn_(talk_->network()) {
    lease_->hold();
}

OpenFile4::~OpenFile4() {
    if (closed_) return;
    lease_->release();
    lease_->leave_open(std::move(state_));
}

awaitable<OpenFile::Read> OpenFile4::read(std::uint64_t offset, std::uint32_t count) {
    for (;;) {
        const unsigned seen = recovered_;
        Compound4 asked;
        // READ last, whose data a server need not copy then.
        asked.at(state_.file)
            .op(Op::getattr, v4::GetattrArguments{asked_of_file()})
            .op(Op::read, v4::ReadArguments{state_.state, offset, count});
        Heard4 heard = co_await talk_->ask(asked);
        check(heard.next().status);
        const auto attributes = heard.next<v4::GetattrResults>();
        check(attributes.status);
        const auto said = heard.next<v4::ReadResults>();
        if (is_forgotten(said.status)) {
            co_await recover(seen, said.status);
            continue;
        }
        check(said.status);
        lease_->note_heard();
        Read result;
        result.attributes = told4_of_file(attributes.attributes, asked_of_file()).attributes;
        result.data = said.data;
        result.end_of_file = said.end_of_file;
        result.message = heard.take_message();
        co_return result;
    }
}

awaitable<OpenFile::Written> OpenFile4::write(std::uint64_t offset, Bytes bytes) {
    for (;;) {
        const unsigned seen = recovered_;
        v4::WriteArguments arguments;
        arguments.state = state_.state;
        arguments.offset = offset;
        arguments.stable = Stable4::unstable;
        arguments.data = xdr::Opaque<>(bytes);
        Compound4 asked;
        asked.at(state_.file).op(Op::write, arguments);
        Heard4 heard = co_await talk_->ask(asked);
        check(heard.next().status);
        const auto said = heard.next<v4::WriteResults>();
        if (is_forgotten(said.status)) {
            co_await recover(seen, said.status);
            continue;
        }
        check(said.status);
        lease_->note_heard();
        co_return Written{said.count, said.committed == Stable4::unstable, said.verifier};
    }
}

awaitable<OpenFile::Verifier> OpenFile4::commit() {
    Compound4 asked;
    asked.at(state_.file).op(Op::commit, v4::CommitArguments{});
    Heard4 heard = co_await talk_->ask(asked);
    check(heard.next().status);
    const auto said = heard.next<v4::CommitResults>();
    check(said.status);
    co_return said.verifier;
}

awaitable<void> OpenFile4::close() {
    if (std::exchange(closed_, true)) co_return;
    lease_->release();
    co_await close_state(*talk_, state_);
}

// ---- the server has forgotten it

awaitable<void> OpenFile4::recover(unsigned seen, Status4 why) {
    co_await turn_.enter();
    const OneAtATime::Turn turn(turn_);
    if (seen != recovered_) co_return;  // somebody has done it meanwhile
    if (recovered_ >= talk_->options().recoveries_max) throw failure_of(why);
    ++recovered_;
    co_await lease_->look_after(state_.client);
    Opened4 opened = co_await open_again();
    state_ = std::move(opened.state);
    check_is_same(opened.told.attributes);
}

// RFC 7530 9.6.2: by its handle alone where the server knows that we
// had it, and by its name where it does not.
awaitable<Opened4> OpenFile4::open_again() {
    OpenRequest request;
    request.access = access_;
    request.place = file_.place;
    const std::uint64_t client = co_await lease_->client();
    if (client != state_.client) {
        request.previous = file_.handle;
        Opened4 again = co_await open_once(*talk_, *lease_, request);
        if (again.status == Status4::ok) co_return again;
        request.previous.reset();
    }
    Opened4 opened = co_await open_at_last(*talk_, *lease_, request);
    check(opened.status);
    co_return opened;
}

void OpenFile4::check_is_same(const Attributes& now) const {
    const bool is_same = access_ == Access::read ? is_same_version(now, file_.attributes)
                                                 : is_same_file(now, file_.attributes) && now.type == FileType::file;
    if (is_same && (!handles_stay_ || state_.file == file_.handle)) return;
    throw Failure("the server began anew, and has another file there, or has changed it, meanwhile", "try again", true);
}

}  // namespace strata::application::nfs::client
