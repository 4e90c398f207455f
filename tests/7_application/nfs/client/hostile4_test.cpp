// The client of NFS version 4, and servers that lie, stumble and forget.
#include "tests/7_application/nfs/client/fake_server.hpp"
#include "tests/7_application/nfs/client/fake_server4.hpp"

namespace strata::application::nfs {
namespace {

using Nfs4Hostile = Fake4Served;
using v4::Op;
using v4::Status4;

bool is_in(const std::string& text, std::string_view what) { return text.contains(what); }

TEST_F(Nfs4Hostile, AnHonestOneIsUnderstood) {
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(user.list("/"), "file:12 ");
    EXPECT_EQ(fake.times[Op::close], 1u);
    // A server without version 3 needs no word about it.
    user.url.parameters = "";
    user.begin();
    EXPECT_EQ(user.get("/file"), "hello, world");
    user.url.parameters = "version=3";
    user.begin();
    EXPECT_TRUE(is_in(user.get("/file"), "MOUNT is not at port 2049"));
}

TEST_F(Nfs4Hostile, WhereVersion3MountsAndIsNotThereVersion4IsTried) {
    Fake of_version3;
    serving.add(std::make_shared<FakeProgram>(server.network(), of_version3, mount::program_number));
    user.url.parameters = "";
    user.begin();
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(of_version3.mounted.size(), 1u);
    user.url.parameters = "version=3";
    user.begin();
    EXPECT_TRUE(is_in(user.get("/file"), "there is no NFS of version 3 at that port; check the port"));
    user.url.parameters = "transport=udp";
    user.begin();
    EXPECT_TRUE(is_in(user.get("/file"), "there is no NFS of version 3 at that port"));
    user.remote.reset();
    serving.abort();
    lab.run_for(1h);
}

// ---- what is not in the form

TEST_F(Nfs4Hostile, OtherThanWasAskedIsNotTaken) {
    constexpr std::size_t count_at = 8, first_at = 12;
    std::function<void(std::vector<std::byte>&)> lie;
    fake.whole = [&](auto& reply, unsigned) { lie(reply); };
    for (const std::uint32_t count : {0u, 2u, 4u, 0xffff'ffffu}) {
        lie = [count](auto& reply) { store_be32(reply.data() + count_at, count); };
        EXPECT_TRUE(is_in(user.get("/file"), "the server is broken")) << count;
    }
    lie = [](auto& reply) { store_be32(reply.data() + first_at, static_cast<std::uint32_t>(Op::read)); };
    EXPECT_TRUE(is_in(user.get("/file"), "the server answers something else than it was asked"));
    lie = [](auto& reply) { store_be32(reply.data() + first_at + 4, 13); };
    EXPECT_TRUE(is_in(user.get("/file"), "the server answers something else than it was asked"));
    lie = [](auto& reply) { store_be32(reply.data(), 13); };
    EXPECT_TRUE(is_in(user.get("/file"), "the server answers something else than it was asked"));
    lie = [](auto& reply) { reply.resize(reply.size() + 4); };
    EXPECT_TRUE(is_in(user.get("/file"), "the server answers something else than it was asked"));
    lie = [](auto& reply) { reply.resize(reply.size() - 4); };
    EXPECT_TRUE(is_in(user.get("/file"), "what comes is not in the form of NFS"));
    lie = [](auto& reply) { reply.clear(); };
    EXPECT_TRUE(is_in(user.get("/file"), "what comes is not in the form of NFS"));
}

TEST_F(Nfs4Hostile, BitmapsThatLieAreRefused) {
    fake.more_attributes = {v4::Attribute::owner};
    EXPECT_TRUE(is_in(user.get("/file"), "attributes that nobody has asked for"));
    fake.more_attributes = {};
    fake.getattr = [](auto& results, unsigned) { results.attributes.values = results.attributes.values.first(8); };
    EXPECT_TRUE(is_in(user.get("/file"), "attributes that are not in their form"));
    fake.getattr = [](auto& results, unsigned) { results.attributes = {}; };
    EXPECT_TRUE(is_in(user.get("/file"), "does not say what a file is"));
    fake.getattr = [](auto& results, unsigned) { results.attributes.mask.resize(16); };
    EXPECT_EQ(user.get("/file"), "hello, world");
    fake.getattr = [](auto& results, unsigned) { results.attributes.mask.back() = 0x8000'0000; };
    EXPECT_TRUE(is_in(user.get("/file"), "attributes that nobody has asked for"));
}

TEST_F(Nfs4Hostile, HandlesAndLeasesThatAreNone) {
    fake.getfh = [](auto& results, unsigned) { results.object = Handle(); };
    EXPECT_TRUE(is_in(user.get("/file"), "without giving a handle of it"));
    fake.getfh = nullptr;
    fake.lease = 0;
    EXPECT_TRUE(is_in(user.get("/file"), "the server gives no lease"));
    fake.lease = 0xffff'ffff;
    EXPECT_EQ(user.get("/file"), "hello, world");
}

TEST_F(Nfs4Hostile, SizesThatNoServerHas) {
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        fake.read_max = size;
        user.begin();
        EXPECT_EQ(user.get("/file"), "hello, world") << size;
    }
}

// ---- statuses

TEST_F(Nfs4Hostile, WhatNobodyCanDoAnythingAboutIsSaidInWords) {
    const std::map<Status4, std::string_view> said{
        {Status4::moved, "it was moved to another server (NFS4ERR_MOVED)"},
        {Status4::minor_vers_mismatch, "not its minor version 0"},
        {Status4::wrongsec, "the server wants Kerberos"},
        {Status4::resource, "the server has no room for what is asked"},
        {Status4::share_denied, "somebody else has it open"},
        {Status4::access, "the server does not allow it (NFS4ERR_ACCESS)"},
        {Status4::stale, "the server no longer knows the file (NFS4ERR_STALE)"},
        {Status4::fhexpired, "the server no longer knows the file (NFS4ERR_STALE)"},
        {Status4::badxdr, "refuses it with error 10036"},
        {static_cast<Status4>(99999), "refuses it with error 99999"},
    };
    for (const auto& [status, words] : said) {
        fake.open = [answer = status](auto& results, unsigned) { results.status = answer; };
        const std::string failure = user.get("/file");
        EXPECT_TRUE(is_in(failure, words)) << failure;
    }
    fake.open = nullptr;
    fake.whole = [](auto& reply, unsigned) {
        reply.resize(12);
        store_be32(reply.data(), static_cast<std::uint32_t>(Status4::minor_vers_mismatch));
        store_be32(reply.data() + 8, 0);
    };
    user.begin();
    EXPECT_TRUE(is_in(user.get("/file"), "not its minor version 0"));
}

TEST_F(Nfs4Hostile, ABusyServerIsAskedAgainUpToABound) {
    fake.read = [](auto& results, unsigned times) {
        if (times <= 6) results.status = Status4::delay;
    };
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(fake.times[Op::read], 7u);
    fake.read = [](auto& results, unsigned) { results.status = Status4::delay; };
    EXPECT_TRUE(is_in(user.get("/file"), "the server is busy, and stays so (NFS4ERR_DELAY); try again later"));
    EXPECT_EQ(fake.times[Op::read], 14u);
}

TEST_F(Nfs4Hostile, AGracePeriodIsWaitedForUpToABound) {
    fake.open = [](auto& results, unsigned times) {
        if (times <= 10) results.status = Status4::grace;
    };
    EXPECT_EQ(user.get("/file"), "hello, world");
    user.options.nfs.grace_wait_max = 20s;
    fake.open = [](auto& results, unsigned) { results.status = Status4::grace; };
    fake.times.clear();
    EXPECT_TRUE(is_in(user.get("/file"), "lets nothing be opened yet (NFS4ERR_GRACE)"));
    EXPECT_EQ(fake.times[Op::open], 6u);  // after 1, 2, 4, 8, 8 seconds
}

TEST_F(Nfs4Hostile, AServerThatForgetsForEverIsGivenUp) {
    for (const Status4 status : {Status4::expired, Status4::stale_stateid, Status4::bad_stateid, Status4::old_stateid,
                                 Status4::admin_revoked}) {
        fake.times.clear();
        fake.read = [status](auto& results, unsigned) { results.status = status; };
        EXPECT_TRUE(is_in(user.get("/file"), "the server forgets what is open there, again and again"));
        EXPECT_EQ(fake.times[Op::read], 9u);
        EXPECT_EQ(fake.times[Op::renew], 8u);
    }
    fake.read = nullptr;
    fake.times.clear();
    fake.open = [](auto& results, unsigned) { results.status = Status4::stale_clientid; };
    EXPECT_TRUE(is_in(user.get("/file"), "again and again"));
    EXPECT_EQ(fake.times[Op::open], 9u);
    fake.open = nullptr;
    fake.setclientid_confirm = [](auto& results, unsigned) { results.status = Status4::stale_clientid; };
    fake.times.clear();
    user.begin();
    EXPECT_TRUE(is_in(user.get("/file"), "again and again"));
    EXPECT_EQ(fake.times[Op::setclientid_confirm], 9u);
}

TEST_F(Nfs4Hostile, StateidsMayChangeEachTime) {
    fake.open = [](auto& results, unsigned times) { results.state.seqid = times * 1000; };
    fake.open_confirm = [](auto& results, unsigned times) { results.state.other.fill(std::byte(times)); };
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(user.get("/file"), "hello, world");
    fake.open = [](auto& results, unsigned) { results.delegation = 1; };
    EXPECT_TRUE(is_in(user.get("/file"), "a delegation that nobody has asked for"));
}

TEST_F(Nfs4Hostile, AnExpiredHandleIsLookedUpAnewOnce) {
    fake.read = [](auto& results, unsigned times) {
        if (times == 1) results.status = Status4::fhexpired;
    };
    EXPECT_EQ(user.get("/file"), "hello, world");
    EXPECT_EQ(fake.times[Op::putrootfh], 2u);
}

TEST_F(Nfs4Hostile, AnotherFileThatIsOpenedIsNotRead) {
    fake.open = [this](auto&, unsigned) { fake.file.fileid = 3; };
    EXPECT_TRUE(is_in(user.get("/file"), "another file has its name meanwhile"));
    EXPECT_EQ(fake.times[Op::close], 1u);
}

// ---- reading, listing, writing

TEST_F(Nfs4Hostile, MoreOrNothingIsNotTaken) {
    const std::string much(100, 'x');
    fake.read = [&](auto& results, unsigned) { results.data = bytes_of(much); };
    EXPECT_TRUE(is_in(user.get("/file"), "the server sends other bytes than it was asked for"));
    fake.read = [&](auto& results, unsigned) {
        results.data = {};
        results.end_of_file = false;
    };
    EXPECT_TRUE(is_in(user.get("/file"), "the server sends nothing of a file"));
    fake.read = [&](auto& results, unsigned) { results.data = results.data.first(3); };
    EXPECT_TRUE(is_in(user.get("/file"), "it was changed while it was read"));
    EXPECT_EQ(fake.times[Op::close], 3u);
}

TEST_F(Nfs4Hostile, NamesThatLeadElsewhereAreLeftOut) {
    fake.readdir = [this](auto& results, unsigned) {
        results.entries.clear();
        for (const std::string_view name : {".", "..", "a/b", "/etc/passwd", "", "../x", "fine"})
            results.entries.push_back(
                {results.entries.size() + 1, v4::Component(name), fake.told(fake.asked_of_entries, fake.file)});
    };
    EXPECT_EQ(user.list("/"), "fine:12 ");
}

TEST_F(Nfs4Hostile, EntriesWhoseAttributesCannotBeReadAreThereAllTheSame) {
    std::vector<std::byte> denied(4), gone(4);
    store_be32(denied.data(), static_cast<std::uint32_t>(Status4::access));
    store_be32(gone.data(), static_cast<std::uint32_t>(Status4::noent));
    v4::Bitmap mask;
    v4::add(mask, v4::Attribute::rdattr_error);
    fake.readdir = [&](auto& results, unsigned) {
        results.entries.push_back({2, v4::Component("denied"), {mask, Bytes(denied)}});
        results.entries.push_back({3, v4::Component("gone"), {mask, Bytes(gone)}});
    };
    EXPECT_EQ(user.list("/"), "denied? file:12 ");
}

TEST_F(Nfs4Hostile, ListingsHaveTheirBound) {
    fake.readdir = [&](auto& results, unsigned) {
        results.entries.front().cookie = fake.cookie + 1;
        results.end = false;
    };
    user.options.entries_max = 10;
    EXPECT_TRUE(is_in(user.list("/"), "it has more than 10 entries"));
    fake.readdir = [&](auto& results, unsigned) {
        results.entries.clear();
        results.end = false;
    };
    EXPECT_TRUE(is_in(user.list("/"), "there are more names, and lists none"));
    unsigned bad = 3;
    fake.readdir = [&](auto& results, unsigned) {
        results.end = fake.cookie != 0;
        if (fake.cookie != 0 && bad > 0) {
            --bad;
            results.status = bad == 1 ? Status4::not_same : Status4::bad_cookie;
        }
        results.entries.front().name = fake.cookie == 0 ? v4::Component("first") : v4::Component("second");
    };
    EXPECT_EQ(user.list("/"), "first:12 second:12 ");
    bad = 4;
    EXPECT_TRUE(is_in(user.list("/"), "refuses it with error 10003"));
}

TEST_F(Nfs4Hostile, LinksHaveTheirBound) {
    fake.file.type = FileType::link;
    std::string text = "file";
    fake.readlink = [&](auto& results, unsigned) { results.text = std::string_view(text); };
    user.options.nfs.links_max = 5;
    EXPECT_TRUE(is_in(user.get("/file"), "is one of more symbolic links than are followed"));
    EXPECT_EQ(fake.times[Op::readlink], 5u);
    text.clear();
    EXPECT_TRUE(is_in(user.get("/file"), "has no path in it"));
}

TEST_F(Nfs4Hostile, AsManyNamesAsTheServerLikesAreLookedUpAtATime) {
    fake.lookup = [this](auto& results, unsigned) {
        results.status = Status4::ok;
        fake.is_top = true;
    };
    user.options.nfs.names_at_once_max = 3;
    user.begin();
    EXPECT_EQ(user.stat("/a/b/c/d/e/f/g"), "g/");
    EXPECT_EQ(fake.calls, 2u + 3u);
    fake.whole = [](auto& reply, unsigned) {
        if (load_be32(reply.data() + 8) <= 4) return;
        reply.resize(12);
        store_be32(reply.data(), static_cast<std::uint32_t>(Status4::resource));
        store_be32(reply.data() + 8, 0);
    };
    user.begin();
    EXPECT_EQ(user.stat("/a/b/c/d/e/f/g"), "g/");
}

TEST_F(Nfs4Hostile, WhatAServerForgotIsWrittenAgain) {
    const std::string bytes = bytes_of_length(30'000);
    user.options.nfs.commit_bytes = 16'384;
    std::uint8_t life = 1;
    fake.lookup = [](auto& results, unsigned) { results.status = Status4::noent; };
    fake.write = [&](auto& results, unsigned times) {
        if (times == 3) {
            fake.content.assign(fake.content.size(), '\0');
            life = 2;
        }
        results.verifier = {std::byte{life}};
    };
    fake.commit = [&](auto& results, unsigned) { results.verifier = {std::byte{life}}; };
    EXPECT_EQ(user.put("/new", bytes), "");
    EXPECT_TRUE(fake.content == bytes);
    EXPECT_EQ(fake.times[Op::close], 1u);
    fake.commit = [&](auto& results, unsigned) { results.verifier = {std::byte{++life}}; };
    EXPECT_TRUE(is_in(user.put("/new", "mine"), "the server forgets what was written before it is on its disk"));
    fake.commit = nullptr;
    fake.write = [&](auto& results, unsigned) { ++results.count; };
    EXPECT_TRUE(is_in(user.put("/new", "mine"), "that it has written 5 bytes of 4"));
}

TEST_F(Nfs4Hostile, AServerWithoutExclusiveCreationMakesFilesGuarded) {
    fake.lookup = [](auto& results, unsigned) { results.status = Status4::noent; };
    fake.open = [this](auto& results, unsigned) {
        if (fake.opened.mode == v4::OpenArguments::Mode::exclusive) results.status = Status4::notsupp;
    };
    EXPECT_EQ(user.put("/new", "mine"), "");
    EXPECT_EQ(fake.content, "mine");
    EXPECT_EQ(fake.times[Op::setattr], 0u);
    EXPECT_EQ(fake.opened.mode, v4::OpenArguments::Mode::guarded);
}

TEST_F(Nfs4Hostile, ASilentClientRenews) {
    fake.content = bytes_of_length(30'000);
    fake.file.size = 30'000;
    fake.lease = 9;
    fake.slow = 12s;
    EXPECT_TRUE(user.get("/file") == fake.content);
    EXPECT_GE(fake.times[Op::renew], 3u);
    const unsigned before = fake.times[Op::renew];
    lab.run_for(1h);
    EXPECT_EQ(fake.times[Op::renew], before);  // nothing is open
}

}  // namespace
}  // namespace strata::application::nfs
