// NFS over bad cables, many seeds: files go both ways by version 3 over TCP and UDP, and by version
// 4, folders are made, files renamed and removed; all arrives intact, and nothing is done twice.
//
//     client 10.0.0.1 ══ 3 % loss, or 20 % reordering; 2 % duplication; 2 ms ══ server 10.0.0.2
//
// STRATA_SEEDS (default 20, with FULL=1 200) says how many seeds; STRATA_SEED runs one alone.
#include <gtest/gtest.h>

#include "strata/7_application/nfs/client/remote/remote.hpp"
#include "strata/7_application/nfs/server.hpp"
#include "strata/7_application/remote/remote_options.hpp"
#include "tests/support/bad_cable.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::nfs {
namespace {

namespace asio = session::asio;

struct NfsSegment {
    NfsSegment(std::uint64_t seed, bool lossy, const char* parameters) : lab(seed), entropy(seed) {
        lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24", test::bad_cable(lossy));
        std::filesystem::create_directory(folder.path() / "served");
        ServerOptions options;
        options.key = HandleKey(HandleKey::Secret{std::byte{1}});
        options.sync = options.aside = false;
        serving = std::make_unique<Server>(server.network(), root = open(), options);
        session::error_code error;
        (void)serving->start({Ipv4Address{10, 0, 0, 2}, server_port}, error);
        EXPECT_FALSE(error);
        remote_options.nfs.commit_bytes = 64 << 10;
        const Url url{
            .scheme = "nfs", .host = "10.0.0.2", .port = server_port, .target = "/", .parameters = parameters};
        remote.emplace(client.network(), url, remote_options);
    }
    ~NfsSegment() {
        remote.reset();
        serving.reset();
        lab.run_for(1h);
    }
    [[nodiscard]] FileRoot open() const {
        return *FileRoot::open(folder.path() / "served", {.rights = FileRights::all});
    }
    [[nodiscard]] std::string some_bytes() {
        std::string bytes(static_cast<std::size_t>(entropy.below(200'000)), '\0');
        for (char& letter : bytes) letter = static_cast<char>(entropy.below(256));
        return bytes;
    }
    std::string failure_of(asio::awaitable<void> task) { return test::failure_of(lab, std::move(task), 20min); }
    void get(const std::string& bytes) {
        folder.write("served/there", bytes);
        OutputFile out(folder.path() / "here", {.force = true});
        ASSERT_EQ(failure_of(remote->read("/there", out, {})), "");
        out.commit();
        EXPECT_TRUE(folder.read("here") == bytes);
    }
    void put(const std::string& bytes, WriteOptions how) {
        folder.write("mine", bytes);
        InputFile in(folder.path() / "mine");
        ASSERT_EQ(failure_of(remote->write("/put", in, how, {})), "");
        EXPECT_TRUE(folder.read("served/put") == bytes);
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "served/put.part"));
    }
    // Each of these would fail if it were done a second time.
    void change_names() {
        bool made = false;
        ASSERT_EQ(failure_of(make("/made", made)), "");
        EXPECT_TRUE(made);
        ASSERT_EQ(failure_of(remote->rename("/put", "/made/put")), "");
        ASSERT_EQ(failure_of(remote->remove("/made/put")), "");
        ASSERT_EQ(failure_of(remote->remove("/made")), "");
        std::vector<RemoteEntry> entries;
        ASSERT_EQ(failure_of(list(entries)), "");
        ASSERT_EQ(entries.size(), 1u);
        EXPECT_EQ(entries[0].name, "there");
    }
    asio::awaitable<void> make(std::string target, bool& made) { made = co_await remote->make_folder(target); }
    asio::awaitable<void> list(std::vector<RemoteEntry>& into) { into = co_await remote->list("/"); }

    lab::VirtualLab lab;
    SeededEntropy entropy;
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path());
    RemoteOptions remote_options;
    std::unique_ptr<Server> serving;
    std::optional<NfsRemote> remote;
};

// How many calls came again, and were not done again.
std::uint64_t both_ways(std::uint64_t seed, bool lossy, const char* parameters) {
    SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed) + ", " + parameters);
    NfsSegment segment(seed, lossy, parameters);
    segment.get(segment.some_bytes());
    if (!testing::Test::HasFailure()) segment.put(segment.some_bytes(), {});
    if (!testing::Test::HasFailure()) segment.put(segment.some_bytes(), {.replace = true});
    if (!testing::Test::HasFailure()) segment.change_names();
    EXPECT_EQ(segment.failure_of(segment.remote->leave()), "");
    segment.remote.reset();
    segment.lab.run_for(10min);
    EXPECT_EQ(segment.serving->active(), 0u);
    EXPECT_EQ(segment.serving->mounts(), 0u);
    EXPECT_EQ(segment.serving->held().opens, 0u);
    return segment.serving->counters().rpcInRepeated;
}

void many_ways(bool lossy) {
    const std::uint64_t only = test::number_from("STRATA_SEED", 0);
    std::uint64_t repeated = 0;
    const std::uint64_t seeds = only != 0 ? 1 : test::seeds_of(20, 200);
    for (std::uint64_t i = 0; i < seeds; ++i) {
        for (const char* parameters : {"transport=tcp", "transport=udp", "version=4"}) {
            if (!testing::Test::HasFailure()) repeated += both_ways(only != 0 ? only : i + 1, lossy, parameters);
        }
    }
    EXPECT_TRUE(!lossy || only != 0 || repeated > 0);
}

TEST(NfsOverABadCable, FilesArriveIntactWhereFramesAreLost) { many_ways(true); }
TEST(NfsOverABadCable, FilesArriveIntactWhereFramesOvertake) { many_ways(false); }

}  // namespace
}  // namespace strata::application::nfs
