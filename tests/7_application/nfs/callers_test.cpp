// Whose rights a call has: where root's were kept, and where they were not (RFC 1813 4.4).
#include "strata/7_application/nfs/work/caller.hpp"

#include <sys/fsuid.h>
#include <sys/stat.h>

#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {
namespace {

constexpr std::uint32_t nobody = 65534;

rpc::AuthSys user(std::uint32_t uid, std::uint32_t gid, std::initializer_list<std::uint32_t> more = {}) {
    rpc::AuthSys credentials;
    credentials.uid = uid;
    credentials.gid = gid;
    std::ranges::copy(more, credentials.more_gids.begin());
    credentials.more_gids_count = more.size();
    return credentials;
}

TEST(NfsCaller, IsSquashedAsItIsSaid) {
    const rpc::Credentials root = user(0, 0, {0, 5}), other = user(1000, 0, {0, 7});
    EXPECT_FALSE(caller_of(other, Squash::all));
    EXPECT_EQ(caller_of(std::nullopt, Squash::none)->uid, nobody) << "who says nothing is nobody";
    EXPECT_EQ(caller_of(root, Squash::root)->uid, nobody);
    EXPECT_TRUE(caller_of(root, Squash::root)->groups.empty());
    EXPECT_EQ(caller_of(other, Squash::root)->uid, 1000u);
    EXPECT_EQ(caller_of(other, Squash::root)->gid, nobody);
    EXPECT_EQ(caller_of(other, Squash::root)->groups, std::vector<std::uint32_t>{7});
    EXPECT_EQ(caller_of(root, Squash::none)->uid, 0u);
}

struct NfsCallers : NfsServed {
    void SetUp() override {
        if (!can_act_as_others()) GTEST_SKIP() << "root alone can be others";
        options.squash = Squash::root;
        std::filesystem::permissions(folder.path(), std::filesystem::perms{0777});
        serve(FileRights::all);
    }
    void TearDown() override {
        EXPECT_EQ(::setfsuid(static_cast<uid_t>(-1)), static_cast<int>(::geteuid())) << "it is itself again";
        EXPECT_EQ(::setfsgid(static_cast<gid_t>(-1)), static_cast<int>(::getegid()));
    }
    void be(const rpc::Credentials& who) { call_options.credentials = who; }
    struct stat found(std::string_view name) {
        struct stat at_disk{};
        EXPECT_EQ(::stat((folder.path() / name).c_str(), &at_disk), 0) << name;
        return at_disk;
    }
    void give(std::string_view name, uid_t uid, gid_t gid, mode_t mode) {
        ASSERT_EQ(::chown((folder.path() / name).c_str(), uid, gid), 0);
        ASSERT_EQ(::chmod((folder.path() / name).c_str(), mode), 0);
    }
    std::uint32_t granted(const Handle& to) {
        return nfs<v3::AccessResults>(Procedure::access, v3::AccessArguments{to, 63}).granted;
    }
};

TEST_F(NfsCallers, WhatIsMadeIsTheirs) {
    be(user(1000, 100));
    ASSERT_EQ(create(top(), "his").status, Status::ok);
    EXPECT_EQ(found("his").st_uid, 1000u);
    EXPECT_EQ(found("his").st_gid, 100u);
    be(user(0, 0));
    ASSERT_EQ(create(top(), "roots").status, Status::ok);
    EXPECT_EQ(found("roots").st_uid, nobody);
    be(std::nullopt);
    ASSERT_EQ(create(top(), "nobodys").status, Status::ok);
    EXPECT_EQ(found("nobodys").st_uid, nobody);
    options.squash = Squash::none;
    serve(FileRights::all);
    be(user(0, 0));
    ASSERT_EQ(create(top(), "of root").status, Status::ok);
    EXPECT_EQ(found("of root").st_uid, 0u);
}

TEST_F(NfsCallers, RightsAreThoseOfWhoCalls) {
    give("hello", 1000, 100, 0640);
    const Handle file = handle_of("hello");
    be(user(1000, 1));
    EXPECT_EQ(text_at(file), "hello, world");
    EXPECT_EQ(granted(file), 1u | 4u | 8u);
    be(user(1001, 100));
    EXPECT_EQ(text_at(file), "hello, world") << "of its group";
    EXPECT_EQ(write(file, 0, "x").status, Status::acces);
    EXPECT_EQ(granted(file), 1u);
    be(user(1001, 1, {3, 100}));
    EXPECT_EQ(text_at(file), "hello, world") << "of its group, among others";
    for (const rpc::Credentials& other : {rpc::Credentials(user(1001, 101)), rpc::Credentials(user(0, 0)), {}}) {
        be(other);
        EXPECT_EQ(read(file, 0, 10).status, Status::acces);
        EXPECT_EQ(write(file, 0, "x").status, Status::acces);
        EXPECT_EQ(granted(file), 0u);
    }
    EXPECT_EQ(folder.read("hello"), "hello, world");
}

TEST_F(NfsCallers, FoldersAreEnteredAndListedByWhoMay) {
    const Handle sub = handle_of("sub");
    be(user(1000, 100));
    const auto list = [&] {
        return nfs<v3::ReaddirResults>(Procedure::readdir, v3::ReaddirArguments{sub, 0, {}, 4096}).status;
    };
    give("sub", 0, 0, 0700);
    EXPECT_EQ(lookup(sub, "deep").status, Status::acces);
    EXPECT_EQ(list(), Status::acces);
    EXPECT_EQ(create(sub, "new").status, Status::acces);
    give("sub", 0, 0, 0755);
    EXPECT_EQ(lookup(sub, "deep").status, Status::ok);
    EXPECT_EQ(list(), Status::ok);
    EXPECT_EQ(create(sub, "new").status, Status::acces);
    give("sub", 0, 0, 0700);
    EXPECT_EQ(list(), Status::acces) << "also what is remembered";
    give("sub", 1000, 0, 0300);
    EXPECT_EQ(create(sub, "new").status, Status::ok) << "of a folder that he may not list";
}

// He has it open, as far as his own kernel knows.
TEST_F(NfsCallers, AnOwnerGoesOnWithWhatHeHasOpen) {
    be(user(1000, 100));
    NewAttributes read_only;
    read_only.mode = 0444;
    const Handle file = *create(top(), "his", v3::CreateArguments::How::guarded, read_only).object;
    EXPECT_EQ(write(file, 0, "text").status, Status::ok);
    read_only.mode = 0;
    EXPECT_EQ(setattr(file, read_only).status, Status::ok);
    EXPECT_EQ(text_at(file), "text");
    be(user(1001, 100));
    EXPECT_EQ(write(file, 0, "x").status, Status::acces);
    EXPECT_EQ(setattr(file, read_only).status, Status::perm);
}

TEST_F(NfsCallers, OwnersAreChangedAsTheKernelAllows) {
    be(user(1000, 100, {200}));
    const Handle file = *create(top(), "his").object;
    NewAttributes attributes;
    attributes.gid = 200;
    EXPECT_EQ(setattr(file, attributes).status, Status::ok);
    EXPECT_EQ(found("his").st_gid, 200u);
    attributes.gid = 300;
    EXPECT_EQ(setattr(file, attributes).status, Status::perm);
    attributes.gid.reset();
    attributes.uid = 1001;
    EXPECT_EQ(setattr(file, attributes).status, Status::perm);
    options.squash = Squash::none;
    serve(FileRights::all);
    be(user(0, 0));
    EXPECT_EQ(setattr(file, attributes).status, Status::ok);
    EXPECT_EQ(found("his").st_uid, 1001u);
}

// Of who is not let in not even a connection is taken.
TEST_F(NfsServed, ClientsAreThoseThatAreLetIn) {
    options.rpc.lets_in = [](const session::Address& from) {
        return from.endpoint().address == IpAddress(Ipv4Address{10, 0, 0, 1});
    };
    serve(FileRights::read);
    EXPECT_EQ(mnt("/").status, mount::Status::ok);
    options.rpc.lets_in = [](const session::Address& from) {
        return from.endpoint().address == IpAddress(Ipv4Address{10, 0, 0, 9});
    };
    for (const bool by_datagrams : {false, true}) {
        datagrams = by_datagrams;
        serve(FileRights::read);
        (void)mnt("/");
        EXPECT_NE(refusal, "");
        const auto& counters = server_->counters();
        EXPECT_GT(by_datagrams ? counters.rpcInDropped : counters.rpcConnectionsRefused, 0u);
        EXPECT_EQ(counters.rpcInCalls, 0u);
    }
}

}  // namespace
}  // namespace strata::application::nfs
