// A folder holds so many bytes, whatever is put, replaced, renamed and removed.
#include "strata/7_application/files/writing/quota.hpp"

#include <gtest/gtest.h>

#include "strata/7_application/files/writing/upload.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Quotas : testing::Test {
    Quotas() {
        folder.write("old", std::string(400, 'o'));
        folder.write("sub/.hidden", std::string(100, 'h'));
        open(1000);
    }
    void open(std::uint64_t quota) {
        FileRootOptions options{.rights = FileRights::all};
        options.quota = quota;
        root = *FileRoot::open(folder.path(), options);
    }
    std::error_code put(const std::string& name, std::size_t size, bool replace = true, bool said = false) {
        auto upload = begin(name, replace, said ? std::optional<std::uint64_t>(size) : std::nullopt);
        if (!upload) return upload.error();
        return finish(*upload, size);
    }
    std::expected<Upload, std::error_code> begin(const std::string& name, bool replace = true,
                                                 std::optional<std::uint64_t> size = {}) const {
        return Upload::begin(root, name, {.replace = replace, .size_expected = size, .sync = false});
    }
    static std::error_code finish(Upload& upload, std::size_t size) {
        const std::string text(size, 'x');
        if (const auto written = upload.write(bytes_of(text)); !written) return written.error();
        const auto done = upload.commit();
        return done ? std::error_code{} : done.error();
    }
    [[nodiscard]] std::uint64_t used() const { return root.quota()->used(); }

    strata::test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open("/");
};

constexpr auto full = std::errc::no_space_on_device;

TEST_F(Quotas, AFolderHoldsSoMuch) {
    EXPECT_EQ(put("a", 501), full) << "500 are there";
    EXPECT_FALSE(put("a", 500));
    EXPECT_EQ(used(), 1000u);
    EXPECT_EQ(put("b", 1), full);
    EXPECT_EQ(put("b", 1, true, true), full);
    EXPECT_EQ(used(), 1000u);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "b"));
}

TEST_F(Quotas, WhatIsReplacedMakesRoom) {
    EXPECT_EQ(put("old", 901), full);
    EXPECT_FALSE(put("old", 900)) << "400 go with the old one";
    EXPECT_EQ(used(), 1000u);
    EXPECT_FALSE(put("old", 10, true, true));
    EXPECT_EQ(used(), 110u);
}

TEST_F(Quotas, WhatIsRemovedMakesRoom) {
    root.count_quota();
    EXPECT_TRUE(root.remove("old"));
    EXPECT_EQ(used(), 100u);
    EXPECT_FALSE(put("a", 300));
    EXPECT_FALSE(put("b", 600));
    EXPECT_TRUE(root.rename("a", "b", true));
    EXPECT_EQ(used(), 400u);
    EXPECT_TRUE(root.rename("b", "c"));
    EXPECT_EQ(used(), 400u);
    std::filesystem::create_hard_link(folder.path() / "c", folder.path() / "d");
    EXPECT_TRUE(root.rename("c", "d", true));
    EXPECT_EQ(used(), 400u) << "both are still there";
}

TEST_F(Quotas, WhatArrivesIsTaken) {
    {
        auto first = begin("a", true, 400);
        ASSERT_TRUE(first);
        EXPECT_EQ(put("b", 101), full);
        EXPECT_FALSE(put("b", 100));
        EXPECT_EQ(put("c", 1), full);
    }
    EXPECT_EQ(used(), 600u) << "the first has broken off";
    auto shorter = begin("a", true, 400);
    ASSERT_TRUE(shorter);
    EXPECT_FALSE(finish(*shorter, 10));
    EXPECT_EQ(used(), 610u);
    EXPECT_FALSE(put("c", 390)) << "what it had not used is free";
}

// Room that a file would make is there once, and not before it is gone.
TEST_F(Quotas, TwoDoNotReplaceTheSame) {
    auto first = begin("old", true, 900);
    ASSERT_TRUE(first);
    EXPECT_FALSE(begin("old", true, 100));
    EXPECT_FALSE(begin("a", true, 1));
    EXPECT_TRUE(root.remove("old"));
    EXPECT_FALSE(begin("a", true, 1)) << "100 and 900 are taken";
    EXPECT_FALSE(finish(*first, 900));
    EXPECT_EQ(used(), 1000u);
}

TEST_F(Quotas, WhatOthersChangeIsSeenWhenItIsCounted) {
    EXPECT_FALSE(put("a", 400));
    folder.write("theirs", std::string(5000, 't'));
    EXPECT_FALSE(put("b", 100));
    root.count_quota();
    EXPECT_EQ(used(), 6000u);
    EXPECT_EQ(put("c", 1), full);
    EXPECT_EQ(put("theirs", 101), full) << "it makes room, not enough";
    std::filesystem::remove(folder.path() / "theirs");
    root.count_quota();
    EXPECT_EQ(used(), 1000u);
}

TEST_F(Quotas, LinksAndTemporariesCountNothing) {
    std::filesystem::create_symlink(folder.path() / "old", folder.path() / "link");
    std::filesystem::create_directory_symlink(folder.path(), folder.path() / "sub/loop");
    folder.write(std::string(FileRoot::temporary_prefix) + "1", std::string(300, 't'));
    root.count_quota();
    EXPECT_EQ(used(), 500u);
    std::string deep;
    for (int i = 0; i < 500; ++i) deep += "/d";
    std::filesystem::create_directories(folder.path().string() + deep);
    folder.write(deep.substr(1) + "/file", "12345");
    root.count_quota();
    EXPECT_EQ(used(), 505u);
}

}  // namespace
}  // namespace strata::application
