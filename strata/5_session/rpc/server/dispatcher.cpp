#include "strata/5_session/rpc/server/dispatcher.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace strata::session::rpc {

// A call, from its arrival to its reply.
struct Dispatcher::Work {
    Record message;
    Call call;
    std::uint32_t xid = 0;
    std::size_t reply_room = 0;
    std::shared_ptr<Program> program;
    std::unique_ptr<WayBack> way;
    std::optional<ReplyCache::Key> key;  // of what must not be done twice
};

namespace {

constexpr std::size_t success_header_size = 24;

ReplyCache::Key key_of(const Call& call, std::uint32_t xid, std::uint64_t digest) {
    ReplyCache::Key key{{}, 0, call.transport, xid, call.target, digest};
    if (call.client.is_unix()) return key;
    key.client = call.client.endpoint().address;
    if (call.transport == Transport::datagram) key.port = number_of(call.client.endpoint().port);
    return key;
}

}  // namespace

void Dispatcher::add(std::shared_ptr<Program> program) {
    const std::uint32_t number = program->number();
    programs_[number] = std::move(program);
}

bool Dispatcher::take(Record message, const Origin& origin, std::unique_ptr<WayBack> way) {
    const auto heard = parse_call(message.bytes());
    if (!heard) {
        ++counters.rpcInErrors;
        return false;
    }
    ++counters.rpcInCalls;
    if (const auto* refused = std::get_if<RefusedCall>(&*heard)) {
        ++counters.rpcInRefused;
        answer(*way, Outgoing::reply(refused->xid, refused->status));
        return true;
    }
    const auto& call = std::get<CallMessage>(*heard);
    auto work = std::make_unique<Work>();
    work->call.target = call.target;
    work->call.client = origin.client;
    work->call.server = origin.server;
    work->call.transport = origin.transport;
    work->call.arguments = call.arguments;
    work->call.results_room = origin.reply_room - std::min(origin.reply_room, success_header_size);
    work->xid = call.xid;
    work->reply_room = origin.reply_room;
    work->way = std::move(way);
    if (const auto refusal = refusal_of(call, *work)) {
        ++counters.rpcInRefused;
        answer(*work->way, Outgoing::reply(call.xid, *refusal));
        return true;
    }
    if (call.target.procedure == null_procedure) {
        answer(*work->way, Outgoing::reply(call.xid, {}));
        return true;
    }
    if (!work->program->is_call_idempotent(work->call) && !is_new(*work, message.bytes())) return true;
    work->message = std::move(message);
    asio::co_spawn(network_.get_executor(), run(shared_from_this(), std::move(work)), asio::detached);
    return true;
}

// In the order of RFC 5531 9: who calls, then what.
std::optional<Status> Dispatcher::refusal_of(const CallMessage& message, Work& work) const {
    const auto credentials = credentials_of(message.credentials);
    if (!credentials) return Status::auth_error(credentials.error());
    if (message.verifier.flavor != Flavor::none || !message.verifier.body.empty())
        return Status::auth_error(AuthStatus::bad_verifier);
    const auto found = programs_.find(message.target.program);
    if (found == programs_.end()) return Status{Outcome::program_unavailable, {}, {}};
    const Versions versions = found->second->versions();
    if (!versions.has(message.target.version)) return Status::program_mismatch(versions);
    if (!*credentials && message.target.procedure != null_procedure && found->second->wants_auth_sys(message.target))
        return Status::auth_error(AuthStatus::too_weak);
    work.call.credentials = *credentials;
    work.program = found->second;
    return std::nullopt;
}

// A call that comes again while it is done: over UDP it is dropped, for it will come once more;
// over a stream, where it comes on a new connection and only once, it is answered there.
bool Dispatcher::is_new(Work& work, Bytes message) {
    const ReplyCache::Key key = key_of(work.call, work.xid, cache_.digest_of(message));
    ReplyCache::Begun begun = cache_.begin(key, network_.now());
    switch (begun.found) {
        case ReplyCache::Found::nothing: work.key = key; return true;
        case ReplyCache::Found::reply:
            ++counters.rpcInRepeated;
            answer(*work.way, std::move(begun.reply));
            return false;
        case ReplyCache::Found::in_progress:
            ++counters.rpcInRepeatedEarly;
            if (work.call.transport == Transport::stream) cache_.also_answer(key, std::move(work.way));
            return false;
    }
    return false;
}

asio::awaitable<void> Dispatcher::run(std::shared_ptr<Dispatcher> self, std::unique_ptr<Work> work) {
    Reply reply;
    bool failed = false;
    try {
        reply = co_await work->program->handle(work->call);
    } catch (...) {
        failed = true;
    }
    self->finish(*work, std::move(reply), failed);
}

void Dispatcher::finish(Work& work, Reply reply, bool failed) {
    if (reply.status.outcome != Outcome::success) reply.results = {};
    auto message = Outgoing::reply(work.xid, reply.status, std::move(reply.results));
    if (failed || message->size() > work.reply_room) {
        ++counters.rpcProcedureErrors;
        message = Outgoing::reply(work.xid, {Outcome::system_error, {}, {}});
    }
    if (work.key) {
        const auto also = failed ? cache_.forget(*work.key) : cache_.complete(*work.key, message, network_.now());
        if (also) answer(*also, message);
    }
    answer(*work.way, std::move(message));
}

void Dispatcher::answer(WayBack& way, std::shared_ptr<const Outgoing> reply) {
    ++counters.rpcOutReplies;
    way.send(std::move(reply));
}

}  // namespace strata::session::rpc
