// NFS version 4: clients, opens, shares, and whose turn it is (RFC
// 7530 9.1, 9.7 to 9.10, 16.16 to 16.19, 16.33, 16.34).
#include "tests/7_application/nfs/v4_bench.hpp"

namespace strata::application::nfs::v4 {
namespace {

using Nfs4Clients = Nfs4Served;
using Nfs4Opens = Nfs4Served;
using Nfs4Turns = Nfs4Served;
using Nfs4Data = Nfs4Served;
using Mode = OpenArguments::Mode;

OpenArguments creating(OpenArguments arguments, Mode mode, std::uint8_t verifier = 0) {
    arguments.how = OpenArguments::How::create;
    arguments.mode = mode;
    arguments.verifier = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{verifier}};
    arguments.access = share_both;
    return arguments;
}

TEST_F(Nfs4Clients, AreConfirmedByWhatTheyWereTold) {
    const auto set = set_client("one");
    ASSERT_EQ(set.status, Status4::ok);
    EXPECT_EQ(renew(set.client), Status4::stale_clientid) << "not yet";
    SetclientidResults wrong = set;
    wrong.confirm[0] ^= std::byte{1};
    EXPECT_EQ(confirm_client(wrong), Status4::stale_clientid);
    EXPECT_EQ(confirm_client(set), Status4::ok);
    EXPECT_EQ(confirm_client(set), Status4::ok) << "said again";
    EXPECT_EQ(renew(set.client), Status4::ok);
    EXPECT_EQ(renew(set.client + (1ull << 32u)), Status4::stale_clientid) << "of another run";
    EXPECT_EQ(renew(set.client + 100), Status4::stale_clientid) << "there never was";
    // RFC 7530 16.33.5: the same verifier changes the callback alone.
    EXPECT_EQ(set_client("one").client, set.client);
    EXPECT_EQ(renew(set.client), Status4::ok);
}

TEST_F(Nfs4Clients, WhoBeginsAnewHasNothing) {
    const std::uint64_t first = new_client("one", 1);
    const Opened opened = open_confirmed(first, "o", "hello", share_read, share_write);
    const auto second = set_client("one", 2);
    EXPECT_NE(second.client, first);
    EXPECT_EQ(text4(opened.file, opened.state()), "hello, world") << "until it is confirmed";
    EXPECT_EQ(confirm_client(second), Status4::ok);
    EXPECT_EQ(read4(opened.file, opened.state()).status, Status4::expired);
    EXPECT_EQ(renew(first), Status4::expired);
    EXPECT_EQ(server_->held().opens, 0u);
    EXPECT_EQ(open(opening(second.client, "o", 1, "hello", share_write)).results.status, Status4::ok);
}

TEST_F(Nfs4Clients, AnotherUserCannotTakeAnId) {
    rpc::CallOptions as_someone;
    as_someone.credentials = rpc::AuthSys{.uid = 7};
    (void)new_client("one");
    SetclientidArguments arguments;
    arguments.id = "one";
    const Saying saying = Saying().op(Op::setclientid, arguments);
    CompoundResults results;
    const CompoundArguments compound{"", 0, saying.count, saying.bytes};
    session::asio::co_spawn(
        lab.io(), keep(xdr::call<CompoundResults>(*client_, {program_number, 4, 1}, compound, as_someone), results),
        [](const std::exception_ptr&) {});
    lab.run_for(2s);
    EXPECT_EQ(results.status, Status4::clid_inuse);
}

TEST_F(Nfs4Clients, ClientsMax) {
    options.state.clients_max = 2;
    serve(FileRights::all);
    const std::uint64_t first = new_client("one");
    for (const std::string_view id : {"a", "b", "c"}) EXPECT_EQ(set_client(id).status, Status4::ok);
    EXPECT_EQ(server_->held().clients, 2u) << "who was not confirmed makes room";
    EXPECT_EQ(renew(first), Status4::ok);
    (void)open_confirmed(first, "o", "hello");
    const std::uint64_t second = new_client("two");
    const std::uint64_t third = new_client("three");
    EXPECT_EQ(renew(first), Status4::ok);
    EXPECT_EQ(renew(second), Status4::expired) << "and who has nothing";
    (void)open_confirmed(third, "o", "hello");
    EXPECT_EQ(set_client("four").status, Status4::resource);
    EXPECT_EQ(server_->held().clients, 2u);
}

// Among those that called longest ago so many are looked at: looked_at_max is 8.
TEST_F(Nfs4Clients, WhoHasNothingIsLookedForAmongFew) {
    options.state.clients_max = 9;
    serve(FileRights::all);
    for (int i = 0; i < 8; ++i) (void)open_confirmed(new_client("holder " + std::to_string(i)), "o", "hello");
    const std::uint64_t last = new_client("has nothing");
    EXPECT_EQ(set_client("another").status, Status4::resource);
    EXPECT_EQ(renew(last), Status4::ok);
}

// Behind a gateway each counts for himself.
TEST_F(Nfs4Clients, ClientsPerAddressMax) {
    options.state.clients_per_address_max = 2;
    serve(FileRights::all);
    (void)new_client("one");
    EXPECT_EQ(set_client("two").status, Status4::ok);
    EXPECT_EQ(set_client("three").status, Status4::resource);
    EXPECT_EQ(set_client("two").status, Status4::ok) << "it is there already";
    std::uint8_t next = 0;
    options.rpc.client_behind = [&next](const session::Address&) {
        return session::Address{Ipv4Address{192, 0, 2, ++next}, 700};
    };
    serve(FileRights::all);
    for (const std::string_view id : {"one", "two", "three"}) EXPECT_EQ(set_client(id).status, Status4::ok);
}

TEST_F(Nfs4Clients, LeasesEndInTheirTime) {
    const std::uint64_t client_id = new_client("one");
    const Opened opened = open_confirmed(client_id, "o", "hello");
    lab.run_for(80s);
    EXPECT_EQ(renew(client_id), Status4::ok);
    lab.run_for(80s);
    EXPECT_EQ(text4(opened.file, opened.state()), "hello, world") << "which renews it as well";
    lab.run_for(80s);
    EXPECT_EQ(server_->held().opens, 1u);
    lab.run_for(20s);
    EXPECT_EQ(server_->held().opens, 0u) << "nobody had to call";
    EXPECT_EQ(server_->held().clients, 0u);
    EXPECT_EQ(server_->held().owners, 0u);
    EXPECT_EQ(renew(client_id), Status4::expired);
    EXPECT_EQ(read4(opened.file, opened.state()).status, Status4::expired);
    EXPECT_EQ(open(opening(client_id, "o", 5, "hello")).results.status, Status4::expired);
}

TEST_F(Nfs4Opens, AnOwnerIsConfirmed) {
    const std::uint64_t client_id = new_client("one");
    const Opened opened = open(opening(client_id, "o", 7, "hello"));
    ASSERT_EQ(opened.results.status, Status4::ok);
    EXPECT_TRUE(opened.results.flags & OpenResults::confirm);
    EXPECT_EQ(read4(opened.file, opened.state()).status, Status4::bad_stateid) << "not yet";
    const auto confirmed = confirm(opened, 8);
    ASSERT_EQ(confirmed.status, Status4::ok);
    EXPECT_EQ(read4(opened.file, opened.state()).status, Status4::old_stateid);
    EXPECT_EQ(text4(opened.file, confirmed.state), "hello, world");
    Stateid later = confirmed.state;
    ++later.seqid;
    EXPECT_EQ(read4(opened.file, later).status, Status4::bad_stateid);
    EXPECT_EQ(read4(handle4("sub/deep/file"), confirmed.state).status, Status4::bad_stateid) << "of another file";
    const Opened other = open(opening(client_id, "o", 9, "sub"));
    EXPECT_EQ(other.results.status, Status4::isdir);
    EXPECT_EQ(open(opening(client_id, "o", 10, "link")).results.status, Status4::symlink);
    EXPECT_EQ(open(opening(client_id, "o", 11, "hello", 0)).results.status, Status4::inval);
    EXPECT_EQ(open(opening(client_id, "o", 12, "hello", 1, 4)).results.status, Status4::inval);
    EXPECT_EQ(close(opened.file, confirmed.state, 13).status, Status4::ok);
    EXPECT_EQ(read4(opened.file, confirmed.state).status, Status4::bad_stateid);
}

TEST_F(Nfs4Opens, WhoWasNotConfirmedBeginsAnew) {
    const std::uint64_t client_id = new_client("one");
    const Opened first = open(opening(client_id, "o", 7, "hello", share_read, share_write));
    const Opened second = open(opening(client_id, "o", 100, "hello", share_write));
    EXPECT_EQ(second.results.status, Status4::ok);
    EXPECT_EQ(server_->held().opens, 1u);
    EXPECT_EQ(confirm(first, 8).status, Status4::bad_stateid);
    EXPECT_EQ(confirm(second, 101).status, Status4::ok);
}

TEST_F(Nfs4Opens, FilesAreMadeInThreeWays) {
    const std::uint64_t client_id = new_client("one");
    const Opened made = open(creating(opening(client_id, "o", 1, "new"), Mode::guarded));
    ASSERT_EQ(made.results.status, Status4::ok);
    const Stateid state = confirm(made, 2).state;
    EXPECT_EQ(write4(made.file, state, 0, "text").count, 4u);
    EXPECT_EQ(open(creating(opening(client_id, "o", 3, "new"), Mode::guarded)).results.status, Status4::exist);
    const Opened again = open(creating(opening(client_id, "o", 4, "new"), Mode::unchecked));
    EXPECT_EQ(again.results.status, Status4::ok);
    EXPECT_EQ(again.results.state.other, state.other) << "one open of an owner";
    EXPECT_EQ(folder.read("new"), "text");
    test_bytes zero(8);
    OpenArguments cut = creating(opening(client_id, "o", 5, "new"), Mode::unchecked);
    cut.attributes = {mask_of({Attribute::size}), Bytes(zero)};
    const Opened empty = open(cut);
    EXPECT_EQ(empty.results.status, Status4::ok);
    EXPECT_TRUE(has(empty.results.set, Attribute::size));
    EXPECT_EQ(folder.read("new"), "");
    const Opened exclusive = open(creating(opening(client_id, "o", 6, "ex"), Mode::exclusive, 9));
    EXPECT_EQ(exclusive.results.status, Status4::ok);
    EXPECT_TRUE(has(exclusive.results.set, Attribute::time_modify_set));
    EXPECT_EQ(open(creating(opening(client_id, "o", 7, "ex"), Mode::exclusive, 9)).file, exclusive.file);
    EXPECT_EQ(open(creating(opening(client_id, "o", 8, "ex"), Mode::exclusive, 8)).results.status, Status4::exist);
    EXPECT_EQ(open(creating(opening(client_id, "o", 9, "sub"), Mode::unchecked)).results.status, Status4::isdir);
}

TEST_F(Nfs4Opens, SharesAreKept) {
    const std::uint64_t client_id = new_client("one"), other = new_client("two");
    const Opened first = open_confirmed(client_id, "o", "hello", share_read, share_write);
    EXPECT_EQ(open(opening(other, "p", 1, "hello", share_write)).results.status, Status4::share_denied);
    EXPECT_EQ(open(opening(other, "p", 2, "hello", share_read, share_read)).results.status, Status4::share_denied);
    EXPECT_EQ(open(opening(other, "p", 3, "hello", share_read)).results.status, Status4::ok);
    EXPECT_EQ(write4(first.file, first.state(), 0, "x").status, Status4::openmode);
    EXPECT_EQ(write4(first.file, {}, 0, "x").status, Status4::locked) << "nobody's stateid";
    EXPECT_EQ(text4(first.file), "hello, world");
    test_bytes zero(8);
    const SetattrArguments cut{{}, {mask_of({Attribute::size}), Bytes(zero)}};
    EXPECT_EQ(status_of(Saying().putfh(first.file).op(Op::setattr, cut)), Status4::locked);
    EXPECT_EQ(close(first.file, first.state(), 3).status, Status4::ok);
    EXPECT_EQ(write4(first.file, {}, 0, "H").status, Status4::ok);
}

TEST_F(Nfs4Opens, AllOnesReadWhatIsDenied) {
    const std::uint64_t client_id = new_client("one");
    const Opened opened = open_confirmed(client_id, "o", "hello", share_write, share_read);
    Stateid ones{~0u, {}};
    ones.other.fill(std::byte{0xff});
    EXPECT_EQ(read4(opened.file).status, Status4::locked);
    EXPECT_EQ(text4(opened.file, ones), "hello, world");
    EXPECT_EQ(text4(opened.file, opened.state()), "hello, world") << "who writes may read (9.1.6)";
}

TEST_F(Nfs4Opens, AreUpgradedAndDowngraded) {
    const std::uint64_t client_id = new_client("one");
    const Opened first = open_confirmed(client_id, "o", "hello", share_read);
    const Opened both = open(opening(client_id, "o", 3, "hello", share_write));
    EXPECT_EQ(both.results.state.other, first.state().other);
    EXPECT_EQ(both.results.state.seqid, first.state().seqid + 1);
    EXPECT_EQ(write4(both.file, both.state(), 0, "H").status, Status4::ok);
    EXPECT_EQ(text4(both.file, both.state()), "Hello, world");
    const auto downgrade = [&](const Stateid& state, std::uint32_t seqid, std::uint32_t access, std::uint32_t deny) {
        const OpenDowngradeArguments arguments{state, seqid, access, deny};
        Heard heard = say(Saying().putfh(both.file).op(Op::open_downgrade, arguments));
        (void)heard.next(Op::putfh);
        return heard.next<StateResults>(Op::open_downgrade);
    };
    EXPECT_EQ(downgrade(both.state(), 4, share_read, share_write).status, Status4::inval) << "never opened so";
    EXPECT_EQ(downgrade(both.state(), 5, 0, 0).status, Status4::inval);
    const auto less = downgrade(both.state(), 6, share_read, 0);
    ASSERT_EQ(less.status, Status4::ok);
    EXPECT_EQ(write4(both.file, less.state, 0, "x").status, Status4::openmode);
    EXPECT_EQ(downgrade(less.state, 7, share_both, 0).status, Status4::inval);
}

// A file that is open and then removed is read until it is closed; its handle is good as long.
TEST_F(Nfs4Opens, WhatIsRemovedStaysForWhoHasItOpen) {
    const std::uint64_t client_id = new_client("one");
    const Opened opened = open_confirmed(client_id, "o", "hello", share_both);
    EXPECT_EQ(status_of(Saying().root().op(Op::remove, NameArguments{"hello"})), Status4::ok);
    EXPECT_EQ(text4(opened.file, opened.state()), "hello, world");
    EXPECT_EQ(write4(opened.file, opened.state(), 0, "HELLO").count, 5u);
    EXPECT_EQ(attribute<std::uint32_t>(opened.file, Attribute::numlinks), 0u);
    EXPECT_EQ(close(opened.file, opened.state(), 3).status, Status4::ok);
    EXPECT_EQ(read4(opened.file).status, Status4::stale);
}

TEST_F(Nfs4Opens, OpensMax) {
    options.state.opens_max = 2;
    serve(FileRights::all);
    const std::uint64_t client_id = new_client("one");
    const Opened first = open_confirmed(client_id, "o", "hello");
    ASSERT_EQ(open(opening(client_id, "o", 3, "file"), "sub/deep").results.status, Status4::ok);
    EXPECT_EQ(open(creating(opening(client_id, "o", 4, "new"), Mode::guarded)).results.status, Status4::resource);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    EXPECT_EQ(server_->held().opens, 2u);
    EXPECT_EQ(close(first.file, first.state(), 4).status, Status4::ok) << "RESOURCE is no request (9.1.7)";
    EXPECT_EQ(open(creating(opening(client_id, "o", 5, "new"), Mode::guarded)).results.status, Status4::ok);
}

// A client alone does not keep the others from opening.
TEST_F(Nfs4Opens, OpensPerClientMax) {
    options.state.opens_per_client_max = 1;
    serve(FileRights::all);
    const std::uint64_t one = new_client("one"), two = new_client("two");
    const Opened first = open_confirmed(one, "o", "hello");
    EXPECT_EQ(open(opening(one, "o", 3, "file"), "sub/deep").results.status, Status4::resource);
    EXPECT_EQ(open(opening(two, "o", 1, "hello")).results.status, Status4::ok);
    EXPECT_EQ(close(first.file, first.state(), 3).status, Status4::ok);
    EXPECT_EQ(open(opening(one, "o", 4, "file"), "sub/deep").results.status, Status4::ok);
}

// Whose owners have nothing keeps nobody out: neither others' owners, nor other clients.
TEST_F(Nfs4Opens, OwnersAndClientsWithoutAnythingMakeRoomForOthers) {
    options.state.owners_max = 2;
    options.state.clients_max = 2;
    serve(FileRights::all);
    const std::uint64_t idle = new_client("idle"), busy = new_client("busy");
    for (const std::string_view owner : {"a", "b"}) {
        const Opened opened = open_confirmed(idle, owner, "hello");
        EXPECT_EQ(close(opened.file, opened.state(), 3).status, Status4::ok);
    }
    EXPECT_EQ(server_->held().owners, 2u);
    const Opened stays = open_confirmed(busy, "c", "hello");
    EXPECT_EQ(server_->held().owners, 2u) << "one of the other client's went";
    const std::uint64_t third = new_client("third");
    EXPECT_EQ(renew(idle), Status4::expired);
    EXPECT_EQ(server_->held().owners, 1u);
    EXPECT_EQ(text4(stays.file, stays.state()), "hello, world");
    EXPECT_EQ(open(opening(third, "d", 1, "hello")).results.status, Status4::ok);
}

// NFS4_OPAQUE_LIMIT, opaque_max: 1,024 bytes of a client's id, and of an owner's.
TEST_F(Nfs4Opens, NamesOfClientsAndOwnersHaveTheirBound) {
    const std::string longest(opaque_max, 'i'), too_long(opaque_max + 1, 'i');
    const std::uint64_t client_id = new_client(longest);
    EXPECT_EQ(open(opening(client_id, longest, 1, "hello")).results.status, Status4::ok);
    EXPECT_TRUE(xdr::decode<OwnerName>(xdr::encode(xdr::Text<>(longest), 2000).value()));
    EXPECT_FALSE(xdr::decode<OwnerName>(xdr::encode(xdr::Text<>(too_long), 2000).value()));
}

TEST_F(Nfs4Opens, OwnersMax) {
    options.state.owners_max = 3;
    options.state.owners_per_client_max = 2;
    serve(FileRights::all);
    const std::uint64_t client_id = new_client("one"), other = new_client("two"), third = new_client("three");
    const Opened first = open_confirmed(client_id, "a", "hello");
    const Opened second = open_confirmed(client_id, "b", "hello");
    EXPECT_EQ(open(opening(client_id, "c", 1, "hello")).results.status, Status4::resource);
    EXPECT_EQ(open(opening(other, "d", 1, "hello")).results.status, Status4::ok);
    EXPECT_EQ(open(opening(third, "e", 1, "hello")).results.status, Status4::resource) << "owners_max";
    EXPECT_EQ(server_->held().owners, 3u);
    EXPECT_EQ(close(first.file, first.state(), 3).status, Status4::ok);
    EXPECT_EQ(open(opening(client_id, "c", 1, "hello")).results.status, Status4::ok) << "who has nothing makes room";
    EXPECT_EQ(server_->held().owners, 3u);
    EXPECT_EQ(close(second.file, second.state(), 3).status, Status4::ok);
}

TEST_F(Nfs4Turns, WhatIsRepeatedIsAnsweredAsTheFirstTime) {
    const std::uint64_t client_id = new_client("one");
    const OpenArguments creation = creating(opening(client_id, "o", 1, "new"), Mode::guarded);
    const Opened made = open(creation);
    ASSERT_EQ(made.results.status, Status4::ok);
    const Opened repeated = open(creation);
    EXPECT_EQ(repeated.results.status, Status4::ok) << "not EXIST";
    EXPECT_EQ(repeated.results.state, made.results.state);
    EXPECT_EQ(repeated.file, made.file) << "and the current filehandle is the same";
    const auto confirmed = confirm(made, 2);
    EXPECT_EQ(confirm(made, 2).state, confirmed.state);
    EXPECT_EQ(confirm({{.state = made.state()}, handle4("hello")}, 3).status, Status4::bad_stateid);
    EXPECT_EQ(confirm(made, 2).state, confirmed.state) << "what was no request changes nothing";
    EXPECT_EQ(close(made.file, confirmed.state, 2).status, Status4::bad_seqid) << "it is another request";
    EXPECT_EQ(close(made.file, confirmed.state, 4).status, Status4::bad_seqid);
    const auto closed = close(made.file, confirmed.state, 3);
    EXPECT_EQ(closed.status, Status4::ok);
    EXPECT_EQ(close(made.file, confirmed.state, 3).state, closed.state) << "though it is closed";
    EXPECT_EQ(close(made.file, confirmed.state, 4).status, Status4::bad_stateid);
    EXPECT_EQ(open(opening(client_id, "o", 4, "none")).results.status, Status4::noent) << "BAD_STATEID is no request";
    EXPECT_EQ(open(opening(client_id, "o", 4, "none")).results.status, Status4::noent);
    EXPECT_EQ(open(opening(client_id, "o", 5, "hello")).results.status, Status4::ok);
    EXPECT_EQ(close(made.file, confirmed.state, 3).status, Status4::bad_stateid) << "it is kept until the next";
}

TEST_F(Nfs4Turns, OthersClaimsAreRefused) {
    const std::uint64_t client_id = new_client("one");
    OpenArguments arguments = opening(client_id, "o", 1, "hello");
    arguments.claim = OpenArguments::Claim::delegate_cur;
    EXPECT_EQ(open(arguments).results.status, Status4::bad_stateid);
    arguments.claim = OpenArguments::Claim::delegate_prev;
    EXPECT_EQ(open(arguments).results.status, Status4::notsupp);
    arguments.seqid = 2;
    arguments.claim = OpenArguments::Claim::previous;
    EXPECT_EQ(open(arguments).results.status, Status4::no_grace);
    EXPECT_EQ(status_of(Saying().op(Op::delegpurge, ClientArguments{client_id})), Status4::notsupp);
    EXPECT_EQ(status_of(Saying().root().op(Op::delegreturn, StateArguments{})), Status4::bad_stateid);
}

TEST_F(Nfs4Data, IsReadAndWritten) {
    const std::uint64_t client_id = new_client("one");
    const Opened made = open(creating(opening(client_id, "o", 1, "big"), Mode::guarded));
    const Stateid state = confirm(made, 2).state;
    std::string text(1 << 20, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 / 3);
    EXPECT_EQ(write4(made.file, state, 0, text, WriteArguments::Stable::file_sync).count, text.size());
    EXPECT_EQ(folder.read("big"), text);
    const auto whole = read4(made.file, state, 0, 1 << 20);
    EXPECT_EQ(text_of(whole.data), text);
    EXPECT_TRUE(whole.end_of_file);
    // Not the last of its compound.
    Heard heard = say(Saying().putfh(made.file).op(Op::read, ReadArguments{state, 1, 5}).op(Op::getfh));
    (void)heard.next(Op::putfh);
    EXPECT_EQ(text_of(heard.next<ReadResults>(Op::read).data), std::string_view(text).substr(1, 5));
    EXPECT_EQ(heard.next<GetfhResults>(Op::getfh).object, made.file);
    EXPECT_TRUE(read4(made.file, state, ~0ull, 5).end_of_file);
    EXPECT_EQ(write4(made.file, state, ~0ull, "x").status, Status4::fbig);
    EXPECT_EQ(read4(handle4("sub")).status, Status4::isdir);
    EXPECT_EQ(read4(handle4("link")).status, Status4::inval);
    EXPECT_EQ(status_of(Saying().putfh(made.file).op(Op::commit, CommitArguments{0, 0})), Status4::ok);
    EXPECT_EQ(status_of(Saying().putfh(made.file).op(Op::commit, CommitArguments{~0ull, 5})), Status4::inval);
    EXPECT_EQ(status_of(Saying().root().op(Op::commit, CommitArguments{0, 0})), Status4::isdir);
}

}  // namespace
}  // namespace strata::application::nfs::v4
