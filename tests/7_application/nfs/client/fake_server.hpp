// A server of NFS that says what the test wants: honest, with a folder and a file in it, where
// nothing else is said.
#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>

#include "strata/5_session/rpc/server/server.hpp"
#include "strata/7_application/nfs/v3/data.hpp"
#include "strata/7_application/nfs/v3/folders.hpp"
#include "strata/7_application/nfs/v3/names.hpp"
#include "tests/7_application/nfs/client/bench.hpp"

namespace strata::application::nfs {

// Both programs: one object of each for the server.
struct Fake {
    using Call = session::rpc::Call;
    using Reply = session::rpc::Reply;
    using Stable = v3::WriteArguments::Stable;
    static Handle handle(std::string_view text) { return Handle(bytes_of(text)); }

    Fake() {
        top.type = FileType::folder;
        top.fileid = 1;
        file.fileid = 2;
        file.size = content.size();
    }

    // Each may change what is said. `times`: how often it was asked, this time included.
    template <typename Results, typename Arguments>
    using Say = std::function<void(Results&, const Arguments&, unsigned times)>;
    Say<v3::GetattrResults, v3::OfOne> getattr;
    Say<v3::LookupResults, v3::PlaceArguments> lookup;
    Say<v3::ReadlinkResults, v3::OfOne> readlink;
    Say<v3::ReadResults, v3::ReadArguments> read;
    Say<v3::WriteResults, v3::WriteArguments> write;
    Say<v3::CommitResults, v3::CommitArguments> commit;
    Say<v3::ReaddirResults, v3::ReaddirArguments> readdir;
    Say<v3::ReaddirplusResults, v3::ReaddirplusArguments> readdirplus;
    Say<v3::FsinfoResults, v3::OfOne> fsinfo;
    Say<v3::CreateResults, v3::CreateArguments> create;
    std::function<void(mount::MountResults&, std::string_view)> mounting;
    std::vector<std::string> exports{"/"};
    // Instead of what would be said: results as they are.
    std::map<std::uint32_t, std::string> raw;

    Attributes top, file;
    std::string content = "hello, world";
    std::map<std::uint32_t, unsigned> times;
    std::vector<std::string> mounted;
    Duration slow{};                         // so long each call takes
    unsigned at_once = 0, most_at_once = 0;  // calls that are being answered

    template <typename Results, typename Arguments, typename Honest>
    Reply answer(const Call& call, const Say<Results, Arguments>& say, Honest honest) {
        const auto arguments = xdr::arguments_of<Arguments>(call);
        if (!arguments) return Reply::refused(session::rpc::Outcome::garbage_arguments);
        Results results{};
        honest(results, *arguments);
        if (say) say(results, *arguments, times[call.target.procedure]);
        return xdr::reply_of(call, results);
    }

    Reply nfs(const Call& call) {
        const std::uint32_t procedure = call.target.procedure;
        ++times[procedure];
        if (const auto said = raw.find(procedure); said != raw.end()) {
            session::rpc::Body body;
            const Bytes bytes = bytes_of(said->second);
            body.head.assign(bytes.begin(), bytes.end());
            return Reply::of(std::move(body));
        }
        switch (procedure) {
            case v3::Procedure::getattr:
                return answer(call, getattr, [&](auto& results, const auto& of) {
                    results.attributes = of.object == handle("top") ? top : file;
                });
            case v3::Procedure::lookup:
                return answer(call, lookup, [&](auto& results, const auto& of) {
                    if (of.place.name != "file") results.status = Status::noent;
                    results.object = handle("file");
                    results.attributes = file;
                });
            case v3::Procedure::readlink: return answer(call, readlink, [](auto&, const auto&) {});
            case v3::Procedure::access:
                return answer(call, Say<v3::AccessResults, v3::AccessArguments>{},
                              [](auto& results, const auto& of) { results.granted = of.asked; });
            case v3::Procedure::read:
                return answer(call, read, [&](auto& results, const auto& of) {
                    const std::string_view all = content;
                    const std::string_view some = all.substr(std::min<std::uint64_t>(of.offset, all.size()), of.count);
                    results.data = bytes_of(some);
                    results.count = static_cast<std::uint32_t>(some.size());
                    results.end_of_file = of.offset + some.size() >= all.size();
                });
            case v3::Procedure::write:
                return answer(call, write, [&](auto& results, const auto& of) {
                    if (content.size() < of.offset + of.count) content.resize(of.offset + of.count);
                    content.replace(of.offset, of.count, text_of(of.data));
                    file.size = content.size();
                    results.count = of.count;
                });
            case v3::Procedure::commit: return answer(call, commit, [](auto&, const auto&) {});
            case v3::Procedure::create:
                return answer(call, create, [&](auto& results, const auto&) {
                    content.clear();
                    file.size = 0;
                    results.object = handle("file");
                });
            case v3::Procedure::setattr:
            case v3::Procedure::remove: return Reply::of(*xdr::body_of(v3::Changed{}, call.results_room));
            case v3::Procedure::rename: return Reply::of(*xdr::body_of(v3::RenameResults{}, call.results_room));
            case v3::Procedure::readdir:
                return answer(call, readdir, [&](auto& results, const auto&) {
                    results.entries = {{2, v3::Name("file"), 1}};
                    results.end = true;
                });
            case v3::Procedure::readdirplus:
                return answer(call, readdirplus, [&](auto& results, const auto&) {
                    results.entries = {{2, v3::Name("file"), 1, file, std::nullopt}};
                    results.end = true;
                });
            case v3::Procedure::fsinfo:
                return answer(call, fsinfo, [](auto& results, const auto&) {
                    results.read_max = results.read_preferred = results.write_max = results.write_preferred = 4096;
                });
            default: return Reply::refused(session::rpc::Outcome::procedure_unavailable);
        }
    }
    Reply mount(const Call& call) {
        if (call.target.procedure == mount::Procedure::export_list) {
            mount::Exports all;
            for (const std::string& one : exports) all.push_back({std::string_view(one), {}});
            return xdr::reply_of(call, all);
        }
        if (call.target.procedure != mount::Procedure::mnt) return Reply::of({});
        const auto path = xdr::arguments_of<mount::Path>(call);
        mounted.emplace_back(*path);
        mount::MountResults results;
        results.handle = handle("top");
        results.flavors = {1};
        if (mounting) mounting(results, *path);
        return xdr::reply_of(call, results);
    }
};

struct FakeProgram final : session::rpc::Program {
    FakeProgram(session::Network& on, Fake& by, std::uint32_t its_number) : network(on), fake(by), its(its_number) {}
    [[nodiscard]] std::uint32_t number() const noexcept override { return its; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return {3, 3}; }
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& /*target*/) const noexcept override { return true; }
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override {
        fake.most_at_once = std::max(fake.most_at_once, ++fake.at_once);
        if (fake.slow != Duration{}) {
            session::Timer timer = network.make_timer();
            timer.expires_after(fake.slow);
            co_await timer.async_wait(session::asio::use_awaitable);
        }
        --fake.at_once;
        co_return its == v3::program_number ? fake.nfs(call) : fake.mount(call);
    }
    session::Network& network;
    Fake& fake;
    std::uint32_t its;
};

struct FakeServed : test::ServedFolder {
    FakeServed() {
        for (const std::uint32_t number : {v3::program_number, mount::program_number})
            serving.add(std::make_shared<FakeProgram>(server.network(), fake, number));
        session::error_code error;
        (void)serving.start({Ipv4Address{10, 0, 0, 2}, server_port}, error);
        EXPECT_FALSE(error);
    }
    ~FakeServed() override {
        user.remote.reset();
        serving.abort();
        lab.run_for(1h);
    }
    Fake fake;
    session::rpc::Server serving{server.network()};
    RemoteUser user{*this};
};

}  // namespace strata::application::nfs
