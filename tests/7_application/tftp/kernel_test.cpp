// TFTP's server and client on the kernel's network, over loopback: the same files as on our own
// stack. STRATA_TFTP_MIB makes them so large, and says how fast they went.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>

#include "strata/5_session/kernel/network.hpp"
#include "strata/7_application/tftp/client/client.hpp"
#include "strata/7_application/tftp/content/folder_files.hpp"
#include "strata/7_application/tftp/server/server.hpp"
#include "tests/7_application/tftp/bench.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::tftp {
namespace {

namespace asio = session::asio;

struct TftpOnKernel : testing::Test {
    TftpOnKernel() {
        for (char& letter : text) letter = static_cast<char>(entropy.next());
        folder.write("there", text);
    }
    void serve(bool single_port) {
        server.emplace(network, std::make_shared<FolderFiles>(root), Server::Log{},
                       ServerOptions{.single_port = single_port, .commit_aside = true});
        auto socket = network.open_datagram({Ipv4Address::loopback(), 0});
        port = number_of(socket.local().endpoint().port);
        server->start(std::move(socket));
    }
    std::string failure_of(asio::awaitable<void> task) {
        std::string failure;
        asio::co_spawn(io, std::move(task), [&](std::exception_ptr failed) {
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const std::exception& error) {
                failure = error.what();
            }
            server->abort();
        });
        io.run();
        io.restart();
        return failure;
    }
    double measured(const char* what, const RequestOptions& request, Instant began) {
        const double rate = static_cast<double>(text.size()) / 1e6 / seconds_of(network.now() - began);
        if (mib != 0)
            std::printf("    %s, blksize %5u, windowsize %2u: %.1f MB/s\n", what, request.blksize, request.windowsize,
                        rate);
        return rate;
    }
    void both_ways(RequestOptions request, bool single_port) {
        SCOPED_TRACE(std::to_string(request.blksize) + ", window " + std::to_string(request.windowsize));
        request.transfer.dally_time = 1ms;
        serve(single_port);
        OutputFile out(folder.path() / "here", {.force = true});
        Instant began = network.now();
        EXPECT_EQ(failure_of(get(network, {"127.0.0.1", port, "there"}, out, {}, request)), "");
        EXPECT_GT(measured("get", request, began), 0);
        out.commit();
        EXPECT_TRUE(folder.read("here") == text);
        serve(single_port);
        began = network.now();
        const auto from = std::make_shared<const TextReading>(text);
        EXPECT_EQ(failure_of(put(network, {"127.0.0.1", port, "put"}, from, {}, request)), "");
        EXPECT_GT(measured("put", request, began), 0);
        EXPECT_TRUE(folder.read("put") == text);
    }

    const std::uint64_t mib = test::number_from("STRATA_TFTP_MIB", 0);
    SeededEntropy entropy{1};
    std::string text = std::string(mib != 0 ? mib << 20 : 300'001, '\0');
    test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path(), {.rights = FileRights::all});
    asio::io_context io{1};
    session::KernelNetwork network{io};
    std::optional<Server> server;
    std::uint16_t port = 0;
};

TEST_F(TftpOnKernel, FilesGoBothWaysOverLoopback) {
    for (const std::uint32_t blksize : {512u, 1428u, 65464u}) {
        for (const std::uint32_t windowsize : {1u, 16u, 64u})
            both_ways({.blksize = blksize, .windowsize = windowsize}, windowsize == 16);
    }
}

// One that has been received, but not been heard yet, when the server is stopped.
TEST_F(TftpOnKernel, ADatagramThatWasThereAlreadyFindsNobody) {
    const std::string junk = "junk";
    const std::vector<Bytes> datagrams(20, bytes_of(junk));
    for (int steps = 0; steps < 10; ++steps) {
        serve(steps % 2 == 0);
        session::Datagram sender = network.open_datagram({Ipv4Address::loopback(), 0});
        ASSERT_EQ(sender.send_at_once(datagrams, session::Address{Ipv4Address::loopback(), port}), datagrams.size());
        for (int i = 0; i < steps; ++i) io.poll_one();
        server->abort();
        io.run();
        io.restart();
        EXPECT_EQ(server->active(), 0u);
    }
}

TEST_F(TftpOnKernel, TheLargestBlocksFitIntoLoopback) {
    serve(false);
    OutputFile out(folder.path() / "here", {.force = true});
    EXPECT_EQ(failure_of(get(network, {"localhost", port, "there"}, out)), "");
}

}  // namespace
}  // namespace strata::application::tftp
