// NFS version 3: folders' lists (RFC 1813 3.3.16, 3.3.17).
#include "strata/7_application/nfs/listing/listing.hpp"

#include <set>

#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {
namespace {

struct NfsListing : NfsServed {
    v3::ReaddirResults readdir(const Handle& in, std::uint64_t cookie, std::uint32_t count,
                               const v3::Verifier& verifier = {}) {
        return nfs<v3::ReaddirResults>(Procedure::readdir, v3::ReaddirArguments{in, cookie, verifier, count});
    }
    v3::ReaddirplusResults readdirplus(const Handle& in, std::uint64_t cookie, std::uint32_t names_size,
                                       std::uint32_t count, const v3::Verifier& verifier = {}) {
        return nfs<v3::ReaddirplusResults>(Procedure::readdirplus,
                                           v3::ReaddirplusArguments{in, cookie, verifier, names_size, count});
    }
    // In replies of so many bytes; how often each name came.
    std::multiset<std::string> all_of(const Handle& in, std::uint32_t count) {
        std::multiset<std::string> names;
        v3::ReaddirResults page;
        for (std::uint64_t cookie = 0; !page.end; cookie = page.entries.back().cookie) {
            page = readdir(in, cookie, count, page.verifier);
            if (page.status != Status::ok || (page.entries.empty() && !page.end)) break;
            for (const v3::Entry& entry : page.entries) names.emplace(entry.name);
            if (page.entries.empty()) break;
        }
        return names;
    }
    void fill(int count) {
        for (int i = 0; i < count; ++i) folder.write("many/" + std::to_string(i), "x");
    }
};

TEST_F(NfsListing, AllNamesComeOnce) {
    folder.write(".hidden", "x");
    folder.write(".strata-upload-1", "x");
    const std::multiset<std::string> all{".", "..", "hello", "link", "sub"};
    EXPECT_EQ(all_of(top(), 4096), all);
    EXPECT_EQ(all_of(top(), 150), all) << "one a reply";
    fill(300);
    const auto many = all_of(handle_of("many"), 1000);
    EXPECT_EQ(many.size(), 302u);
    EXPECT_EQ(std::set<std::string>(many.begin(), many.end()).size(), 302u);
    EXPECT_EQ(readdir(handle_of("hello"), 0, 1000).status, Status::notdir);
}

TEST_F(NfsListing, FileidsAreThoseOfTheFiles) {
    const auto list = readdir(handle_of("sub/deep"), 0, 1000);
    ASSERT_EQ(list.entries.size(), 3u);
    EXPECT_EQ(list.entries[0].fileid, getattr(handle_of("sub/deep")).attributes.fileid);
    EXPECT_EQ(list.entries[1].fileid, getattr(handle_of("sub")).attributes.fileid);
    EXPECT_EQ(list.entries[2].fileid, getattr(handle_of("sub/deep/file")).attributes.fileid);
    EXPECT_EQ(readdir(top(), 0, 1000).entries.at(1).fileid, getattr(top()).attributes.fileid) << "'..' of the root";
}

TEST_F(NfsListing, PlusHasAttributesAndHandles) {
    const auto list = readdirplus(top(), 0, 1000, 4000);
    ASSERT_EQ(list.status, Status::ok);
    EXPECT_TRUE(list.end);
    ASSERT_EQ(list.entries.size(), 5u);
    for (const v3::EntryPlus& entry : list.entries) {
        ASSERT_TRUE(entry.object && entry.attributes) << entry.name;
        EXPECT_EQ(entry.object, handle_of(entry.name)) << entry.name;
        Attributes now = getattr(*entry.object).attributes;
        now.atime = entry.attributes->atime;  // a folder's is its listing's
        EXPECT_EQ(entry.attributes, now) << entry.name;
    }
    const auto inside = readdirplus(handle_of("sub/deep"), 0, 1000, 4000);
    ASSERT_EQ(inside.entries.size(), 3u);
    EXPECT_EQ(inside.entries[0].object, handle_of("sub/deep"));
    EXPECT_EQ(inside.entries[1].object, handle_of("sub")) << "'..'";
}

TEST_F(NfsListing, RepliesAreAsLongAsTheClientWants) {
    fill(300);
    const Handle many = handle_of("many");
    for (const std::uint32_t count : {200u, 512u, 1000u, 8192u}) {
        EXPECT_LE(xdr::encode(readdir(many, 0, count), 1 << 20)->size(), count);
        EXPECT_LE(xdr::encode(readdirplus(many, 0, count, count + 200), 1 << 20)->size(), count + 200);
    }
    EXPECT_GT(xdr::encode(readdir(many, 0, 1000), 1 << 20)->size(), 960u) << "and no shorter than need be";
    EXPECT_EQ(readdirplus(many, 0, 100, 4000).entries.size(), 4u) << "24 bytes each";
    EXPECT_EQ(readdirplus(many, 0, 0, 4000).entries.size(), 1u);
    EXPECT_EQ(readdir(many, 0, 130).status, Status::toosmall);
    EXPECT_EQ(readdir(many, 0, 136).entries.size(), 1u);
    EXPECT_EQ(readdirplus(many, 0, 1000, 200).status, Status::toosmall);
}

TEST_F(NfsListing, NamesThatComeAndGoDisturbNobody) {
    fill(100);
    const Handle many = handle_of("many");
    std::set<std::string> seen;
    v3::ReaddirResults page;
    for (int round = 0; !page.end && round < 200; ++round) {
        page = readdir(many, round == 0 ? 0 : page.entries.back().cookie, 300, page.verifier);
        ASSERT_EQ(page.status, Status::ok);
        for (const v3::Entry& entry : page.entries) {
            EXPECT_TRUE(seen.emplace(entry.name).second) << entry.name << " came twice";
            if (entry.name != "." && entry.name != "..")
                std::filesystem::remove(folder.path() / "many" / std::string(entry.name));
        }
        folder.write("many/new" + std::to_string(round), "x");
        if (page.entries.empty()) break;
    }
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.contains(std::to_string(i))) << i;
}

TEST_F(NfsListing, CookiesAreGoodAfterARestart) {
    fill(50);
    const auto first = readdir(handle_of("many"), 0, 500);
    ASSERT_FALSE(first.end);
    const std::uint64_t cookie = first.entries.back().cookie;
    const auto before = readdir(handle_of("many"), cookie, 4000, first.verifier);
    serve(FileRights::all);
    const auto after = readdir(handle_of("many"), cookie, 4000, first.verifier);
    ASSERT_EQ(after.status, Status::ok);
    EXPECT_TRUE(after.end);
    EXPECT_EQ(after.entries.size(), before.entries.size());
    EXPECT_EQ(first.entries.size() + after.entries.size(), 52u);
    EXPECT_EQ(readdir(handle_of("many"), cookie, 4000, {}).status, Status::bad_cookie);
    EXPECT_EQ(readdirplus(handle_of("many"), cookie, 4000, 4000, {}).status, Status::bad_cookie);
    options.key.reset();
    serve(FileRights::all);
    EXPECT_EQ(readdir(handle_of("many"), cookie, 4000, first.verifier).status, Status::bad_cookie) << "another key";
}

TEST_F(NfsListing, WhoBeginsAnewSeesWhatIsNewNow) {
    const Handle sub = handle_of("sub");
    EXPECT_EQ(readdir(sub, 0, 4000).entries.size(), 3u);
    folder.write("sub/new", "x");
    EXPECT_EQ(readdir(sub, 0, 4000).entries.size(), 4u);
}

TEST_F(NfsListing, NamesMax) {
    for (const std::size_t names_max : {1u, 99u, 100u, 101u}) {
        options.listing.names_max = names_max;
        serve(FileRights::all);
        if (names_max == 1) fill(100);
        EXPECT_EQ(all_of(handle_of("many"), 500).size(), 102u) << names_max;
    }
    const Node node = [&] {
        Tree tree(root);
        return *tree.open(*tree.open_root(), "many");
    }();
    EXPECT_EQ(read_listing(root, node, *options.key, 0, 99)->names.size(), 99u);
    EXPECT_FALSE(read_listing(root, node, *options.key, 0, 99)->to_the_end);
    EXPECT_TRUE(read_listing(root, node, *options.key, 0, 100)->to_the_end);
}

TEST_F(NfsListing, ListingsMax) {
    Tree tree(root);
    const Node first = *tree.open(*tree.open_root(), "sub");
    const Node second = *tree.open(first, "deep");
    Listings listings(1);
    listings.keep(std::make_shared<Listing>(*read_listing(root, first, *options.key, 0, 10)));
    EXPECT_NE(listings.find(first, 5), nullptr);
    listings.keep(std::make_shared<Listing>(*read_listing(root, second, *options.key, 0, 10)));
    EXPECT_EQ(listings.size(), 1u);
    EXPECT_EQ(listings.find(first, 5), nullptr) << "the oldest is forgotten";
    EXPECT_NE(listings.find(second, 5), nullptr);
    Listings none(0);
    none.keep(std::make_shared<Listing>(*read_listing(root, first, *options.key, 0, 10)));
    EXPECT_EQ(none.size(), 0u);
}

TEST_F(NfsListing, ListingReplyMax) {
    options.listing.listing_reply_max = 500;
    serve(FileRights::all);
    fill(100);
    EXPECT_LE(xdr::encode(readdir(handle_of("many"), 0, 60000), 1 << 20)->size(), 500u);
    EXPECT_GT(xdr::encode(readdir(handle_of("many"), 0, 60000), 1 << 20)->size(), 460u);
    EXPECT_EQ(all_of(handle_of("many"), 60000).size(), 102u);
    options.listing.listing_reply_max = 60000;
    options.datagram_data_max = 700;
    serve(FileRights::all);
    connect(true);
    EXPECT_LE(xdr::encode(readdir(handle_of("many"), 0, 60000), 1 << 20)->size(), 700u) << "nor in a datagram";
}

}  // namespace
}  // namespace strata::application::nfs
