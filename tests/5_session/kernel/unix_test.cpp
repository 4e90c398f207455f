// Unix sockets and their files: who may take a path over, and what is left behind.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>

#include "strata/5_session/kernel/network.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::session {
namespace {

struct KernelUnix : testing::Test {
    asio::io_context io{1};
    KernelNetwork network{io};
    test::TemporaryFolder folder;
    const std::string path = folder.path() / "socket";

    // What a program that was killed leaves: a socket's file, and nobody behind it.
    void leave_a_stale_socket(int type) const {
        const int socket = ::socket(AF_UNIX, type, 0);
        ASSERT_GE(socket, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::close(socket);
        ASSERT_TRUE(std::filesystem::is_socket(path));
    }
};

TEST_F(KernelUnix, AStaleSocketIsTakenOver) {
    error_code error;
    leave_a_stale_socket(SOCK_STREAM);
    Acceptor acceptor = network.listen(UnixPath{path}, error);
    EXPECT_FALSE(error) << error.message();
    acceptor.close();
    EXPECT_FALSE(std::filesystem::exists(path));
    leave_a_stale_socket(SOCK_DGRAM);
    Datagram datagram = network.open_datagram(UnixPath{path}, error);
    EXPECT_FALSE(error) << error.message();
    datagram.close();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KernelUnix, WhatIsNoSocketStays) {
    folder.write("socket", "a file of somebody's");
    error_code error;
    (void)network.listen(UnixPath{path}, error);
    EXPECT_EQ(error, asio::error::address_in_use);
    EXPECT_EQ(folder.read("socket"), "a file of somebody's");
}

TEST_F(KernelUnix, ASuccessorsFileStays) {
    Acceptor first = network.listen(UnixPath{path});
    std::filesystem::remove(path);  // somebody tidied up
    Acceptor second = network.listen(UnixPath{path});
    first.close();
    EXPECT_TRUE(std::filesystem::exists(path)) << "it is the second one's";
}

TEST_F(KernelUnix, PathsAreBounded) {
    error_code error;
    (void)network.listen(UnixPath{std::string(200, 'x')}, error);
    EXPECT_EQ(error, asio::error::name_too_long);
    (void)network.listen(UnixPath{folder.path() / "no folder" / "socket"}, error);
    EXPECT_EQ(error, boost::system::errc::no_such_file_or_directory);
}

TEST_F(KernelUnix, DatagramsCarryTheSendersPath) {
    for (const std::string& here : {path, "@strata-test-" + std::to_string(::getpid())}) {
        Datagram receiver = network.open_datagram(UnixPath{here});
        Datagram sender = network.open_datagram(UnixPath{path + "-sender"});
        std::string got(100, '\0');
        Address from;
        receiver.async_receive_from(asio::buffer(got), [&](error_code error, std::size_t count, Address who) {
            EXPECT_FALSE(error);
            got.resize(count);
            from = who;
        });
        sender.async_send_to(asio::buffer(std::string_view("hello")), receiver.local(),
                             [](error_code error, std::size_t) { EXPECT_FALSE(error); });
        io.run();
        io.restart();
        EXPECT_EQ(got, "hello");
        EXPECT_EQ(from, sender.local());
    }
}

}  // namespace
}  // namespace strata::session
