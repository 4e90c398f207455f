// A file that comes into being whole or not at all.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "strata/7_application/files/output/output_file.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Output : testing::Test {
    test::TemporaryFolder folder;
    std::string target = folder.path() / "file";
};

TEST_F(Output, AppearsOnlyWhenItIsWhole) {
    OutputFile out(target, {});
    out.write(bytes_of("half"));
    EXPECT_FALSE(std::filesystem::exists(target));
    EXPECT_TRUE(std::filesystem::exists(target + ".part"));
    out.write(bytes_of(" and half"));
    EXPECT_EQ(out.size(), 13u);
    presentation::Sha256 sha256;
    sha256.add(bytes_of("half and half"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "half and half");
    EXPECT_FALSE(std::filesystem::exists(target + ".part"));
}

TEST_F(Output, DoesNotOverwriteUnlessForced) {
    folder.write("file", "old");
    EXPECT_THROW(OutputFile(target, {}), OutputError);
    {
        OutputFile out(target, {.force = true});
        out.write(bytes_of("new"));
        EXPECT_EQ(folder.read("file"), "old");
        out.commit();
    }
    EXPECT_EQ(folder.read("file"), "new");
}

TEST_F(Output, AFileThatAppearsMeanwhileIsNotOverwritten) {
    OutputFile out(target, {});
    out.write(bytes_of("ours"));
    folder.write("file", "theirs");
    EXPECT_THROW(out.commit(), OutputError);
    EXPECT_EQ(folder.read("file"), "theirs");
}

TEST_F(Output, ResumesBehindWhatIsThere) {
    {
        OutputFile out(target, {});
        out.note_version({"\"tag\"", "Mon, 02 Feb 2026 00:00:00 GMT", 12});
        out.write(bytes_of("first "));
    }
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.size(), 6u);
    EXPECT_EQ(out.version().etag, "\"tag\"");
    EXPECT_EQ(out.version().last_modified, "Mon, 02 Feb 2026 00:00:00 GMT");
    EXPECT_EQ(out.version().total, 12u);
    out.write(bytes_of("second"));
    presentation::Sha256 sha256;
    sha256.add(bytes_of("first second"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "first second");
}

TEST_F(Output, WithoutADigestItIsTheSameFile) {
    {
        OutputFile out(target, {.digested = false});
        out.write(bytes_of("first "));
    }
    OutputFile out(target, {.resume = true, .digested = false});
    EXPECT_EQ(out.size(), 6u);
    const MutableBytes lent = out.lend();
    std::ranges::copy(bytes_of("second"), lent.begin());
    out.write(Bytes(lent).first(6));
    EXPECT_EQ(out.digest(), "");
    out.commit();
    EXPECT_EQ(folder.read("file"), "first second");
    OutputFile again(target, {.resume = true, .digested = false});
    EXPECT_TRUE(again.is_finished());
    again.write(bytes_of("first second"));
    again.commit();
}

// It may be of yesterday's fetch, or the user's own.
TEST_F(Output, AnEarlierPartIsLeftAloneUntilBytesArrive) {
    folder.write("file.part", "of yesterday");
    folder.write("file.part.version", "\"tag\"\n\n12\n");
    {
        const OutputFile out(target, {});
    }
    EXPECT_EQ(folder.read("file.part"), "of yesterday");
    EXPECT_EQ(folder.read("file.part.version"), "\"tag\"\n\n12\n");
    OutputFile out(target, {});
    EXPECT_EQ(out.size(), 0u);
    out.write(bytes_of("new"));
    EXPECT_EQ(folder.read("file.part"), "new");
    EXPECT_FALSE(std::filesystem::exists(target + ".part.version"));
}

TEST_F(Output, AnEmptyFileReplacesAnEarlierPart) {
    folder.write("file.part", "of yesterday");
    OutputFile out(target, {});
    out.commit();
    EXPECT_EQ(folder.read("file"), "");
}

TEST_F(Output, WhatIsOfAnotherVersionIsCutOff) {
    folder.write("file.part", "first and second");
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.same_there(0, bytes_of("first, then")), 5u);
    EXPECT_EQ(out.same_there(6, bytes_of("and second, and third")), 10u);
    EXPECT_EQ(out.same_there(16, bytes_of("behind it")), 0u);
    out.cut_to(5);
    out.write(bytes_of(" only"));
    presentation::Sha256 sha256;
    sha256.add(bytes_of("first only"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "first only");
}

// Of 255 bytes, which a file system allows: the part and what is
// known of its version have names as well.
TEST_F(Output, TheLongestNameIsSavedAndResumed) {
    std::string chinese = "x";
    for (int i = 0; i < 84; ++i) chinese += "说";
    for (const std::string& name : {std::string(241, 'n'), std::string(242, 'n'), std::string(255, 'n'), chinese}) {
        {
            OutputFile out(folder.path() / name, {});
            out.note_version({"\"tag\"", "", {}});
            out.write(bytes_of("half"));
        }
        OutputFile out(folder.path() / name, {.resume = true});
        EXPECT_EQ(out.size(), 4u);
        EXPECT_EQ(out.version().etag, "\"tag\"");
        out.commit();
        EXPECT_EQ(folder.read(name), "half");
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 4) << "and nothing is left beside";
}

TEST_F(Output, TwoFetchesDoNotShareAPart) {
    OutputFile out(target, {});
    EXPECT_THROW(OutputFile(target, {}), OutputError);
}

TEST_F(Output, NothingWrittenLeavesNothing) {
    {
        OutputFile out(target, {});
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_THROW(OutputFile(folder.path() / "no" / "such" / "folder", {}), OutputError);
}

// ---- what is there already ------------------------------------------------------------------

std::string digest_of(std::string_view text) {
    presentation::Sha256 sha256;
    sha256.add(bytes_of(text));
    return sha256.finish();
}

mode_t mode_of(const std::string& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    return found.st_mode & 07777;
}

void fetch(const std::string& path, const OutputOptions& options, std::string_view text) {
    OutputFile out(path, options);
    out.write(bytes_of(text));
    EXPECT_EQ(out.digest(), digest_of(text));
    out.commit();
}

TEST_F(Output, WhatReplacesAFileHasItsModeFromTheFirstByteOn) {
    for (const mode_t mode : {0600u, 0640u, 0755u, 0444u}) {
        folder.write("file", "old");
        ASSERT_EQ(::chmod(target.c_str(), mode), 0);
        {
            OutputFile out(target, {.force = true});
            EXPECT_EQ(mode_of(target + ".part"), mode);
            out.write(bytes_of("new"));
            out.commit();
        }
        EXPECT_EQ(mode_of(target), mode);
        EXPECT_EQ(folder.read("file"), "new");
        std::filesystem::remove(target);
    }
}

// A stranger's bytes do not run with the rights of who owned the old file.
TEST_F(Output, SetUserIdIsNotKept) {
    folder.write("file", "old");
    ASSERT_EQ(::chmod(target.c_str(), 06755), 0);
    fetch(target, {.force = true}, "new");
    EXPECT_EQ(mode_of(target), 0755u);
}

TEST_F(Output, APartThatGoesOnHasTheModeOfWhatItReplaces) {
    folder.write("file", "old");
    folder.write("file.part", "ne");
    ASSERT_EQ(::chmod(target.c_str(), 0600), 0);
    OutputFile out(target, {.resume = true, .force = true});
    EXPECT_EQ(out.size(), 2u);
    EXPECT_EQ(mode_of(target + ".part"), 0600u);
    out.write(bytes_of("w"));
    out.commit();
    EXPECT_EQ(folder.read("file"), "new");
}

TEST_F(Output, ALinkIsFollowedAndStays) {
    std::filesystem::create_directory(folder.path() / "elsewhere");
    folder.write("elsewhere/real", "old");
    std::filesystem::create_symlink("elsewhere/hop", target);
    std::filesystem::create_symlink(folder.path() / "elsewhere/real", folder.path() / "elsewhere/hop");
    EXPECT_THROW(OutputFile(target, {}), OutputError);
    fetch(target, {.force = true}, "new");
    EXPECT_EQ(folder.read("elsewhere/real"), "new");
    EXPECT_TRUE(std::filesystem::is_symlink(target));
    EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "elsewhere/hop"));
}

TEST_F(Output, ALinkToNothingNamesTheFileThatComesIntoBeing) {
    std::filesystem::create_symlink("real", target);
    fetch(target, {}, "new");
    EXPECT_EQ(folder.read("real"), "new");
    EXPECT_TRUE(std::filesystem::is_symlink(target));
}

TEST_F(Output, LinksThatLeadNowhereAreRefusedAtOnce) {
    std::filesystem::create_symlink("no/such/folder", target);
    EXPECT_THROW(OutputFile(target, {}), OutputError);
    EXPECT_THROW(OutputFile(target, {.force = true}), OutputError);
    std::filesystem::create_symlink("round", folder.path() / "about");
    std::filesystem::create_symlink("about", folder.path() / "round");
    EXPECT_THROW(OutputFile(folder.path() / "about", {.force = true}), OutputError);
}

// The kernel's own bound: forty.
TEST_F(Output, FortyLinksAreFollowedAndNoMore) {
    folder.write("0", "old");
    for (int i = 1; i <= 41; ++i)
        std::filesystem::create_symlink(std::to_string(i - 1), folder.path() / std::to_string(i));
    fetch(folder.path() / "40", {.force = true}, "new");
    EXPECT_EQ(folder.read("0"), "new");
    EXPECT_THROW(OutputFile(folder.path() / "41", {.force = true}), OutputError);
}

TEST_F(Output, APipeIsWrittenIntoAndStays) {
    ASSERT_EQ(::mkfifo(target.c_str(), 0600), 0);
    const Descriptor reader{::open(target.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    for (const bool force : {false, true}) {
        OutputFile out(target, {.force = force});
        out.write(bytes_of("bytes"));
        EXPECT_THROW(out.restart(), OutputError) << "what a reader has cannot be taken back";
        EXPECT_EQ(out.advice(), "nothing is kept; try again");
        out.commit();
        char read[16]{};
        EXPECT_EQ(::read(reader.get(), read, sizeof read), 5);
    }
    EXPECT_TRUE(std::filesystem::is_fifo(target));
    EXPECT_THROW(OutputFile(target, {.resume = true}), OutputError);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "no part beside it";
}

TEST_F(Output, APipeWhoseReaderHasGoneIsAnError) {
    ASSERT_EQ(::mkfifo(target.c_str(), 0600), 0);
    auto reader = std::make_unique<Descriptor>(::open(target.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    OutputFile out(target, {});
    reader.reset();
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_THROW(out.write(bytes_of("bytes")), OutputError);
}

// Standard output may be somebody else's pipe, who made it so.
TEST_F(Output, AFullPipeThatDoesNotBlockIsWaitedFor) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    const Descriptor reader{ends[0]};
    const Descriptor writer{ends[1]};
    ASSERT_EQ(::fcntl(writer.get(), F_SETPIPE_SZ, 4096), 4096);
    const Descriptor standard_output{::dup(STDOUT_FILENO)};
    ::dup2(writer.get(), STDOUT_FILENO);
    OutputFile out("-", {});
    ::dup2(standard_output.get(), STDOUT_FILENO);
    const std::string text(100'000, 'x');
    std::size_t read = 0;
    {
        const std::jthread other([&] {
            std::vector<char> buffer(text.size());
            while (read < text.size()) {
                pollfd more{reader.get(), POLLIN, 0};
                (void)::poll(&more, 1, -1);
                read +=
                    static_cast<std::size_t>(std::max<ssize_t>(0, ::read(reader.get(), buffer.data(), buffer.size())));
            }
        });
        out.write(bytes_of(text));
    }
    EXPECT_EQ(read, text.size());
}

TEST_F(Output, DevicesAndDescriptorsStayWhatTheyAre) {
    fetch("/dev/null", {}, "into nothing");
    fetch("/dev/null", {.force = true}, "into nothing");
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
    OutputFile full("/dev/full", {.force = true});
    EXPECT_THROW(full.write(bytes_of("bytes")), OutputError);
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
    // A regular file, by a descriptor that somebody opened: written
    // into, not replaced behind his back.
    folder.write("file", "");
    const Descriptor opened{::open(target.c_str(), O_RDONLY | O_CLOEXEC)};
    fetch("/proc/self/fd/" + std::to_string(opened.get()), {}, "words");
    char read[8]{};
    EXPECT_EQ(::pread(opened.get(), read, sizeof read, 0), 5);
}

TEST_F(Output, ASocketIsRefused) {
    const Descriptor socket{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    ASSERT_LT(target.size(), sizeof address.sun_path);
    target.copy(address.sun_path, target.size());
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_THROW(OutputFile(target, {.force = true}), OutputError);
    EXPECT_TRUE(std::filesystem::is_socket(target));
}

// ---- a file that is whole already ---------------------------------------------------------------

TEST_F(Output, ToResumeAFinishedFileIsToCompareIt) {
    folder.write("file", "whole");
    OutputFile out(target, {.resume = true});
    EXPECT_TRUE(out.is_finished());
    EXPECT_EQ(out.size(), 0u) << "nothing to go on from";
    EXPECT_EQ(out.finished_digest(), digest_of("whole"));
    out.note_version({"", "", 5});
    out.write(bytes_of("who"));
    out.write(bytes_of("le"));
    EXPECT_EQ(out.digest(), digest_of("whole"));
    out.commit();
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST_F(Output, AFinishedFileThatIsAnotherStaysAsItIs) {
    folder.write("file", "whole");
    const auto refused = [&](std::string_view arrives, std::optional<std::uint64_t> total) {
        OutputFile out(target, {.resume = true});
        out.note_version({"", "", total});
        out.write(bytes_of(arrives));
        out.commit();
    };
    EXPECT_NO_THROW(refused("whole", {}));
    EXPECT_THROW(refused("wholE", {}), OutputError);
    EXPECT_THROW(refused("whol", {}), OutputError);
    EXPECT_THROW(refused("whole of it", {}), OutputError);
    EXPECT_THROW(refused("", 6), OutputError);
    EXPECT_EQ(folder.read("file"), "whole");
    OutputFile out(target, {.resume = true});
    EXPECT_TRUE(out.discard().contains("left as it is"));
    EXPECT_EQ(folder.read("file"), "whole");
}

TEST_F(Output, APartBesideAFinishedFileNeedsTheUsersWord) {
    folder.write("file", "whole");
    folder.write("file.part", "newer");
    EXPECT_THROW(OutputFile(target, {.resume = true}), OutputError);
    OutputFile out(target, {.resume = true, .force = true});
    EXPECT_EQ(out.size(), 5u);
}

}  // namespace
}  // namespace strata::application
