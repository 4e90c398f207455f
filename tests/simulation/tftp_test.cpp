// TFTP over bad cables, many seeds: files go both ways, with every combination of options, and
// arrive intact, or not at all.
//
//     client 10.0.0.1 ══ 3 % loss, or 20 % reordering; 2 % duplication; 2 ms ══ server 10.0.0.2
//
// STRATA_SEEDS (default 10, with FULL=1 200) says how many seeds; STRATA_SEED runs one alone.
#include <gtest/gtest.h>

#include "strata/7_application/tftp/client/client.hpp"
#include "strata/7_application/tftp/content/folder_files.hpp"
#include "strata/7_application/tftp/server/server.hpp"
#include "tests/support/bad_cable.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::tftp {
namespace {

namespace asio = session::asio;

// One of all combinations: eight of blksize and windowsize, and both of everything else.
struct Combination {
    explicit Combination(std::uint64_t number) {
        constexpr std::array<std::uint32_t, 4> sizes{8, 512, 1428, 65464};
        constexpr std::array<std::uint32_t, 4> windows{1, 2, 16, 64};
        request.blksize = sizes.at(number % 4);
        request.windowsize = windows.at(number / 4 % 4);
        request.sliding = number / 1024 % 2 == 0;
        request.mode = number / 16 % 2 == 0 ? Mode::octet : Mode::netascii;
        if (number / 32 % 2 == 1) request.timeout = 1;
        request.ask_options = number / 64 % 4 != 3;
        server.single_port = number / 256 % 2 == 1;
        if (number / 512 % 2 == 1) rollover = Rollover::to_one;
    }
    static constexpr std::uint64_t count = 2048;
    RequestOptions request;
    ServerOptions server;
    std::optional<Rollover> rollover;
};

class MemoryFile final : public Reading {
public:
    explicit MemoryFile(std::string text) : text_(std::move(text)) {}
    std::uint64_t size() const noexcept override { return text_.size(); }
    std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const override {
        const Bytes rest = bytes_of(text_).subspan(std::min<std::size_t>(offset, text_.size()));
        const std::size_t count = std::min(rest.size(), buffer.size());
        std::ranges::copy(rest.first(count), buffer.begin());
        return count;
    }

private:
    std::string text_;
};

struct Segment {
    Segment(std::uint64_t seed, bool lossy, const Combination& with) : lab(seed), entropy(seed) {
        lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24", test::bad_cable(lossy));
        ServerOptions options = with.server;
        options.transfer.rollover = with.rollover;
        request = with.request;
        serving = std::make_unique<Server>(
            server.network(), std::make_shared<FolderFiles>(root),
            [this](const TransferReport& report) { reports.push_back(report); }, options);
        serving->start(server.network().open_datagram({Ipv4Address{}, server_port}));
    }
    ~Segment() {
        serving.reset();
        lab.run_for(1s);
    }
    // As long as so many blocks, and some bytes more; with many ends of lines.
    std::string some_text(std::uint64_t blocks) {
        const std::uint64_t blksize = request.ask_options ? request.blksize : blksize_default;
        std::string text(static_cast<std::size_t>(blocks * blksize + entropy.below(2 * blksize)), '\0');
        constexpr std::string_view letters = "\r\n\0abc\xff\n";
        for (char& letter : text) letter = letters.at(static_cast<std::size_t>(entropy.below(letters.size())));
        return text;
    }
    std::string failure_of(asio::awaitable<void> task) { return test::failure_of(lab, std::move(task), 1h); }
    void get(const std::string& text) {
        folder.write("there", text);
        OutputFile out(folder.path() / "here", {.force = true});
        EXPECT_EQ(failure_of(tftp::get(client.network(), {"10.0.0.2", server_port, "there"}, out, {}, request)), "");
        out.commit();
        EXPECT_TRUE(folder.read("here") == text);
    }
    void put(const std::string& text) {
        const auto from = std::make_shared<const MemoryFile>(text);
        EXPECT_EQ(failure_of(tftp::put(client.network(), {"10.0.0.2", server_port, "put"}, from, {}, request)), "");
        EXPECT_TRUE(folder.read("put") == text);
    }

    lab::VirtualLab lab;
    SeededEntropy entropy;
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path(), {.rights = FileRights::all});
    RequestOptions request;
    std::unique_ptr<Server> serving;
    std::vector<TransferReport> reports;
};

void transfer(std::uint64_t seed, bool lossy, std::uint64_t number) {
    SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed) + ", combination " + std::to_string(number));
    const Combination with(number);
    Segment segment(seed, lossy, with);
    const std::string text = segment.some_text(with.request.blksize > 10000 ? 4 : 40);
    segment.get(text);
    segment.put(text);
    segment.lab.run_for(1min);
    EXPECT_EQ(segment.serving->active(), 0u);
    std::size_t whole = 0;
    for (const TransferReport& report : segment.reports) whole += report.ending == Ending::whole ? 1 : 0;
    // A client whose last acknowledgment was lost is gone when it
    // dallied enough: the server cannot know.
    EXPECT_GE(whole, 1u);
}

void many(bool lossy) {
    const std::uint64_t only = test::number_from("STRATA_SEED", 0);
    const std::uint64_t seeds = only != 0 ? 1 : test::seeds_of(10, 200);
    // Each seed has its share of the combinations, so that all of them are had by few seeds.
    const std::uint64_t share = test::number_from("STRATA_SEEDS", 0) == 0 && seeds < 100 ? 13 : 41;
    for (std::uint64_t i = 0; i < seeds; ++i) {
        const std::uint64_t seed = only != 0 ? only : i + 1;
        for (std::uint64_t j = 0; j < share && !testing::Test::HasFailure(); ++j) {
            transfer(seed, lossy, (seed * share + j) * 79 % Combination::count);
        }
    }
}

TEST(TftpOverABadCable, FilesArriveIntactWhereFramesAreLost) { many(true); }
TEST(TftpOverABadCable, FilesArriveIntactWhereFramesOvertake) { many(false); }

}  // namespace
}  // namespace strata::application::tftp
