// A server of NFS version 4 that says what the test wants: honest, with a folder and a file in it,
// where nothing else is said.
#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>

#include "strata/5_session/rpc/server/server.hpp"
#include "strata/7_application/nfs/v4/attributes/numbers.hpp"
#include "strata/7_application/nfs/v4/compound.hpp"
#include "strata/7_application/nfs/v4/message/data.hpp"
#include "strata/7_application/nfs/v4/message/names.hpp"
#include "strata/7_application/nfs/v4/message/opens.hpp"
#include "tests/7_application/nfs/client/bench.hpp"

namespace strata::application::nfs {

struct Fake4 {
    template <typename Results>
    using Say = std::function<void(Results&, unsigned times)>;
    // Each may change what is said. `times`: how often the operation was asked, this time included.
    Say<v4::Ended> putfh, lookup, setclientid_confirm, renew;
    Say<v4::GetfhResults> getfh;
    Say<v4::GetattrResults> getattr;
    Say<v4::OpenResults> open;
    Say<v4::StateResults> open_confirm, close;
    Say<v4::ReadResults> read;
    Say<v4::WriteResults> write;
    Say<v4::CommitResults> commit;
    Say<v4::ReaddirResults> readdir;
    Say<v4::SetclientidResults> setclientid;
    Say<v4::ReadlinkResults> readlink;
    // Of the whole reply.
    std::function<void(std::vector<std::byte>&, unsigned times)> whole;

    Attributes top{.type = FileType::folder, .fileid = 1}, file{.size = 12, .fileid = 2};
    std::string content = "hello, world";
    std::uint32_t lease = 90;
    std::uint64_t read_max = 4096;
    std::vector<v4::Attribute> more_attributes;  // that nobody has asked for
    std::map<v4::Op, unsigned> times;
    unsigned calls = 0;
    Duration slow{};  // so long each READ takes
    v4::OpenArguments opened;

    // Values that results point to.
    v4::Fattr told(const v4::Bitmap& asked, const Attributes& of) {
        v4::Bitmap mask = asked;
        for (const v4::Attribute one : more_attributes) v4::add(mask, one);
        std::vector<std::byte>& values = memory.emplace_back();
        xdr::Writer out(values, xdr::any_length);
        (void)v4::for_each(mask, [&](v4::Attribute attribute) {
            using enum v4::Attribute;
            switch (attribute) {
                case type: out(of.type); break;
                case change: out(std::uint64_t{1}); break;
                case size: out(of.size); break;
                case fsid: out(std::uint64_t{7}, std::uint64_t{0}); break;
                case fileid: out(of.fileid); break;
                case v4::Attribute::mode: out(std::uint32_t{0644}); break;
                case time_modify: out(std::int64_t{5}, std::uint32_t{0}); break;
                case lease_time: out(lease); break;
                case maxread:
                case maxwrite: out(read_max); break;
                case link_support: out(true); break;
                default: out(std::uint32_t{0}); break;
            }
            return true;
        });
        return {mask, Bytes(values)};
    }

    template <typename Results>
    v4::Status4 say(xdr::Writer& out, v4::Op op, Results results, const Say<Results>& change = {}) {
        if (change) change(results, times[op]);
        out(op, results);
        return results.status;
    }
    template <typename Arguments>
    static Arguments arguments_of(const v4::Operation& operation) {
        return xdr::decode<Arguments>(operation.arguments).value_or(Arguments{});
    }

    v4::Status4 answer(xdr::Writer& out, const v4::Operation& asked) {
        using v4::Op;
        const Op op = asked.op;
        ++times[op];
        const Attributes& here = is_top ? top : file;
        switch (op) {
            case Op::putrootfh: is_top = true; break;
            case Op::putfh:
                is_top = text_of(arguments_of<v4::PutfhArguments>(asked).object) == "top";
                return say(out, op, v4::Ended{}, putfh);
            case Op::lookup: {
                const bool is_there = arguments_of<v4::NameArguments>(asked).name == "file";
                is_top = false;
                return say(out, op, v4::Ended{is_there ? v4::Status4::ok : v4::Status4::noent}, lookup);
            }
            case Op::getfh: return say(out, op, v4::GetfhResults{{}, Handle(bytes_of(is_top ? "top" : "file"))}, getfh);
            case Op::getattr: {
                const auto asked_for = arguments_of<v4::GetattrArguments>(asked).asked;
                return say(out, op, v4::GetattrResults{{}, told(asked_for, here)}, getattr);
            }
            case Op::access: return say(out, op, v4::AccessResults{{}, 63, 63});
            case Op::setclientid: return say(out, op, v4::SetclientidResults{{}, 77, {}, {}}, setclientid);
            case Op::setclientid_confirm: return say(out, op, v4::Ended{}, setclientid_confirm);
            case Op::renew: return say(out, op, v4::Ended{}, renew);
            case Op::open: {
                opened = arguments_of<v4::OpenArguments>(asked);
                if (opened.how == v4::OpenArguments::How::create) {
                    content.clear();
                    file.size = 0;
                }
                is_top = false;
                v4::OpenResults results;
                results.state.seqid = 1;
                results.flags = v4::OpenResults::confirm;
                return say(out, op, results, open);
            }
            case Op::open_confirm: return say(out, op, v4::StateResults{{}, {2, {}}}, open_confirm);
            case Op::close: return say(out, op, v4::StateResults{{}, {3, {}}}, close);
            case Op::read: {
                const auto of = arguments_of<v4::ReadArguments>(asked);
                v4::ReadResults results;
                const std::string_view all = content;
                results.data = bytes_of(all.substr(std::min<std::uint64_t>(of.offset, all.size()), of.count));
                results.end_of_file = of.offset + results.data.size() >= all.size();
                return say(out, op, results, read);
            }
            case Op::write: {
                const auto of = arguments_of<v4::WriteArguments>(asked);
                if (content.size() < of.offset + of.data.size()) content.resize(of.offset + of.data.size());
                content.replace(of.offset, of.data.size(), text_of(of.data));
                file.size = content.size();
                v4::WriteResults results;
                results.count = static_cast<std::uint32_t>(of.data.size());
                return say(out, op, results, write);
            }
            case Op::commit: return say(out, op, v4::CommitResults{}, commit);
            case Op::readdir: {
                const auto of = arguments_of<v4::ReaddirArguments>(asked);
                asked_of_entries = of.asked;
                cookie = of.cookie;
                v4::ReaddirResults results;
                results.entries = {{1, v4::Component("file"), told(of.asked, file)}};
                results.end = true;
                return say(out, op, results, readdir);
            }
            case Op::readlink: return say(out, op, v4::ReadlinkResults{}, readlink);
            case Op::remove:
            case Op::link: return say(out, op, v4::ChangedResults{});
            case Op::rename: return say(out, op, v4::RenameResults{});
            case Op::create: return say(out, op, v4::CreateResults{});
            case Op::setattr: return say(out, op, v4::SetattrResults{});
            default: break;
        }
        return say(out, op, v4::Ended{});
    }

    session::rpc::Reply reply(const session::rpc::Call& call) {
        memory.clear();
        ++calls;
        const auto compound = v4::parse_compound(call.arguments, 100, 100);
        if (!compound) return session::rpc::Reply::refused(session::rpc::Outcome::garbage_arguments);
        session::rpc::Body body;
        xdr::Writer out(body.head, xdr::any_length);
        out(v4::Status4::ok, xdr::Text<>(), std::uint32_t{0});
        std::uint32_t count = 0;
        v4::Status4 status = v4::Status4::ok;
        for (const v4::Operation& one : compound->operations) {
            status = answer(out, one);
            ++count;
            if (status != v4::Status4::ok) break;
        }
        store_be32(body.head.data(), static_cast<std::uint32_t>(status));
        store_be32(body.head.data() + 8, count);
        if (whole) whole(body.head, calls);
        return session::rpc::Reply::of(std::move(body));
    }

    v4::Bitmap asked_of_entries;
    std::uint64_t cookie = 0;
    bool is_top = true;
    std::deque<std::vector<std::byte>> memory;
};

struct FakeProgram4 final : session::rpc::Program {
    FakeProgram4(session::Network& on, Fake4& by) : network(on), fake(by) {}
    [[nodiscard]] std::uint32_t number() const noexcept override { return v4::program_number; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return {4, 4}; }
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& /*target*/) const noexcept override { return true; }
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override {
        const unsigned reads = fake.times[v4::Op::read];
        session::rpc::Reply reply = fake.reply(call);
        if (fake.times[v4::Op::read] != reads && fake.slow != Duration{}) {
            session::Timer timer = network.make_timer();
            timer.expires_after(fake.slow);
            co_await timer.async_wait(session::asio::use_awaitable);
        }
        co_return reply;
    }
    session::Network& network;
    Fake4& fake;
};

struct Fake4Served : test::ServedFolder {
    Fake4Served() {
        serving.add(std::make_shared<FakeProgram4>(server.network(), fake));
        session::error_code error;
        (void)serving.start({Ipv4Address{10, 0, 0, 2}, server_port}, error);
        EXPECT_FALSE(error);
    }
    ~Fake4Served() override {
        user.remote.reset();
        serving.abort();
        lab.run_for(1h);
    }
    Fake4 fake;
    session::rpc::Server serving{server.network()};
    RemoteUser user{*this, "version=4"};
};

}  // namespace strata::application::nfs
