// A file's bytes by send_file, and bytes by write_now: on the kernel's sockets, on our own stack,
// and on a stream that knows no files.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/asio/file_pages.hpp"
#include "strata/5_session/kernel/network.hpp"
#include "tests/support/forwarding_stream.hpp"
#include "tests/support/no_threads.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::session {
namespace {

using asio::redirect_error;
using asio::use_awaitable;

std::string text_of(std::size_t size) {
    std::string text(size, '\0');
    SeededEntropy entropy(size);
    entropy.fill(std::as_writable_bytes(std::span(text)));
    return text;
}

enum class Kind { kernel, stack, bytes_only };

// Two ends of a conversation over the network that was asked for, and a file.
struct SendFile : testing::TestWithParam<Kind> {
    strata::test::TemporaryFolder folder;
    asio::io_context io{1};
    KernelNetwork kernel{io};
    lab::VirtualLab lab{1};
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    physical::Cable& cable = lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24");
    Stream sender, receiver;
    int file = -1;

    void SetUp() override {
        const bool own = GetParam() != Kind::kernel;
        Network& from = own ? static_cast<Network&>(server.network()) : kernel;
        Network& to = own ? static_cast<Network&>(client.network()) : kernel;
        Acceptor acceptor = from.listen({own ? Ipv4Address{10, 0, 0, 2} : Ipv4Address::loopback(), 0});
        acceptor.async_accept([this](error_code, Stream stream) { sender = std::move(stream); });
        to.async_connect(acceptor.local(), [this](error_code, Stream stream) { receiver = std::move(stream); });
        run();
        ASSERT_TRUE(sender.is_open() && receiver.is_open());
        if (GetParam() == Kind::bytes_only)
            sender = Stream{std::make_unique<test::ForwardingStream>(std::move(sender))};
    }
    void TearDown() override {
        if (file >= 0) ::close(file);
    }
    void run() {
        io.run();
        io.restart();
        lab.run_for(1s);
    }
    void open(const std::string& text) {
        folder.write("file", text);
        if (file >= 0) ::close(file);
        file = ::open((folder.path() / "file").c_str(), O_RDONLY | O_CLOEXEC);
    }
    template <typename Task>
    void begin(Task task) {
        asio::co_spawn(sender.get_executor(), std::move(task), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    }
    asio::awaitable<void> send_all(std::string head, FileSlice slice, error_code& error) {
        std::string_view before = head;
        while (!error && (!before.empty() || slice.count > 0)) {
            const std::size_t count =
                co_await sender.async_send_file(asio::buffer(before), slice, redirect_error(use_awaitable, error));
            const std::size_t of_head = std::min(before.size(), count);
            before.remove_prefix(of_head);
            slice.remove_prefix(count - of_head);
        }
        (void)sender.shut_down_sending();
    }
    asio::awaitable<void> read_all(std::string& text) {
        error_code ended;
        co_await asio::async_read(receiver, asio::dynamic_buffer(text), redirect_error(use_awaitable, ended));
    }
    // All of it, head first; how it ended.
    error_code carry(const std::string& head, const FileSlice& slice, std::string& arrived) {
        error_code error;
        begin(send_all(head, slice, error));
        begin(read_all(arrived));
        run();
        lab.run_for(1min);
        return error;
    }
};

TEST_P(SendFile, TheHeadAndThePieceArriveAsOneText) {
    const std::string text = text_of(3'000'000);
    open(text);
    const FileSlice slice{file, 1000, text.size() - 1000};
    std::string arrived;
    EXPECT_FALSE(carry("head: ", slice, arrived));
    EXPECT_TRUE(arrived == "head: " + text.substr(1000));
}

// Around what is copied and what is not, what fits a block and what does not.
class Sizes : public SendFile {};
TEST_P(Sizes, EachPieceIsExact) {
    for (const std::size_t size : {1u, 255u, 2049u, 8193u, 32768u, 65535u, 65536u, 65537u, 262145u, 1048577u}) {
        const std::string text = text_of(size + 2);
        open(text);
        for (const std::string head : {"", "h"}) {
            std::string arrived;
            error_code error;
            begin([](Sizes& test, std::string before, std::size_t count, error_code& failed) -> asio::awaitable<void> {
                FileSlice slice{test.file, 1, count};
                std::string_view left = before;
                while (!failed && (!left.empty() || slice.count > 0)) {
                    std::size_t sent = test.sender.send_file_now(asio::buffer(left), slice, failed);
                    if (failed == asio::error::would_block)
                        sent = co_await test.sender.async_send_file(asio::buffer(left), slice,
                                                                    redirect_error(use_awaitable, failed));
                    const std::size_t of_head = std::min(left.size(), sent);
                    left.remove_prefix(of_head);
                    slice.remove_prefix(sent - of_head);
                }
            }(*this, head, size, error));
            begin([](Sizes& test, std::string& to, std::size_t count) -> asio::awaitable<void> {
                to.resize(count);
                co_await asio::async_read(test.receiver, asio::buffer(to), use_awaitable);
            }(*this, arrived, head.size() + size));
            run();
            lab.run_for(10s);
            EXPECT_FALSE(error) << error.message();
            EXPECT_TRUE(arrived == head + text.substr(1, size)) << size << head;
        }
    }
}

// Half of it must not look whole: the sender is told.
TEST_P(SendFile, AFileThatBecameShorterIsAnError) {
    const std::string text = text_of(200'000);
    open(text);
    std::string arrived;
    EXPECT_EQ(carry("head", {file, 0, 300'000}, arrived), asio::error::eof);
    EXPECT_TRUE(arrived == "head" + text);
    SetUp();
    arrived.clear();
    EXPECT_EQ(carry("", {file, 200'000, 10}, arrived), asio::error::eof);
    EXPECT_EQ(arrived, "");
}

TEST_P(SendFile, WhatCannotBeReadIsAnError) {
    open("x");
    const int folder_descriptor = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    error_code error;
    EXPECT_EQ(sender.send_file_now(asio::buffer("", 0), {folder_descriptor, 0, 10}, error), 0u);
    EXPECT_EQ(error, asio::error::eof);
    ::close(folder_descriptor);
}

// Evicted, where the file system can: nothing is sent at once, all of it by and by.
TEST_P(SendFile, APageThatIsNotInMemoryIsFetched) {
    const std::string text = text_of(1'000'000);
    open(text);
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    const FileSlice slice{file, 0, text.size()};
    if (GetParam() == Kind::kernel && !FilePages::in_memory(slice, 4096)) {
        error_code error;
        EXPECT_EQ(sender.send_file_now(asio::buffer("", 0), slice, error), 0u);
        EXPECT_EQ(error, asio::error::would_block);
    }
    std::string arrived;
    EXPECT_FALSE(carry("head", slice, arrived));
    EXPECT_TRUE(arrived == "head" + text);
    EXPECT_TRUE(FilePages::in_memory(slice, text.size()));
}

// Then the loop waits for the disk itself: late, but all of it.
TEST_P(SendFile, WithoutAThreadAPageIsFetchedAllTheSame) {
    if (!strata::test::threads_can_be_denied) GTEST_SKIP();
    const std::string text = text_of(1'000'000);
    open(text);
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    bool fetched = false;
    {
        const strata::test::NoThreads none;
        FilePages::of(io.get_executor())
            .fetch({file, 0, text.size()}, 4096, WaitHandler{[&](error_code) { fetched = true; }, io.get_executor()});
    }
    run();
    EXPECT_TRUE(fetched);
    std::string arrived;
    EXPECT_FALSE(carry("head", {file, 0, text.size()}, arrived));
    EXPECT_TRUE(arrived == "head" + text);
}

// To a peer that does not read: as much as there is room for, and then would_block until it does.
TEST_P(SendFile, NothingIsHandedDownThatDoesNotFit) {
    const std::string text = text_of(1 << 20);
    open(text);
    error_code error;
    std::size_t handed_down = 0;
    for (int i = 0; !error && i < 10'000; ++i)
        handed_down += sender.send_file_now(
            asio::buffer("", 0), {file, handed_down % text.size(), text.size() - handed_down % text.size()}, error);
    EXPECT_EQ(error, asio::error::would_block);
    EXPECT_GT(handed_down, 0u);
    EXPECT_EQ(sender.write_now(asio::buffer("more"), error), 0u);
    EXPECT_EQ(error, asio::error::would_block);
    bool sent = false;
    sender.async_send_file(asio::buffer("", 0), {file, 0, 1}, [&](error_code failed, std::size_t count) {
        EXPECT_FALSE(failed);
        sent = count > 0;
    });
    std::string arrived(handed_down, '\0');
    begin([](SendFile& test, std::string& to) -> asio::awaitable<void> {
        co_await asio::async_read(test.receiver, asio::buffer(to), use_awaitable);
    }(*this, arrived));
    run();
    lab.run_for(1min);
    EXPECT_TRUE(sent);
    for (std::size_t i = 0; i < arrived.size(); i += text.size())
        EXPECT_TRUE(arrived.substr(i, text.size()) == text.substr(0, arrived.size() - i));
}

TEST_P(SendFile, CancellingEndsIt) {
    open(text_of(1 << 20));
    error_code error;
    const auto fill = [&] {
        for (error.clear(); !error;) (void)sender.send_file_now(asio::buffer("", 0), {file, 0, 1 << 20}, error);
    };
    fill();
    error_code ended;
    sender.async_send_file(asio::buffer("", 0), {file, 0, 1}, [&](error_code failed, std::size_t) { ended = failed; });
    sender.cancel();
    run();
    EXPECT_EQ(ended, asio::error::operation_aborted);
    // And so does the end of the stream, which may come before that of the operation.
    fill();
    sender.async_send_file(asio::buffer("", 0), {file, 0, 1}, [&](error_code failed, std::size_t) { ended = failed; });
    sender.abort();
    run();
    EXPECT_TRUE(ended);
    EXPECT_EQ(sender.write_now(asio::buffer("x"), error), 0u);
    EXPECT_EQ(error, asio::error::bad_descriptor);
    EXPECT_EQ(sender.send_file_now(asio::buffer("x"), {file, 0, 1}, error), 0u);
    EXPECT_EQ(error, asio::error::bad_descriptor);
}

std::string name_of(const testing::TestParamInfo<Kind>& info) {
    return info.param == Kind::kernel ? "kernel" : info.param == Kind::stack ? "stack" : "bytes_only";
}
const auto kinds = testing::Values(Kind::kernel, Kind::stack, Kind::bytes_only);
INSTANTIATE_TEST_SUITE_P(Networks, SendFile, kinds, name_of);
INSTANTIATE_TEST_SUITE_P(Networks, Sizes, kinds, name_of);

// The head waits for the bytes behind it: no segment ends between them.
TEST(StackSendFile, ASmallFileAndItsHeadAreOneSegment) {
    strata::test::TemporaryFolder folder;
    folder.write("file", text_of(1000));
    lab::VirtualLab lab{1};
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24");
    Stream sender, receiver;
    Acceptor acceptor = server.network().listen({Ipv4Address{10, 0, 0, 2}, 80});
    acceptor.async_accept([&](error_code, Stream stream) { sender = std::move(stream); });
    client.network().async_connect(acceptor.local(), [&](error_code, Stream stream) { receiver = std::move(stream); });
    lab.run_for(1s);
    sender.set_no_delay(true);
    const int file = ::open((folder.path() / "file").c_str(), O_RDONLY | O_CLOEXEC);
    const auto segments = server.tcp().counters().tcpOutSegs;
    error_code error;
    EXPECT_EQ(sender.send_file_now(asio::buffer("head", 4), {file, 0, 1000}, error), 1004u);
    EXPECT_EQ(server.tcp().counters().tcpOutSegs, segments + 1);
    ::close(file);
}

}  // namespace
}  // namespace strata::session
