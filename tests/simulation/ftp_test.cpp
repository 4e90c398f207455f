// FTP over bad cables, many seeds: files go both ways, over data connections made by either side,
// as bytes and as text, and arrive intact.
//
//     client 10.0.0.1 ══ 3 % loss, or 20 % reordering; 2 % duplication; 2 ms ══ server 10.0.0.2
//
// STRATA_SEEDS (default 10, with FULL=1 200) says how many seeds; STRATA_SEED runs one alone.
#include <gtest/gtest.h>

#include "strata/7_application/ftp/client/remote/remote.hpp"
#include "strata/7_application/ftp/server/server.hpp"
#include "strata/7_application/remote/remote_options.hpp"
#include "tests/support/bad_cable.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::ftp {
namespace {

namespace asio = session::asio;

struct FtpSegment {
    FtpSegment(std::uint64_t seed, bool lossy, bool active, bool as_text) : lab(seed), entropy(seed), text(as_text) {
        lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24", test::bad_cable(lossy));
        ServerOptions options;
        options.sync = false;
        serving = std::make_unique<Server>(server.network(), root, Server::Log{}, options);
        serving->start(server.network().listen({Ipv4Address{}, 21}));
        remote_options.ftp.active = active;
        remote.emplace(client.network(), Url{.scheme = "ftp", .host = "10.0.0.2", .port = 21, .target = "/"},
                       remote_options);
    }
    ~FtpSegment() {
        remote.reset();
        serving.reset();
        lab.run_for(1s);
    }
    [[nodiscard]] std::string some_bytes() {
        std::string bytes(static_cast<std::size_t>(entropy.below(200'000)), '\0');
        constexpr std::string_view letters = "\n\0abc\xff\n";
        for (char& letter : bytes) letter = letters.at(static_cast<std::size_t>(entropy.below(letters.size())));
        return bytes;
    }
    std::string failure_of(asio::awaitable<void> task) { return test::failure_of(lab, std::move(task), 20min); }
    void get(const std::string& bytes) {
        folder.write("there", bytes);
        OutputFile out(folder.path() / "here", {.force = true});
        ASSERT_EQ(failure_of(remote->read(text ? "/there;type=a" : "/there", out, {})), "");
        out.commit();
        EXPECT_TRUE(folder.read("here") == bytes);
    }
    void put(const std::string& bytes) {
        folder.write("mine", bytes);
        InputFile in(folder.path() / "mine");
        ASSERT_EQ(failure_of(remote->write(text ? "/put;type=a" : "/put", in, {.replace = true}, {})), "");
        EXPECT_TRUE(folder.read("put") == bytes);
    }

    lab::VirtualLab lab;
    SeededEntropy entropy;
    bool text;
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path(), {.rights = FileRights::all});
    RemoteOptions remote_options;
    std::unique_ptr<Server> serving;
    std::optional<FtpRemote> remote;
};

void both_ways(std::uint64_t seed, bool lossy, bool active, bool text) {
    SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed) + (active ? ", active" : ", passive") +
                 (text ? ", text" : ", bytes"));
    FtpSegment segment(seed, lossy, active, text);
    // Several files over one conversation.
    for (int i = 0; i < 2 && !testing::Test::HasFailure(); ++i) {
        segment.get(segment.some_bytes());
        segment.put(segment.some_bytes());
    }
    EXPECT_EQ(segment.failure_of(segment.remote->leave()), "");
    segment.lab.run_for(5min);
    EXPECT_EQ(segment.serving->active(), 0u);
}

void many_ways(bool lossy) {
    const std::uint64_t only = test::number_from("STRATA_SEED", 0);
    const std::uint64_t seeds = only != 0 ? 1 : test::seeds_of(10, 200);
    for (std::uint64_t i = 0; i < seeds; ++i) {
        const std::uint64_t seed = only != 0 ? only : i + 1;
        for (const bool active : {false, true}) {
            for (const bool text : {false, true}) {
                if (!testing::Test::HasFailure()) both_ways(seed, lossy, active, text);
            }
        }
    }
}

TEST(FtpOverABadCable, FilesArriveIntactWhereFramesAreLost) { many_ways(true); }
TEST(FtpOverABadCable, FilesArriveIntactWhereFramesOvertake) { many_ways(false); }

}  // namespace
}  // namespace strata::application::ftp
