// Lines from a pipe, however long they are: in pieces, which are whole characters.
#include "strata/cli/typed_lines.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>

namespace strata::cli {
namespace {

using application::talk::Line;

constexpr std::size_t piece_max = 16 << 10;  // as TypedLines has it

// What comes of a text on standard input.
std::vector<Line> lines_of(const std::string& text) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    EXPECT_GE(::fcntl(ends[1], F_SETPIPE_SZ, 256 << 10), 256 << 10);
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    const int before = ::dup(STDIN_FILENO);
    ::dup2(ends[0], STDIN_FILENO);
    boost::asio::io_context io{1};
    std::vector<Line> lines;
    {
        TypedLines typed(io);
        ::dup2(before, STDIN_FILENO);
        for (const int end : {before, ends[0], ends[1]}) ::close(end);
        boost::asio::co_spawn(
            io,
            [&]() -> boost::asio::awaitable<void> {
                for (;;) {
                    auto line = co_await typed.next();
                    if (!line) co_return;
                    lines.push_back(std::move(*line));
                }
            },
            [](std::exception_ptr failed) { EXPECT_FALSE(failed); });
        io.run();
    }
    return lines;
}

std::string joined(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) text += line.text;
    return text;
}

TEST(TypedLines, EachLineIsOne) {
    const auto lines = lines_of("one\r\n\ntwo\nlast");
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(lines[0].text, "one");
    EXPECT_EQ(lines[1].text, "");
    EXPECT_EQ(lines[3].text, "last") << "the last may lack its end";
    for (const Line& line : lines) EXPECT_TRUE(line.ends);
}

TEST(TypedLines, ALineOfAPieceIsOneAndALongerOneIsSeveral) {
    for (const std::size_t size : {piece_max - 2, piece_max - 1, piece_max, piece_max + 1, 5 * piece_max}) {
        const std::string text(size, 'x');
        const auto lines = lines_of(text + "\n");
        EXPECT_EQ(joined(lines), text) << size;
        ASSERT_FALSE(lines.empty());
        EXPECT_TRUE(lines.back().ends) << size;
        for (std::size_t i = 0; i + 1 < lines.size(); ++i) EXPECT_FALSE(lines[i].ends) << size;
        if (size < piece_max) {
            EXPECT_EQ(lines.size(), 1u) << size;
        }
    }
}

TEST(TypedLines, NoCharacterIsHalved) {
    for (std::size_t before = 0; before < 3; ++before) {
        std::string text(before, 'x');
        while (text.size() < 3 * piece_max) text += "说";
        const auto lines = lines_of(text + "\n");
        EXPECT_EQ(joined(lines), text);
        EXPECT_GT(lines.size(), 1u);
        for (const Line& line : lines) {
            EXPECT_TRUE(line.text.empty() || (static_cast<unsigned char>(line.text.front()) & 0xc0) != 0x80);
        }
    }
}

}  // namespace
}  // namespace strata::cli
