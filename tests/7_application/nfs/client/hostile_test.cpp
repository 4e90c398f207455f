// The client of NFS, and servers that lie, stumble and forget.
#include "tests/7_application/nfs/client/fake_server.hpp"

namespace strata::application::nfs {
namespace {

using NfsHostile = FakeServed;
using v3::Procedure;

bool has(const std::string& text, std::string_view what) { return text.contains(what); }

TEST_F(NfsHostile, AnHonestOneIsUnderstood) {
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(user.list("/"), "file:12 ");
    EXPECT_EQ(user.put("/new", "mine"), "");
    EXPECT_EQ(fake.content, "mine");
}

// ---- mounting

TEST_F(NfsHostile, TheLongestExportIsMounted) {
    fake.exports = {"/", "/a/b", "/a", "/ab", "relative", "/a/b/c/d"};
    (void)user.get("/a/b/c");
    EXPECT_EQ(fake.mounted, (std::vector<std::string>{"/a/b"}));
    fake.mounted.clear();
    fake.mounting = [](auto& results, std::string_view path) {
        if (path != "/") results.status = mount::Status::acces;
    };
    (void)user.get("/a/x");
    EXPECT_EQ(fake.mounted, (std::vector<std::string>{"/a", "/"}));
}

// mounts_max is tries_max of a list of exports, too.
TEST_F(NfsHostile, WithoutAListThePathIsTriedAndWhatIsAbove) {
    fake.exports.clear();
    fake.mounting = [](auto& results, std::string_view path) {
        if (path != "/a") results.status = path.starts_with("/a/b/") ? mount::Status::noent : mount::Status::notdir;
    };
    (void)user.get("/a/b/file");
    EXPECT_EQ(fake.mounted, (std::vector<std::string>{"/a/b/file", "/a/b", "/a"}));
    fake.mounted.clear();
    fake.mounting = [](auto& results, std::string_view) { results.status = mount::Status::acces; };
    user.begin();
    user.options.nfs.mounts_max = 3;
    EXPECT_TRUE(has(user.get("/a/b/c/d/e"), "the server does not let us mount it (MNT3ERR_ACCES); check the path"));
    EXPECT_EQ(fake.mounted, (std::vector<std::string>{"/a/b/c/d/e", "/a/b/c/d", "/a/b/c"}));
}

TEST_F(NfsHostile, MountsThatAreNone) {
    fake.mounting = [](auto& results, std::string_view) { results.handle = Handle(); };
    EXPECT_TRUE(has(user.get("/file"), "without giving a handle of it; the server is broken"));
    fake.mounting = [](auto& results, std::string_view) { results.flavors = {390003}; };
    EXPECT_TRUE(has(user.get("/file"), "the server wants Kerberos"));
}

// ---- what is not in the form

TEST_F(NfsHostile, WhatIsInNoFormIsRefused) {
    // A handle of 65 bytes, where attributes should be; nothing; a status that there is not.
    const std::string long_handle = std::string("\0\0\0\0\0\0\0\x41", 8) + std::string(200, 'x');
    for (const std::string& said : {long_handle, std::string(), std::string("\0\0\x99\x99", 4)}) {
        fake.raw[Procedure::lookup] = said;
        EXPECT_TRUE(has(user.get("/file"), "what comes is not in the form of NFS; the server is broken")) << said;
    }
}

// ---- reading

TEST_F(NfsHostile, MoreOrOtherThanWasAskedForIsNotTaken) {
    const std::string much(100, 'x');
    fake.read = [&](auto& results, const auto&, unsigned) {
        results.data = bytes_of(much);
        results.count = 100;
    };
    EXPECT_TRUE(has(user.get("/file"), "the server sends other bytes than it was asked for"));
    fake.read = [&](auto& results, const auto&, unsigned) { results.count = 3; };
    EXPECT_TRUE(has(user.get("/file"), "the server sends other bytes than it was asked for"));
    fake.read = [&](auto& results, const auto&, unsigned) {
        results.data = Bytes();
        results.count = 0;
        results.end_of_file = false;
    };
    EXPECT_TRUE(has(user.get("/file"), "the server sends nothing of a file"));
}

TEST_F(NfsHostile, ShortRepliesAreGoneOnWithUpToABound) {
    fake.content = bytes_of_length(20'000);
    fake.file.size = 20'000;
    std::uint32_t at_most = 64;
    fake.read = [&](auto& results, const auto& of, unsigned) {
        if (results.count > at_most) {
            results.count = at_most;
            results.data = results.data.first(at_most);
            results.end_of_file = false;
        }
        (void)of;
    };
    EXPECT_TRUE(user.get("/file") == fake.content);
    at_most = 62;
    EXPECT_TRUE(has(user.get("/file"), "the server sends a few bytes of 4096 at a time"));
}

TEST_F(NfsHostile, AFileThatBecomesShorterIsNotWhole) {
    fake.file.size = 13;
    EXPECT_TRUE(has(user.get("/file"), "it was changed while it was read"));
    fake.file.size = 11;
    fake.getattr = [&](auto& results, const auto& of, unsigned) {
        if (of.object == Fake::handle("file")) results.attributes.size = 12;
    };
    EXPECT_TRUE(has(user.get("/file"), "it was changed while it was read"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "here"));
    fake.file.size = ~0ull;
    EXPECT_TRUE(has(user.get("/file"), "a length that no file has"));
}

TEST_F(NfsHostile, CallsInFlightHaveTheirBound) {
    const std::string bytes = bytes_of_length(200'000);
    fake.content = bytes;
    fake.file.size = bytes.size();
    fake.slow = 10ms;
    for (const unsigned most : {1u, 3u, 20u}) {
        user.options.nfs.in_flight_max = most;
        user.begin();
        fake.most_at_once = 0;
        EXPECT_TRUE(user.get("/file") == bytes);
        EXPECT_EQ(fake.most_at_once, most);
        fake.most_at_once = 0;
        EXPECT_EQ(user.put("/new", bytes), "");
        EXPECT_TRUE(fake.content == bytes);
        EXPECT_EQ(fake.most_at_once, most);
    }
}

TEST_F(NfsHostile, SizesThatNoServerHas) {
    for (const std::uint32_t size : {0u, 1u, 0xffff'ffffu}) {
        fake.fsinfo = [size](auto& results, const auto&, unsigned) {
            results.read_max = results.read_preferred = results.write_max = results.write_preferred = size;
            results.folder_preferred = size;
        };
        user.begin();
        EXPECT_EQ(user.get("/file"), "hello, world") << size;
        EXPECT_EQ(user.list("/"), "file:12 ") << size;
    }
}

// busy_max is 6; the pauses are 1, 2, 4 s and then busy_pause_max, 8 s.
TEST_F(NfsHostile, ABusyServerIsAskedAgainUpToABound) {
    fake.read = [](auto& results, const auto&, unsigned times) {
        if (times <= 6) results.status = Status::jukebox;
    };
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(fake.times[Procedure::read], 7u);
    fake.read = [](auto& results, const auto&, unsigned) { results.status = Status::jukebox; };
    EXPECT_TRUE(has(user.get("/file"), "the server is busy, and stays so (NFS3ERR_JUKEBOX); try again later"));
    EXPECT_EQ(fake.times[Procedure::read], 14u);
    const NfsOptions options;
    EXPECT_EQ(options.busy_pause(0), 1s);
    EXPECT_EQ(options.busy_pause(2), 4s);
    EXPECT_EQ(options.busy_pause(3), options.busy_pause_max);
    EXPECT_EQ(options.busy_pause(~0u), options.busy_pause_max);
}

TEST_F(NfsHostile, AStaleHandleIsLookedUpAnewOnce) {
    fake.read = [](auto& results, const auto&, unsigned times) {
        if (times == 1) results.status = Status::stale;
    };
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(fake.mounted.size(), 2u);
    fake.read = [](auto& results, const auto&, unsigned) { results.status = Status::stale; };
    EXPECT_TRUE(has(user.get("/file"), "the server no longer knows the file (NFS3ERR_STALE)"));
    EXPECT_EQ(fake.mounted.size(), 3u);
}

TEST_F(NfsHostile, AServerThatStaysSilentIsGivenUp) {
    serving.abort();
    (void)user.get("/file");
    user.url.parameters = "transport=udp";
    user.begin();
    cable.unplug();
    EXPECT_TRUE(has(user.get("/file"), "the server does not answer"));
    cable.plug();
}

TEST_F(NfsHostile, WhatIsAskedForInADatagramBecomesSmallerWhereDatagramsAreLost) {
    fake.content = bytes_of_length(400'000);
    fake.file.size = fake.content.size();
    user.url.parameters = "transport=udp";
    user.begin();
    session::Timer timer = server.network().make_timer();
    std::uint32_t most_before = 0, least_behind = ~0u, last = 0;
    fake.read = [&](auto& results, const auto& of, unsigned times) {
        if (times < 40) most_before = std::max(most_before, of.count);
        if (times == 40) {
            cable.unplug();
            timer.expires_after(700ms);
            timer.async_wait([this](const session::error_code&) { cable.plug(); });
        }
        if (times > 60 && results.count != 0) least_behind = std::min(least_behind, of.count);
        last = of.offset + of.count == fake.content.size() ? last : of.count;
    };
    EXPECT_TRUE(user.get("/file") == fake.content);
    EXPECT_EQ(most_before, 4096u);
    EXPECT_LT(least_behind, 4096u);
    EXPECT_GE(least_behind, user.options.nfs.data_least);
    EXPECT_EQ(last, 4096u);  // and larger again
}

// ---- links

TEST_F(NfsHostile, LinksHaveTheirBound) {
    fake.file.type = FileType::link;
    fake.lookup = [&](auto& results, const auto&, unsigned) {
        results.status = Status::ok;
        results.object = Fake::handle("file");
        results.attributes = fake.file;
    };
    std::string text = "again";
    fake.readlink = [&](auto& results, const auto&, unsigned) { results.text = std::string_view(text); };
    user.options.nfs.links_max = 5;
    EXPECT_TRUE(has(user.get("/file"), "is one of more symbolic links than are followed"));
    EXPECT_EQ(fake.times[Procedure::readlink], 5u);
    text.assign(4097, 'x');
    EXPECT_TRUE(has(user.get("/file"), "has no path in it"));
    text.clear();
    EXPECT_TRUE(has(user.get("/file"), "has no path in it"));
}

TEST_F(NfsHostile, TheWayHasItsBound) {
    fake.lookup = [&](auto& results, const auto&, unsigned) {
        results.status = Status::ok;
        results.object = Fake::handle("top");
        results.attributes = fake.top;
    };
    user.options.nfs.steps_max = 4;
    EXPECT_EQ(user.stat("/a/b/c/d"), "d/");
    EXPECT_TRUE(has(user.stat("/a/b/c/d/e"), "the way there has more names than are followed"));
}

// ---- listing

TEST_F(NfsHostile, NamesThatLeadElsewhereAreLeftOut) {
    const std::string too_long(256, 'x');
    fake.readdirplus = [&](auto& results, const auto&, unsigned) {
        results.entries.clear();
        for (const std::string_view name : {".", "..", "a/b", "/etc/passwd", "", "../x", "fine"})
            results.entries.push_back({1, v3::Name(name), results.entries.size() + 1, fake.file, std::nullopt});
        results.entries.push_back({1, v3::Name(std::string_view(too_long)), 9, fake.file, std::nullopt});
    };
    EXPECT_EQ(user.list("/"), "fine:12 ");
}

TEST_F(NfsHostile, ListingsHaveTheirBound) {
    std::size_t count = 10;
    fake.readdirplus = [&](auto& results, const auto& of, unsigned) {
        results.entries.clear();
        for (std::uint64_t i = 0; i < 4 && of.cookie + i < count; ++i)
            results.entries.push_back({1, v3::Name("n"), of.cookie + i + 1, fake.file, std::nullopt});
        results.end = results.entries.size() < 4;
    };
    user.options.entries_max = 10;
    EXPECT_EQ(user.list("/").size(), 10 * std::string_view("n:12 ").size());
    count = 11;
    EXPECT_TRUE(has(user.list("/"), "it has more than 10 entries"));
    count = ~std::size_t{0};
    EXPECT_TRUE(has(user.list("/"), "it has more than 10 entries"));
    // The same page for ever, of what is left out.
    fake.readdirplus = [&](auto& results, const auto&, unsigned) {
        results.entries = {{1, v3::Name(".."), 7, fake.file, std::nullopt}};
        results.end = false;
    };
    EXPECT_TRUE(has(user.list("/"), "it has more than 10 entries"));
    fake.readdirplus = [&](auto& results, const auto&, unsigned) {
        results.entries.clear();
        results.end = false;
    };
    EXPECT_TRUE(has(user.list("/"), "there are more names, and lists none"));
}

// restarts_max is 3.
TEST_F(NfsHostile, BadCookiesBeginItAnewUpToABound) {
    unsigned bad = 3;
    fake.readdirplus = [&](auto& results, const auto& of, unsigned) {
        results.end = of.cookie != 0;
        if (of.cookie != 0 && bad > 0) {
            --bad;
            results.status = Status::bad_cookie;
        }
        results.entries.front().name = of.cookie == 0 ? v3::Name("first") : v3::Name("second");
    };
    EXPECT_EQ(user.list("/"), "first:12 second:12 ");
    bad = 4;
    EXPECT_TRUE(has(user.list("/"), "refuses it with error 10003"));
}

TEST_F(NfsHostile, WithoutReaddirplusNamesAreLookedUp) {
    fake.readdirplus = [](auto& results, const auto&, unsigned) { results.status = Status::notsupp; };
    EXPECT_EQ(user.list("/"), "file:12 ");
    fake.readdir = [](auto& results, const auto&, unsigned) { results.entries.push_back({3, v3::Name("gone"), 2}); };
    EXPECT_EQ(user.list("/"), "file:12 ");
    fake.readdir = [](auto& results, const auto&, unsigned) { results.status = Status::toosmall; };
    EXPECT_TRUE(has(user.list("/"), "refuses it with error 10005"));
}

// ---- writing

TEST_F(NfsHostile, WhatAServerForgotIsWrittenAgain) {
    const std::string bytes = bytes_of_length(30'000);
    user.options.nfs.commit_bytes = 16'384;
    std::uint8_t life = 1;
    fake.write = [&](auto& results, const auto&, unsigned times) {
        if (times == 3) {
            fake.content.assign(fake.content.size(), '\0');
            life = 2;
        }
        results.verifier = {std::byte{life}};
    };
    fake.commit = [&](auto& results, const auto&, unsigned times) {
        if (times == 2) {
            fake.content.replace(16'384, std::string::npos, "");
            life = 3;
        }
        results.verifier = {std::byte{life}};
    };
    EXPECT_EQ(user.put("/new", bytes), "");
    EXPECT_TRUE(fake.content == bytes);
}

// rewrites_max is 4: written once, and four times again.
TEST_F(NfsHostile, AVerifierThatNeverStaysIsNotBelievedForEver) {
    std::uint8_t life = 0;
    fake.commit = [&](auto& results, const auto&, unsigned) { results.verifier = {std::byte{++life}}; };
    EXPECT_TRUE(has(user.put("/new", "mine"), "the server forgets what was written before it is on its disk"));
    EXPECT_EQ(life, 5);
}

TEST_F(NfsHostile, ShortWritesAreGoneOnWithAndStableOnesNeedNoCommit) {
    const std::string bytes = bytes_of_length(10'000);
    fake.write = [&](auto& results, const auto&, unsigned) {
        results.count = std::min(results.count, 1000u);
        results.committed = Fake::Stable::file_sync;
    };
    EXPECT_EQ(user.put("/new", bytes), "");
    EXPECT_TRUE(fake.content == bytes);
    EXPECT_EQ(fake.times[Procedure::commit], 0u);
    fake.write = [&](auto& results, const auto&, unsigned) { results.count = 0; };
    EXPECT_TRUE(has(user.put("/new", bytes), "that it has written 0 bytes of 4096"));
    fake.write = [&](auto& results, const auto&, unsigned) { ++results.count; };
    EXPECT_TRUE(has(user.put("/new", bytes), "that it has written 4097 bytes of 4096"));
    fake.write = [&](auto& results, const auto&, unsigned) { results.status = Status::nospc; };
    EXPECT_TRUE(has(user.put("/new", bytes), "the server's disk is full (NFS3ERR_NOSPC)"));
}

TEST_F(NfsHostile, AFileThatIsNotAsLongAsWhatWasSentIsNotWhole) {
    fake.commit = [&](auto&, const auto&, unsigned) { fake.file.size += 1; };
    EXPECT_TRUE(has(user.put("/new", "mine"), "the server has 5 bytes of it, and 4 were sent"));
    EXPECT_EQ(fake.times[Procedure::rename], 0u);
}

}  // namespace
}  // namespace strata::application::nfs
