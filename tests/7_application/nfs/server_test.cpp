// The NFS server as a whole: MOUNT (RFC 1813 5), both transports, calls that come again, threads,
// the kernel's sockets.
#include "strata/7_application/nfs/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/kernel/network.hpp"
#include "strata/5_session/rpc/message/words.hpp"
#include "strata/7_application/nfs/shared/mounts.hpp"
#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {
namespace {

using NfsMount = NfsServed;
using NfsServer = NfsServed;
using How = v3::CreateArguments::How;

TEST_F(NfsMount, GivesTheHandleOfAFolder) {
    const auto mounted = mnt("/");
    ASSERT_EQ(mounted.status, mount::Status::ok);
    EXPECT_EQ(mounted.flavors, (xdr::List<std::uint32_t, 16>{1, 0}));
    EXPECT_EQ(mnt("").handle, mounted.handle);
    EXPECT_EQ(mnt("/sub/deep").handle, handle_of("sub/deep"));
    EXPECT_EQ(mnt("sub//./deep/").handle, handle_of("sub/deep"));
    EXPECT_EQ(mnt("/nothing").status, mount::Status::noent);
    EXPECT_EQ(mnt("/hello").status, mount::Status::notdir);
    EXPECT_EQ(mnt("/link").status, mount::Status::notdir);
    EXPECT_EQ(mnt("/..").status, mount::Status::acces);
    EXPECT_EQ(mnt("/sub/../..").status, mount::Status::acces);
    EXPECT_EQ(mnt("/.hidden").status, mount::Status::noent);
    EXPECT_EQ(mnt("/" + std::string(256, 'x')).status, mount::Status::nametoolong);
    const std::string too_long(1025, 'x');
    (void)mount<xdr::Void>(mount::Procedure::mnt, xdr::Text<>(too_long));
    EXPECT_TRUE(refusal.contains("GARBAGE_ARGS")) << refusal;
}

TEST_F(NfsMount, KnowsWhoHasMountedWhat) {
    (void)mnt("/");
    (void)mnt("/sub/");
    (void)mnt("/sub");
    const auto list = mount<mount::MountList>(mount::Procedure::dump);
    ASSERT_EQ(list.size(), 2u);
    EXPECT_TRUE(list[0].host == "10.0.0.1" && list[0].folder == "/");
    EXPECT_TRUE(list[1].host == "10.0.0.1" && list[1].folder == "/sub");
    (void)mount<xdr::Void>(mount::Procedure::umnt, mount::Path("/"));
    EXPECT_EQ(mount<mount::MountList>(mount::Procedure::dump).size(), 1u);
    (void)mount<xdr::Void>(mount::Procedure::umntall);
    EXPECT_EQ(mount<mount::MountList>(mount::Procedure::dump).size(), 0u);
    const auto exports = mount<mount::Exports>(mount::Procedure::export_list);
    ASSERT_EQ(exports.size(), 1u);
    EXPECT_TRUE(exports[0].folder == "/" && exports[0].groups.empty());
    connect(true);
    (void)mount<mount::MountList>(mount::Procedure::dump);
    EXPECT_TRUE(refusal.contains("PROC_UNAVAIL")) << refusal;
    EXPECT_EQ(mount<mount::Exports>(mount::Procedure::export_list).size(), 1u);
}

TEST_F(NfsMount, MountsMax) {
    options.mounts_max = 2;
    serve(FileRights::read);
    for (const std::string_view path : {"/", "/sub", "/sub/deep"}) (void)mnt(path);
    EXPECT_EQ(server_->mounts(), 2u);
    EXPECT_EQ(mount<mount::MountList>(mount::Procedure::dump).at(0).folder, "/sub") << "the oldest is forgotten";
    Mounts none(0);
    none.add({"host", "/"});
    EXPECT_TRUE(none.all().empty());
}

TEST_F(NfsServer, SaysWhatThereIsNot) {
    (void)nfs<xdr::Void>(Procedure::null, xdr::Void{});
    EXPECT_EQ(refusal, "");
    (void)nfs<xdr::Void>(static_cast<Procedure>(22), xdr::Void{});
    EXPECT_TRUE(refusal.contains("PROC_UNAVAIL")) << refusal;
    (void)mount<xdr::Void>(static_cast<mount::Procedure>(6));
    EXPECT_TRUE(refusal.contains("PROC_UNAVAIL")) << refusal;
    (void)ask<xdr::Void>({v3::program_number, 2, 0}, xdr::Void{});
    EXPECT_TRUE(refusal.contains("PROG_MISMATCH")) << refusal;
    for (std::uint32_t procedure = 1; procedure < 22; ++procedure) {
        (void)nfs<xdr::Void>(static_cast<Procedure>(procedure), std::uint32_t{65});
        EXPECT_TRUE(refusal.contains("GARBAGE_ARGS")) << procedure << refusal;
    }
}

TEST_F(NfsServer, AnswersInDatagramsAsWell) {
    connect(true);
    const Handle file = handle_of("hello");
    EXPECT_EQ(text_at(file), "hello, world");
    EXPECT_EQ(write(file, 0, "HELLO").status, Status::ok);
    EXPECT_EQ(create(top(), "new").status, Status::ok);
    EXPECT_EQ(nfs<v3::FsinfoResults>(Procedure::fsinfo, v3::OfOne{file}).read_max, 8u << 10u);
    folder.write("long", std::string(10000, 'l'));
    EXPECT_EQ(read(handle_of("long"), 0, 10000).count, 8u << 10u);
    EXPECT_EQ(server_->active(), 0u);
}

// A peer that says each call twice: what must not be done twice is answered as the first time.
template <typename Arguments>
std::vector<std::vector<std::byte>> said_twice(NfsServed& served, std::uint32_t xid, Procedure procedure,
                                               const Arguments& arguments) {
    std::vector<std::byte> call;
    rpc::append_call_header(call, xid, {v3::program_number, 3, procedure}, {});
    const auto bytes = *xdr::encode(arguments, 4096);
    call.insert(call.end(), bytes.begin(), bytes.end());
    session::Datagram socket = served.client.network().open_datagram({Ipv4Address{}, 700});
    std::vector<std::vector<std::byte>> replies;
    std::vector<std::byte> buffer(4096);
    const Bytes datagram = call;
    for (int time = 0; time < 2; ++time) {
        socket.async_receive_from(
            session::asio::buffer(buffer), [&](session::error_code error, std::size_t size, const session::Address&) {
                if (!error) replies.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
            });
        socket.send_at_once({&datagram, 1}, served.at);
        served.lab.run_for(1s);
    }
    socket.close();
    served.lab.run_for(1s);
    return replies;
}

TEST_F(NfsServer, WhatIsSaidTwiceIsDoneOnce) {
    const Handle in = top();
    std::uint32_t xid = 1;
    const auto check = [&](Procedure procedure, const auto& arguments) {
        const auto replies = said_twice(*this, xid++, procedure, arguments);
        ASSERT_EQ(replies.size(), 2u) << procedure;
        EXPECT_EQ(replies[0], replies[1]) << procedure;
        const auto reply = rpc::parse_reply(replies[1]);
        ASSERT_TRUE(reply.has_value()) << procedure;
        EXPECT_EQ(load_be32(reply->results.data()), 0u) << procedure;
    };
    check(Procedure::create, v3::CreateArguments{{in, "new"}, How::guarded, {}, {}});
    check(Procedure::mkdir, v3::MkdirArguments{{in, "folder"}, {}});
    check(Procedure::symlink, v3::SymlinkArguments{{in, "s"}, {}, "x"});
    check(Procedure::rename, v3::RenameArguments{{in, "new"}, {in, "renamed"}});
    check(Procedure::link, v3::LinkArguments{handle_of("renamed"), {in, "second"}});
    check(Procedure::remove, v3::PlaceArguments{{in, "renamed"}});
    check(Procedure::rmdir, v3::PlaceArguments{{in, "folder"}});
    EXPECT_EQ(server_->counters().rpcInRepeated, 7u);
}

// On a new connection, as a client does that has lost the first one.
TEST_F(NfsServer, WhatIsSaidAgainOnANewConnectionIsDoneOnce) {
    std::vector<std::byte> call;
    const auto arguments = *xdr::encode(v3::PlaceArguments{{top(), "hello"}}, 4096);
    rpc::append_word(call, 0);
    rpc::append_call_header(call, 77, {v3::program_number, 3, Procedure::remove}, {});
    call.insert(call.end(), arguments.begin(), arguments.end());
    store_be32(call.data(), 0x8000'0000u | static_cast<std::uint32_t>(call.size() - 4));
    std::vector<std::string> replies;
    for (int time = 0; time < 2; ++time) {
        session::Stream stream;
        std::vector<std::byte> buffer(4096);
        client.network().async_connect(at, [&](session::error_code error, session::Stream connected) {
            ASSERT_FALSE(error);
            stream = std::move(connected);
            session::error_code ignored;
            (void)stream.write_now(session::asio::buffer(call), ignored);
            stream.async_read_some(session::asio::buffer(buffer), [&](session::error_code, std::size_t size) {
                replies.emplace_back(text_of(Bytes(buffer).first(size)));
            });
        });
        lab.run_for(1s);
        stream.close();
        lab.run_for(1s);
    }
    ASSERT_EQ(replies.size(), 2u);
    EXPECT_FALSE(replies[0].empty());
    EXPECT_EQ(replies[0], replies[1]) << "the same, not that there is none";
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "hello"));
    EXPECT_EQ(server_->counters().rpcInRepeated, 1u);
}

TEST_F(NfsServer, PlacesAreBounded) {
    options.tree.places_max = 3;
    serve(FileRights::all);
    EXPECT_EQ(text_at(handle_of("sub/deep/file")), "deep");
    const Handle file = handle_of("hello");
    EXPECT_EQ(getattr(handle_of("sub/deep/file")).status, Status::ok);
    EXPECT_EQ(text_at(file), "hello, world") << "looked for again";
    EXPECT_EQ(server_->places(), 3u);
}

TEST_F(NfsServer, StopsWhenTheCallsAreAnswered) {
    (void)top();
    EXPECT_EQ(server_->active(), 1u);
    server_->stop();
    lab.run_for(1s);
    EXPECT_EQ(server_->active(), 0u);
}

// On the kernel's network, and with a thread for what waits for the disk.
struct Done {
    std::string failure = "it does not end";
    std::string text;
};

session::asio::awaitable<void> write_and_search(rpc::Client& client, std::string path, Done& done) {
    const rpc::Target mnt{mount::program_number, 3, mount::Procedure::mnt};
    const mount::Path top("/");
    const auto mounted = co_await xdr::call<mount::MountResults>(client, mnt, top);
    v3::CreateArguments creation;
    creation.place.folder = mounted.value.handle;
    creation.place.name = "made";
    const rpc::Target create{v3::program_number, 3, Procedure::create};
    const auto made = co_await xdr::call<v3::CreateResults>(client, create, creation);
    v3::WriteArguments writing;
    writing.file = made.value.object.value();
    writing.count = 4;
    writing.stable = v3::WriteArguments::Stable::file_sync;
    writing.data = bytes_of("text");
    const rpc::Target write{v3::program_number, 3, Procedure::write};
    const auto written = co_await xdr::call<v3::WriteResults>(client, write, writing);
    if (written.value.status != Status::ok) co_return;
    std::filesystem::rename(path + "/made", path + "/elsewhere");
    v3::ReadArguments reading;
    reading.file = writing.file;
    reading.count = 100;
    const rpc::Target read{v3::program_number, 3, Procedure::read};
    const auto found = co_await xdr::call<v3::ReadResults>(client, read, reading);
    done.text = text_of(found.value.data);
    v3::ReaddirArguments listing;
    listing.folder = mounted.value.handle;
    listing.count = 4096;
    const rpc::Target readdir{v3::program_number, 3, Procedure::readdir};
    const auto list = co_await xdr::call<v3::ReaddirResults>(client, readdir, listing);
    for (const v3::Entry& entry : list.value.entries) done.text += " " + std::string(entry.name);
}

TEST(NfsOnTheKernelsNetwork, WhatWaitsForTheDiskIsDoneAside) {
    session::asio::io_context io;
    session::KernelNetwork network(io);
    const test::TemporaryFolder folder;
    const FileRoot root = *FileRoot::open(folder.path(), {.rights = FileRights::all});
    Server server(network, root);
    session::error_code error;
    session::Address at = server.start({Ipv4Address::loopback(), 0}, error);
    // The port that TCP was given may be another program's by UDP.
    for (int more = 0; more < 20 && error; ++more) at = server.start({Ipv4Address::loopback(), 0}, error);
    ASSERT_FALSE(error);
    auto client = std::make_unique<rpc::StreamClient>(network, at);
    Done done;
    session::asio::co_spawn(io, write_and_search(*client, folder.path(), done), [&](const std::exception_ptr& failed) {
        try {
            if (failed) std::rethrow_exception(failed);
            done.failure.clear();
        } catch (const std::exception& why) {
            done.failure = why.what();
        }
        client.reset();
        server.abort();
    });
    io.run_for(10s);
    EXPECT_EQ(done.failure, "");
    EXPECT_EQ(done.text, "text . .. elsewhere");
}

}  // namespace
}  // namespace strata::application::nfs
