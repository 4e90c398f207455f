// InputFile: files, and what comes by pipes.
#include "strata/7_application/files/input/input_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/use_awaitable.hpp>

#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Input : test::ServedFolder {
    Input() { folder.write("file", "0123456789"); }
    std::string path(const std::string& name) const { return folder.path() / name; }
    // All that can be read, by so many bytes at once; or what went wrong.
    std::string all(InputFile& in, std::size_t at_once = 4) {
        std::string text;
        const std::string failure = failure_of(read_all(in, at_once, text), 1s);
        return failure.empty() ? text : failure;
    }
    session::asio::awaitable<void> read_all(InputFile& in, std::size_t at_once, std::string& text) {
        std::vector<std::byte> buffer(at_once);
        const MutableBytes room = buffer;
        while (const std::size_t count = co_await in.read(client.network(), room))
            text.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
    // The writing end of a FIFO, which the file is.
    int pipe(const std::string& name) {
        EXPECT_EQ(::mkfifo(path(name).c_str(), 0600), 0);
        return ::open(path(name).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    }
    static std::string why_not(const std::string& path) {
        try {
            const InputFile in(path);
            return "";
        } catch (const InputError& error) {
            return error.what();
        }
    }
};

TEST_F(Input, AFileIsReadAgain) {
    InputFile in(path("file"));
    EXPECT_EQ(in.size(), 10u);
    EXPECT_TRUE(in.date());
    EXPECT_EQ(all(in), "0123456789");
    EXPECT_EQ(all(in), "");
    in.restart();
    EXPECT_EQ(all(in, 100), "0123456789");
    std::vector<std::byte> buffer(4);
    EXPECT_EQ(in.read_at(8, buffer), 2u);
    EXPECT_EQ(in.read_at(10, buffer), 0u);
    EXPECT_EQ(in.read_at(99, buffer), 0u);
}

TEST_F(Input, AFileThatGrowsIsWhatItWas) {
    InputFile in(path("file"));
    folder.write("file", "0123456789abc");
    EXPECT_EQ(all(in), "0123456789");
}

TEST_F(Input, APartIsNotTheWhole) {
    InputFile in(path("file"));
    folder.write("file", "01234");
    EXPECT_TRUE(all(in).contains("became shorter while it was read"));
}

TEST_F(Input, SaysWhatCannotBeRead) {
    EXPECT_TRUE(why_not(path("none")).contains("No such file"));
    EXPECT_TRUE(why_not(folder.path()).contains("is a folder; add -r"));
}

TEST_F(Input, APipeIsReadOnce) {
    const int end = pipe("pipe");
    InputFile in(path("pipe"));
    EXPECT_FALSE(in.size());
    EXPECT_FALSE(in.date());
    in.restart();  // nothing was read
    ASSERT_EQ(::write(end, "some text", 9), 9);
    ::close(end);
    EXPECT_EQ(all(in), "some text");
    EXPECT_THROW(in.restart(), InputError);
}

TEST_F(Input, APipeIsKeptWhereItMustBeReadAgain) {
    const int end = pipe("pipe");
    InputFile in(path("pipe"));
    ASSERT_EQ(::write(end, "some text", 9), 9);
    ::close(end);
    EXPECT_EQ(failure_of(in.make_seekable(client.network()), 1s), "");
    EXPECT_EQ(in.size(), 9u);
    EXPECT_EQ(all(in), "some text");
    in.restart();
    EXPECT_EQ(all(in), "some text");
    std::vector<std::byte> buffer(4);
    EXPECT_EQ(in.read_at(5, buffer), 4u);
    EXPECT_EQ(failure_of(in.make_seekable(client.network()), 1s), "") << "it is";
}

TEST_F(Input, NothingAtAll) {
    InputFile in("/dev/null");
    EXPECT_EQ(all(in), "");
    EXPECT_FALSE(in.size());
}

}  // namespace
}  // namespace strata::application
