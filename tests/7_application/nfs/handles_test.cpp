// NFS version 3: handles, and where their files are found.
#include <sys/resource.h>

#include "strata/7_application/nfs/handles/handle.hpp"

#include "strata/7_application/nfs/handles/tree.hpp"
#include "strata/7_application/nfs/shared/recent_files.hpp"
#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {
namespace {

using NfsHandles = NfsServed;

const HandleKey some_key(HandleKey::Secret{std::byte{1}});
const FileId some_file{1, 2, 3};

TEST(NfsHandle, IsGoodWithItsKeyAlone) {
    const Handle handle = some_key.seal(some_file);
    EXPECT_LE(handle.bytes().size(), Handle::size_max);
    EXPECT_EQ(some_key.open(handle), some_file);
    HandleKey::Secret other{std::byte{1}};
    other.back() = std::byte{1};
    EXPECT_EQ(HandleKey(other).open(handle), std::nullopt) << "each half of the key counts";
    EXPECT_EQ(HandleKey(HandleKey::Secret{std::byte{2}}).open(handle), std::nullopt);
}

TEST(NfsHandle, NoBitOfItCanBeChanged) {
    const Handle handle = some_key.seal(some_file);
    std::vector<std::byte> bytes(handle.bytes().begin(), handle.bytes().end());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        const auto mask = static_cast<std::byte>(1u << bit % 8);
        bytes[bit / 8] ^= mask;
        EXPECT_EQ(some_key.open(Handle(bytes)), std::nullopt) << bit;
        bytes[bit / 8] ^= mask;
    }
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(some_key.open(Handle(Bytes(bytes).first(size))), std::nullopt) << size;
    bytes.push_back({});
    EXPECT_EQ(some_key.open(Handle(bytes)), std::nullopt);
}

TEST(NfsHandleKey, IsKeptInAFileForItsOwnerAlone) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() / "key";
    const Handle handle = HandleKey::kept_in(path)->seal(some_file);
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777u, 0600u);
    EXPECT_EQ(HandleKey::kept_in(path)->open(handle), some_file);
    ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
    EXPECT_EQ(HandleKey::kept_in(path).error(), std::errc::permission_denied);
    folder.write("short", "not 32 bytes");
    ASSERT_EQ(::chmod((folder.path() / "short").c_str(), 0600), 0);
    EXPECT_EQ(HandleKey::kept_in(folder.path() / "short").error(), std::errc::invalid_argument);
    std::filesystem::create_symlink(path, folder.path() / "link");
    EXPECT_FALSE(HandleKey::kept_in(folder.path() / "link").has_value());
    EXPECT_EQ(HandleKey::kept_in(folder.path() / "no/key").error(), std::errc::no_such_file_or_directory);
}

TEST_F(NfsHandles, AreGoodAfterARestart) {
    const Handle file = handle_of("sub/deep/file"), top_before = top();
    serve(FileRights::all);
    EXPECT_EQ(text_at(file), "deep") << "looked for in the whole folder";
    EXPECT_EQ(top(), top_before);
    options.key.reset();
    serve(FileRights::all);
    EXPECT_EQ(getattr(file).status, Status::badhandle) << "with another key they are not";
}

TEST_F(NfsHandles, ForgedOnesAreNone) {
    const Handle file = handle_of("hello");
    std::vector<std::byte> bytes(file.bytes().begin(), file.bytes().end());
    bytes[15] ^= std::byte{1};  // another inode
    EXPECT_EQ(getattr(Handle(bytes)).status, Status::badhandle);
    bytes[15] ^= std::byte{1};
    EXPECT_EQ(getattr(Handle(Bytes(bytes).first(39))).status, Status::badhandle);
    EXPECT_EQ(getattr(Handle{}).status, Status::badhandle);
    EXPECT_EQ(getattr(Handle(std::vector<std::byte>(64))).status, Status::badhandle);
    EXPECT_EQ(rename(top(), "hello", Handle{}, "x").status, Status::badhandle) << "the second one too";
    EXPECT_EQ(getattr(Handle(bytes)).status, Status::ok);
    (void)nfs<v3::GetattrResults>(Procedure::getattr, xdr::Opaque<>(std::vector<std::byte>(65)));
    EXPECT_NE(refusal, "") << "longer than any may be";
}

TEST_F(NfsHandles, OfFilesThatAreGoneAreStale) {
    const Handle file = handle_of("hello");
    std::filesystem::remove(folder.path() / "hello");
    EXPECT_EQ(getattr(file).status, Status::stale);
    folder.write("hello", "another one");
    EXPECT_EQ(getattr(file).status, Status::stale) << "perhaps with its inode";
    EXPECT_EQ(text_at(handle_of("hello")), "another one");
}

// A client throws away all that it knows of a file that is told to be stale.
TEST_F(NfsHandles, AreNotStaleWhereDescriptorsAreShort) {
    const Handle file = handle_of("sub/deep/file");
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const Status known = getattr(file).status;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(known, Status::jukebox);
    EXPECT_EQ(text_at(file), "deep") << "at once";
    serve(FileRights::all);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const Status looked_for = getattr(file).status;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(looked_for, Status::jukebox) << "it was looked for, and could not be";
    EXPECT_EQ(text_at(file), "deep");
}

TEST_F(NfsHandles, FollowFilesThatOthersRename) {
    const Handle file = handle_of("hello"), folder_handle = handle_of("sub");
    std::filesystem::rename(folder.path() / "hello", folder.path() / "sub/deep/other");
    EXPECT_EQ(text_at(file), "hello, world");
    std::filesystem::rename(folder.path() / "sub", folder.path() / "renamed");
    EXPECT_EQ(text_at(file), "hello, world");
    EXPECT_EQ(getattr(folder_handle).status, Status::ok);
    std::filesystem::rename(folder.path() / "renamed/deep/other", folder.path() / ".hidden");
    EXPECT_EQ(getattr(file).status, Status::stale) << "hidden by now";
}

TEST_F(NfsHandles, LeadNowhereElse) {
    const test::TemporaryFolder outside;
    outside.write("deep/file", "secret");
    const Handle file = handle_of("sub/deep/file");
    std::filesystem::rename(folder.path() / "sub", outside.path() / "sub");
    EXPECT_EQ(getattr(file).status, Status::stale) << "it left the folder";
    std::filesystem::create_directory_symlink(outside.path(), folder.path() / "sub");
    EXPECT_EQ(lookup(handle_of("sub"), "deep").status, Status::notdir) << "a link is not gone through";
    std::filesystem::create_directory_symlink(outside.path() / "sub", folder.path() / "there");
    EXPECT_EQ(getattr(file).status, Status::stale);
}

struct NfsTree : testing::Test {
    NfsTree() {
        for (int i = 0; i < 4; ++i) folder.write("a/b/" + std::to_string(i), "x");
    }
    test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path());
};

TEST_F(NfsTree, PlacesMax) {
    Tree tree(root, {.places_max = 2});
    const Node a = *tree.open(*tree.open_root(), "a");
    const Node b = *tree.open(a, "b");
    EXPECT_EQ(tree.size(), 2u);
    EXPECT_TRUE(tree.open(b.seen.id).has_value());
    const Node file = *tree.open(b, "0");
    EXPECT_EQ(tree.size(), 2u);
    EXPECT_FALSE(tree.open(file.seen.id).has_value()) << "the folder above is not known any more";
    Tree none(root, {.places_max = 0});
    EXPECT_TRUE(none.open(*none.open_root(), "a").has_value());
    EXPECT_EQ(none.size(), 0u);
}

TEST_F(NfsTree, SearchedMax) {
    Tree tree(root);
    const FileId b = tree.open(*tree.open(*tree.open_root(), "a"), "b")->seen.id;
    EXPECT_TRUE(search(root, b, 1).places.empty()) << "the second entry";
    const FoundPlaces found = search(root, b, 2);
    ASSERT_EQ(found.places.size(), 2u);
    EXPECT_EQ(found.places[0].second.name, "b");
    EXPECT_EQ(found.places[1].second.name, "a");
    EXPECT_EQ(found.places[1].second.parent, tree.open_root()->seen.id);
    EXPECT_TRUE(search(root, some_file, 1000).places.empty());
}

TEST_F(NfsTree, StraysMax) {
    Tree tree(root, {.strays_max = 2});
    const Instant now{1s};
    for (std::uint64_t inode = 1; inode <= 3; ++inode) tree.was_not_found({1, inode, 1}, now);
    EXPECT_EQ(tree.strays(), 2u);
    EXPECT_FALSE(tree.is_stray({1, 1, 1}, now)) << "the oldest is forgotten";
    EXPECT_TRUE(tree.is_stray({1, 3, 1}, now));
    EXPECT_TRUE(tree.is_stray({1, 3, 1}, now + 10s - 1ns));
    EXPECT_FALSE(tree.is_stray({1, 3, 1}, now + 10s));
    EXPECT_EQ(tree.strays(), 0u);
}

TEST_F(NfsTree, DepthMax) {
    Tree tree(root, {.depth_max = 2});
    const Node b = *tree.open(*tree.open(*tree.open_root(), "a"), "b");
    EXPECT_TRUE(tree.open(b.seen.id).has_value());
    const Node file = *tree.open(b, "0");
    EXPECT_FALSE(tree.open(file.seen.id).has_value());
    // Two folders that were renamed into each other, one after the other.
    tree.is_at({1, 1, 1}, {{1, 2, 1}, "x"});
    tree.is_at({1, 2, 1}, {{1, 1, 1}, "y"});
    EXPECT_FALSE(tree.open({1, 1, 1}).has_value());
}

TEST_F(NfsTree, WorksWhereThereIsNoOpenat2) {
    const FileRoot by_steps = *FileRoot::open(folder.path(), {.by_steps = true});
    Tree tree(by_steps);
    std::filesystem::create_directory_symlink("a", folder.path() / "link");
    const Node b = *tree.open(*tree.open(*tree.open_root(), "a"), "b");
    EXPECT_TRUE(tree.open(b.seen.id).has_value());
    EXPECT_EQ(search(by_steps, b.seen.id, 100).places.size(), 2u);
    EXPECT_FALSE(by_steps.open_itself("link/b").has_value());
    EXPECT_FALSE(root.open_itself("link/b").has_value());
    EXPECT_TRUE(root.open_itself("link").has_value()) << "the link itself";
}

TEST(NfsRecentFiles, CreatedMax) {
    RecentFiles files(2);
    for (std::uint64_t inode = 1; inode <= 3; ++inode) files.add({1, inode, 1});
    EXPECT_FALSE(files.contains({1, 1, 1}));
    EXPECT_TRUE(files.contains({1, 2, 1}) && files.contains({1, 3, 1}));
    RecentFiles none(0);
    none.add(some_file);
    EXPECT_FALSE(none.contains(some_file));
}

TEST_F(NfsHandles, CreatedMaxOfAServer) {
    options.created_max = 1;
    serve(FileRights::add);
    const Handle first = *create(top(), "first").object;
    EXPECT_EQ(write(first, 0, "x").status, Status::ok);
    const Handle second = *create(top(), "second").object;
    EXPECT_EQ(write(first, 0, "x").status, Status::acces);
    EXPECT_EQ(write(second, 0, "x").status, Status::ok);
}

}  // namespace
}  // namespace strata::application::nfs
