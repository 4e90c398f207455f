// A folder that is served over NFS, and a client that calls one procedure after the other.
//
//     client 10.0.0.1 ── cable ── server 10.0.0.2, port 2049, TCP and UDP
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <deque>

#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/nfs/mount/message.hpp"
#include "strata/7_application/nfs/server.hpp"
#include "strata/7_application/nfs/v3/data.hpp"
#include "strata/7_application/nfs/v3/folders.hpp"
#include "strata/7_application/nfs/v3/names.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::nfs {

namespace rpc = session::rpc;
namespace xdr = presentation::xdr;
using v3::Procedure;

struct NfsServed : test::ServedFolder {
    NfsServed() {
        options.aside = false;  // virtual time does not wait for threads
        options.sync = false;
        options.key = HandleKey(HandleKey::Secret{std::byte{7}});
        folder.write("hello", "hello, world");
        folder.write("sub/deep/file", "deep");
        std::filesystem::create_symlink("/etc/passwd", folder.path() / "link");
        serve(FileRights::all);
    }
    ~NfsServed() override { stop(); }
    void stop() {
        client_.reset();
        server_.reset();
        lab.run_for(1h);
    }
    void serve(FileRights rights, FileRootOptions root_options = {}) {
        stop();
        root_options.rights = rights;
        root = *FileRoot::open(folder.path(), root_options);
        server_ = std::make_unique<Server>(server.network(), root, options);
        session::error_code error;
        (void)server_->start(at, error);
        ASSERT_FALSE(error);
        connect(datagrams);
    }
    void connect(bool by_datagrams) {
        datagrams = by_datagrams;
        client_.reset();
        if (by_datagrams)
            client_ = std::make_unique<rpc::DatagramClient>(client.network(), at);
        else
            client_ = std::make_unique<rpc::StreamClient>(client.network(), at);
    }

    // What was said, or a value without a success, and `refusal`.
    template <typename Results, typename Arguments>
    Results ask(const rpc::Target& target, const Arguments& arguments) {
        refusal = "no reply";
        Results results{};
        session::asio::co_spawn(lab.io(), keep(xdr::call<Results>(*client_, target, arguments, call_options), results),
                                [](const std::exception_ptr&) {});
        lab.run_for(2s);
        return results;
    }
    template <typename Results>
    session::asio::awaitable<void> keep(session::asio::awaitable<xdr::Called<Results>> calling, Results& into) {
        try {
            xdr::Called<Results> called = co_await std::move(calling);
            into = std::move(called.value);
            messages.push_back(std::move(called.message));  // which the value points into
            refusal.clear();
        } catch (const boost::system::system_error& error) {
            refusal = error.what();
        }
    }
    template <typename Results, typename Arguments>
    Results nfs(Procedure procedure, const Arguments& arguments) {
        return ask<Results>({v3::program_number, 3, procedure}, arguments);
    }
    template <typename Results, typename Arguments = xdr::Void>
    Results mount(mount::Procedure procedure, const Arguments& arguments = {}) {
        return ask<Results>({mount::program_number, 3, procedure}, arguments);
    }
    mount::MountResults mnt(std::string_view path) {
        return mount<mount::MountResults>(mount::Procedure::mnt, mount::Path(path));
    }
    Handle top() { return mnt("/").handle; }

    v3::LookupResults lookup(const Handle& in, std::string_view name) {
        return nfs<v3::LookupResults>(Procedure::lookup, v3::PlaceArguments{{in, name}});
    }
    Handle handle_of(std::string_view path) {
        Handle at_now = top();
        while (!path.empty()) {
            const std::size_t slash = std::min(path.find('/'), path.size());
            at_now = lookup(at_now, path.substr(0, slash)).object;
            path.remove_prefix(std::min(slash + 1, path.size()));
        }
        return at_now;
    }
    v3::GetattrResults getattr(const Handle& of) { return nfs<v3::GetattrResults>(Procedure::getattr, v3::OfOne{of}); }
    v3::ReadResults read(const Handle& file, std::uint64_t offset, std::uint32_t count) {
        return nfs<v3::ReadResults>(Procedure::read, v3::ReadArguments{file, offset, count});
    }
    v3::WriteResults write(const Handle& file, std::uint64_t offset, std::string_view text,
                           v3::WriteArguments::Stable stable = v3::WriteArguments::Stable::unstable) {
        return nfs<v3::WriteResults>(Procedure::write,
                                     v3::WriteArguments{file, offset, static_cast<std::uint32_t>(text.size()), stable,
                                                        xdr::Opaque<>(bytes_of(text))});
    }
    v3::CreateResults create(const Handle& in, std::string_view name,
                             v3::CreateArguments::How how = v3::CreateArguments::How::guarded,
                             const NewAttributes& attributes = {}, const v3::Verifier& verifier = {}) {
        return nfs<v3::CreateResults>(Procedure::create, v3::CreateArguments{{in, name}, how, attributes, verifier});
    }
    v3::Changed setattr(const Handle& of, const NewAttributes& attributes, std::optional<Time> guard = {}) {
        return nfs<v3::Changed>(Procedure::setattr, v3::SetattrArguments{of, attributes, guard});
    }
    v3::Changed remove(const Handle& in, std::string_view name) {
        return nfs<v3::Changed>(Procedure::remove, v3::PlaceArguments{{in, name}});
    }
    v3::Changed rmdir(const Handle& in, std::string_view name) {
        return nfs<v3::Changed>(Procedure::rmdir, v3::PlaceArguments{{in, name}});
    }
    v3::RenameResults rename(const Handle& from, std::string_view old_name, const Handle& to,
                             std::string_view new_name) {
        return nfs<v3::RenameResults>(Procedure::rename, v3::RenameArguments{{from, old_name}, {to, new_name}});
    }
    std::string text_at(const Handle& file) { return std::string(text_of(read(file, 0, 4096).data)); }

    ServerOptions options;
    bool datagrams = false;
    const session::Address at{Ipv4Address{10, 0, 0, 2}, server_port};
    rpc::CallOptions call_options;  // as whom
    std::unique_ptr<Server> server_;
    std::unique_ptr<rpc::Client> client_;
    std::deque<rpc::Results> messages;
    std::string refusal;
};

}  // namespace strata::application::nfs
