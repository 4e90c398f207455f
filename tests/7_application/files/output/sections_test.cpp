// A part that is filled at several places at once, and what is left of it when that breaks off.
#include "strata/7_application/files/output/sections.hpp"

#include "strata/7_application/files/output/output_file.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Split : testing::Test {
    static std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(const std::vector<Section>& sections) {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
        for (const Section& each : sections) pairs.emplace_back(each.place, each.end);
        return pairs;
    }
    using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

    test::TemporaryFolder folder;
    const std::string target = folder.path() / "file";
    const std::string records = target + ".part.sections";
    const FileVersion version{"\"v1\"", "", 20};
    const std::string text = "0123456789abcdefghij";
    Bytes bytes(std::size_t from, std::size_t count) const { return bytes_of(text).subspan(from, count); }
};

TEST_F(Split, TheLargestIsHalvedUntilThereAreEnough) {
    std::vector<Section> missing{{0, 100}, {200, 1000}};
    divide(missing, 4, 10);
    EXPECT_EQ(ranges(missing), (Ranges{{0, 100}, {200, 400}, {400, 600}, {600, 1000}}));
    divide(missing, 100, 100);
    EXPECT_EQ(missing.size(), 9u) << "none is smaller than 100 bytes";
    std::vector<Section> many{{0, 1 << 20}};
    divide(many, 1000, 1);
    EXPECT_EQ(many.size(), sections_max);
}

TEST_F(Split, RecordsAreReadAsTheyWereWritten) {
    EXPECT_FALSE(load_sections(records));
    std::vector<Section> many;
    for (std::uint64_t i = 0; i < sections_max; ++i) many.push_back({i * 10, i * 10 + 5});
    ASSERT_TRUE(save_sections(records, many));
    EXPECT_EQ(ranges(*load_sections(records)), ranges(many));
    ASSERT_TRUE(save_sections(records, {{5, 5}, {7, 9}}));
    EXPECT_EQ(ranges(*load_sections(records)), (Ranges{{7, 9}}));
    ASSERT_TRUE(save_sections(records, {{5, 5}}));
    EXPECT_FALSE(std::filesystem::exists(records));
}

// Whoever does not know what is missing misses everything.
TEST_F(Split, RecordsThatAreNoneOfOursMissEverything) {
    std::string too_many;
    for (std::uint64_t i = 0; i <= sections_max; ++i)
        too_many += std::to_string(i * 10) + " " + std::to_string(i * 10 + 5) + "\n";
    for (const std::string& wrong :
         {std::string(), std::string("x"), std::string("1 2"), std::string("2 1\n"), std::string("1 1\n"),
          std::string("1 5\n4 9\n"), std::string("1 -5\n"), std::string("1 99999999999999999999\n"), too_many}) {
        folder.write("file.part.sections", wrong);
        const auto missing = load_sections(records);
        ASSERT_TRUE(missing) << wrong;
        EXPECT_EQ(ranges(*missing), (Ranges{{0, ~std::uint64_t{0}}})) << wrong;
    }
}

TEST_F(Split, IsFilledInAnyOrderAndHasItsDigest) {
    OutputFile out(target, {});
    ASSERT_EQ(ranges(out.split(version, 2, 1)), (Ranges{{0, 10}, {10, 20}}));
    out.write_at(1, bytes(10, 10));
    out.write_at(0, bytes(0, 4));
    EXPECT_TRUE(std::filesystem::exists(records));
    EXPECT_EQ(out.size(), 0u) << "of what is there from the first byte on nothing is told before the end";
    out.write_at(0, bytes(4, 6));
    out.join();
    EXPECT_EQ(out.size(), 20u);
    presentation::Sha256 sha256;
    sha256.add(bytes(0, 20));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), text);
    EXPECT_FALSE(std::filesystem::exists(records));
}

TEST_F(Split, WhatBrokeOffIsGoneOnWith) {
    {
        OutputFile out(target, {});
        out.split(version, 2, 1);
        out.write_at(0, bytes(0, 3));
        out.write_at(1, bytes(10, 7));
        EXPECT_NE(out.advice().find("--resume"), std::string::npos);
    }
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.size(), 3u);
    ASSERT_EQ(ranges(out.split(version, 2, 1)), (Ranges{{3, 10}, {17, 20}}));
    out.write_at(0, bytes(3, 7));
    out.write_at(1, bytes(17, 3));
    out.join();
    out.commit();
    EXPECT_EQ(folder.read("file"), text);
}

TEST_F(Split, WithoutADigestToo) {
    {
        OutputFile out(target, {.digested = false});
        out.split(version, 2, 1);
        out.write_at(0, bytes(0, 3));
        out.write_at(1, bytes(10, 7));
    }
    OutputFile out(target, {.resume = true, .digested = false});
    EXPECT_EQ(out.size(), 3u);
    ASSERT_EQ(ranges(out.split(version, 2, 1)), (Ranges{{3, 10}, {17, 20}}));
    out.write_at(0, bytes(3, 7));
    out.write_at(1, bytes(17, 3));
    out.join();
    EXPECT_EQ(out.size(), 20u);
    EXPECT_EQ(out.digest(), "");
    out.commit();
    EXPECT_EQ(folder.read("file"), text);
}

// The length of the file says nothing of how much is there.
TEST_F(Split, WhoeverGoesOnFromTheFrontGivesUpWhatIsBehindTheGap) {
    {
        OutputFile out(target, {});
        out.split(version, 2, 1);
        out.write_at(0, bytes(0, 3));
        out.write_at(1, bytes(10, 10));
    }
    ASSERT_EQ(folder.read("file.part").size(), 20u);
    {
        OutputFile out(target, {.resume = true});
        EXPECT_EQ(out.size(), 3u);
        EXPECT_EQ(out.version().etag, version.etag);
        out.write(bytes(3, 2));
    }
    EXPECT_EQ(folder.read("file.part"), "01234");
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.size(), 5u);
}

TEST_F(Split, APartOfAnotherVersionIsBegunAnew) {
    {
        OutputFile out(target, {});
        out.split(version, 2, 1);
        out.write_at(1, bytes(10, 10));
    }
    OutputFile out(target, {.resume = true});
    FileVersion later = version;
    later.etag = "\"v2\"";
    EXPECT_EQ(ranges(out.split(later, 2, 1)), (Ranges{{0, 10}, {10, 20}}));
    EXPECT_EQ(folder.read("file.part"), "");
}

// Nobody wrote anything: a file of the server's that is empty by now, say.
TEST_F(Split, WhatIsBehindAGapIsNeverCommitted) {
    {
        OutputFile out(target, {});
        out.split(version, 2, 1);
        out.write_at(0, bytes(0, 3));
        out.write_at(1, bytes(10, 10));
    }
    OutputFile out(target, {.resume = true});
    out.commit();
    EXPECT_EQ(folder.read("file"), "012");
    EXPECT_FALSE(std::filesystem::exists(records));
}

TEST_F(Split, APartThatIsShorterThanItsRecordsIsBelievedByItsLength) {
    {
        OutputFile out(target, {});
        out.split(version, 2, 1);
        out.write_at(0, bytes(0, 8));
        out.write_at(1, bytes(10, 10));
    }
    std::filesystem::resize_file(target + ".part", 4);
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.size(), 4u);
    EXPECT_TRUE(out.missing().empty());
}

TEST_F(Split, WhatIsThereAsAWholeIsNotSplit) {
    folder.write("file.part", text);
    ASSERT_TRUE(save_version(target + ".part.version", version));
    OutputFile out(target, {.resume = true});
    EXPECT_TRUE(out.split(version, 4, 1).empty());
    out.join();
    out.commit();
    EXPECT_EQ(folder.read("file"), text);
}

}  // namespace
}  // namespace strata::application
