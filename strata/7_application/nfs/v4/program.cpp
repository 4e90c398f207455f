#include "strata/7_application/nfs/v4/program.hpp"

#include <fcntl.h>

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/nfs/v4/doing.hpp"

namespace strata::application::nfs::v4 {
namespace {

namespace rpc = session::rpc;
using rpc::Outcome;
using rpc::Reply;
using session::asio::awaitable;

// What is done needs that much at most, but for what is as long as there is room: whoever has less
// is told RESOURCE before it is done, not after.
constexpr std::size_t results_at_least = 1200;

// Of a file that is open the descriptor is asked first: its name may be gone.
std::shared_ptr<Node> find_open(const Work& work, const Handle& handle) {
    const auto id = work.shared.key.open(handle);
    const OpenFile4* file = id ? work.state.opens.file(*id) : nullptr;
    const Open* open = file == nullptr ? nullptr : work.state.opens.find(file->opens.begin()->second);
    if (open == nullptr) return nullptr;
    Node node{Descriptor{::fcntl(open->data.get(), F_DUPFD_CLOEXEC, 0)}, {}};
    const auto seen = look_at(node.at.get());
    if (!seen) return nullptr;
    node.seen = *seen;
    return std::make_shared<Node>(std::move(node));
}

bool write_results(rpc::Body& body, std::size_t room, Op op, const Doing& doing) {
    xdr::Writer out(body.head, room);
    out(op);
    doing.write(out);
    body.data = out.outside();
    return out.ok();
}

Status4 write_status(rpc::Body& body, Op op, Status4 status) {
    xdr::Writer out(body.head, xdr::any_length);
    out(op, status);
    return status;
}

// As it was answered the first time.
Status4 write_replay(Work& work, rpc::Body& body) {
    xdr::Writer out(body.head, xdr::any_length);
    out(work.op);
    out.fixed_opaque(*work.replay);
    return static_cast<Status4>(load_be32(work.replay->data()));
}

}  // namespace

Nfs4::Nfs4(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)),
      state_(std::make_shared<State>(shared_->network.entropy(), shared_->options.state, shared_->network.now())),
      wake_(std::make_shared<Wake>(shared_, state_)) {
    wake_->arm();
}

Nfs4::~Nfs4() { wake_->cancel(); }

std::optional<Compound> Nfs4::parse(const rpc::Call& call) const {
    return parse_compound(call.arguments, shared_->options.state.operations_max, shared_->options.state.tag_max);
}

bool Nfs4::is_call_idempotent(const rpc::Call& call) const {
    const auto compound = parse(call);
    return !compound || v4::is_idempotent(*compound);
}

awaitable<Reply> Nfs4::handle(const rpc::Call& call) {
    const bool is_there = call.target.procedure == compound_procedure && call.transport == rpc::Transport::stream;
    if (!is_there) co_return Reply::refused(Outcome::procedure_unavailable);
    const auto compound = parse(call);
    if (!compound) co_return Reply::refused(Outcome::garbage_arguments);
    Work work(*shared_, *state_, call);
    rpc::Body body;
    co_await do_operations(work, *compound, body);
    co_await keep_records(shared_, state_);
    wake_->arm();
    body.owner = work.data;
    co_return Reply::of(std::move(body));
}

awaitable<void> Nfs4::do_operations(Work& work, const Compound& compound, rpc::Body& body) {
    Status4 status = Status4::ok;
    if (compound.count > shared_->options.state.operations_max) status = Status4::resource;
    if (compound.minor_version != 0) status = Status4::minor_vers_mismatch;
    const xdr::Text<> tag(compound.tag);
    {
        xdr::Writer out(body.head, xdr::any_length);
        out(status, tag, std::uint32_t{0});
    }
    const std::size_t count_at = body.head.size() - 4;
    std::uint32_t count = 0;
    for (const Operation& operation : compound.operations) {
        if (status != Status4::ok) break;
        work.is_last = ++count == compound.count;
        status = co_await do_operation(work, operation, body);
    }
    store_be32(body.head.data(), static_cast<std::uint32_t>(status));
    store_be32(body.head.data() + count_at, count);
}

awaitable<Status4> Nfs4::do_operation(Work& work, const Operation& operation, rpc::Body& body) {
    if (!operation.is_whole) co_return write_status(body, static_cast<Op>(operation.number), Status4::badxdr);
    if (operation.op == Op::illegal) co_return write_status(body, Op::illegal, Status4::op_illegal);
    state_->advance(shared_->network.now());
    work.op = operation.op;
    work.arguments = operation.arguments;
    work.room = work.call.results_room - std::min(work.call.results_room, body.head.size());
    const std::unique_ptr<Doing> doing = doing_of(work.op);
    Status4 status = work.room < results_at_least ? Status4::resource : Status4::ok;
    if (status == Status4::ok) status = co_await prepare(work);
    status = doing->run(work, status);
    if (!work.settling.empty()) {
        const bool well = co_await settle_all(work);
        if (!well && status == Status4::ok) doing->fail(status = Status4::io);
    }
    const std::size_t begin = body.head.size() + 4;
    if (work.replay) {
        status = write_replay(work, body);
        work.replay.reset();
        if (!work.replay_file) co_return status;
        // What it led to the first time is the current filehandle again.
        const Handle handle = shared_->key.seal(*work.replay_file);
        work.replay_file.reset();
        work.current = find_open(work, handle);
        co_return status;
    }
    if (!write_results(body, work.room, work.op, *doing)) {
        doing->fail(status = Status4::resource);
        (void)write_results(body, xdr::any_length, work.op, *doing);
    }
    work.end_turn(status, Bytes(body.head).subspan(begin));
    work.told.clear();
    work.names = {};
    co_return status;
}

// What must be waited for before it is done: a file that is searched for, names that are read.
awaitable<Status4> Nfs4::prepare(Work& work) {
    if (work.op == Op::putfh) {
        const auto arguments = xdr::decode<PutfhArguments>(work.arguments);
        if (!arguments || arguments->object.size() > Handle::size_max) co_return Status4::badhandle;
        const Handle handle(arguments->object);
        work.current = find_open(work, handle);
        if (work.current) co_return Status4::ok;
        auto node = std::make_shared<Node>();
        const Status found = co_await find_node(*shared_, handle, *node);
        if (found == Status::ok) work.current = std::move(node);
        co_return status4_of(found);
    }
    if (work.op == Op::readdir && work.current) {
        const auto arguments = xdr::decode<ReaddirArguments>(work.arguments);
        Status4 seen = work.look_folder();
        if (seen == Status4::symlink) seen = Status4::notdir;
        const bool is_read = seen == Status4::ok && arguments && ops::knows_cookies(work, *arguments);
        if (is_read) co_await read_names(*shared_, work.node(), arguments->cookie, work.names);
        co_return seen;
    }
    co_return Status4::ok;
}

}  // namespace strata::application::nfs::v4
