// NFS version 4: locks (RFC 7530 9.2 to 9.5, 16.10 to 16.12, 16.37),
// and what is had again after a restart (9.6).
#include "strata/7_application/nfs/v4/state/ranges.hpp"

#include <fstream>

#include "tests/7_application/nfs/v4_bench.hpp"

namespace strata::application::nfs::v4 {
namespace {

using Nfs4Locks = Nfs4Served;
using Nfs4Grace = Nfs4Served;
constexpr std::uint64_t to_the_end = Span::to_the_end;

std::string shown(const std::vector<LockRanges::Range>& ranges) {
    std::vector<std::string> texts;
    for (const auto& range : ranges) {
        const std::string last = range.span.last == to_the_end ? "end" : std::to_string(range.span.last);
        texts.push_back(std::to_string(range.span.first) + "-" + last + (range.write ? "w" : "r"));
    }
    std::ranges::sort(texts);
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
}

TEST(Nfs4Ranges, MergeSplitAndChangeTheirKind) {
    const Owner owner, other;
    LockRanges ranges;
    const auto set = [&](std::uint64_t first, std::uint64_t last, bool write) {
        ranges.set(ranges.with({&owner, 1, {first, last}, write}));
        return shown(ranges.all());
    };
    const auto clear = [&](std::uint64_t first, std::uint64_t last) {
        ranges.set(ranges.without(&owner, {first, last}));
        return shown(ranges.all());
    };
    EXPECT_EQ(set(10, 19, true), "10-19w");
    EXPECT_EQ(set(20, 29, true), "10-29w") << "what touches is one";
    EXPECT_EQ(set(0, 9, true), "0-29w");
    EXPECT_EQ(set(5, 7, false), "0-4w 5-7r 8-29w") << "downgraded in the midst of it";
    EXPECT_EQ(set(5, 7, true), "0-29w") << "and upgraded";
    EXPECT_EQ(clear(10, 19), "0-9w 20-29w");
    EXPECT_EQ(set(25, to_the_end, false), "0-9w 20-24w 25-endr");
    EXPECT_EQ(clear(30, 39), "0-9w 20-24w 25-29r 40-endr");
    EXPECT_EQ(set(0, to_the_end, true), "0-endw");
    EXPECT_EQ(clear(0, 0), "1-endw");
    EXPECT_EQ(clear(to_the_end, to_the_end), "1-18446744073709551614w");
    EXPECT_EQ(ranges.conflict(&owner, {0, to_the_end}, true), nullptr) << "one's own is in nobody's way";
    EXPECT_NE(ranges.conflict(&other, {5, 5}, false), nullptr);
    EXPECT_EQ(ranges.conflict(&other, {0, 0}, true), nullptr);
    EXPECT_EQ(clear(0, to_the_end), "");
    EXPECT_FALSE(Span::of(5, 0) || Span::of(5, to_the_end - 3)) << "of no length, and beyond all";
    EXPECT_EQ(Span::of(5, to_the_end)->last, to_the_end);
    EXPECT_EQ(Span::of(5, to_the_end - 5)->last, to_the_end - 1);
}

TEST_F(Nfs4Locks, AreInTheWayOfOthers) {
    const std::uint64_t one = new_client("one"), two = new_client("two");
    const Opened first = open_confirmed(one, "o", "hello", share_both);
    const Opened second = open_confirmed(two, "p", "hello", share_both);
    const auto locked = lock(first, 3, {one, "l"}, 0, 10);
    ASSERT_EQ(locked.status, Status4::ok);
    const auto denied = lock(second, 3, {two, "m"}, 5, 1);
    EXPECT_EQ(denied.status, Status4::denied);
    EXPECT_TRUE(denied.denied.offset == 0 && denied.denied.length == 10 && denied.denied.type == LockType::write);
    EXPECT_TRUE(denied.denied.owner.client == one && denied.denied.owner.owner == "l");
    const auto other = lock(second, 4, {two, "m"}, 10, to_the_end, LockType::read_waiting);
    ASSERT_EQ(other.status, Status4::ok);
    EXPECT_EQ(test_lock(first.file, {one, "l"}, 0, 10).status, Status4::ok);
    const auto tested = test_lock(first.file, {one, "l"}, 0, 100);
    EXPECT_EQ(tested.status, Status4::denied);
    EXPECT_EQ(tested.denied.length, to_the_end);
    EXPECT_EQ(test_lock(first.file, {one, "l"}, 50, 1, LockType::read).status, Status4::ok);
    EXPECT_EQ(test_lock(first.file, {one, "unknown"}, 5, 1).status, Status4::denied);
    const auto more = lock_more(first.file, locked.state, 2, 50, 5, LockType::read);
    ASSERT_EQ(more.status, Status4::ok);
    EXPECT_EQ(more.state.seqid, locked.state.seqid + 1);
    EXPECT_EQ(lock_more(first.file, more.state, 3, 50, 5).status, Status4::denied);
    const auto freed = unlock(first.file, more.state, 4, 0, 5);
    ASSERT_EQ(freed.status, Status4::ok);
    EXPECT_EQ(lock_more(second.file, other.state, 2, 0, 5).status, Status4::ok);
    EXPECT_EQ(lock_more(second.file, other.state, 3, 5, 1).status, Status4::old_stateid);
    EXPECT_EQ(text4(first.file, freed.state), "hello, world") << "through a lock's stateid";
}

TEST_F(Nfs4Locks, HaveTheirErrors) {
    const std::uint64_t one = new_client("one");
    const Opened opened = open_confirmed(one, "o", "hello", share_read);
    EXPECT_EQ(lock(opened, 3, {one, "l"}, 0, 10).status, Status4::openmode);
    EXPECT_EQ(lock(opened, 4, {one, "l"}, 0, 0, LockType::read).status, Status4::inval);
    EXPECT_EQ(lock(opened, 5, {one, "l"}, 10, to_the_end - 5, LockType::read).status, Status4::inval);
    EXPECT_EQ(lock(opened, 6, {one + 50, "l"}, 0, 1, LockType::read).status, Status4::stale_clientid);
    EXPECT_EQ(lock(opened, 6, {one, "l"}, 0, 1, LockType::read, true).status, Status4::no_grace);
    const auto locked = lock(opened, 7, {one, "l"}, 0, 1, LockType::read);
    ASSERT_EQ(locked.status, Status4::ok);
    EXPECT_EQ(lock(opened, 7, {one, "l"}, 0, 1, LockType::read).state, locked.state) << "repeated";
    EXPECT_EQ(lock_more(opened.file, opened.state(), 2, 0, 1, LockType::read).status, Status4::bad_stateid);
    EXPECT_EQ(lock_more(opened.file, locked.state, 5, 0, 1, LockType::read).status, Status4::bad_seqid);
    EXPECT_EQ(test_lock(handle4("sub"), {one, "l"}, 0, 1).status, Status4::isdir);
    EXPECT_EQ(test_lock(opened.file, {one, "l"}, 0, 0).status, Status4::inval);
    EXPECT_EQ(unlock(opened.file, locked.state, 2, 0, 0).status, Status4::inval);
    const auto release = [&](std::string_view owner) {
        return status_of(Saying().op(Op::release_lockowner, ReleaseLockownerArguments{{one, owner}}));
    };
    EXPECT_EQ(release("l"), Status4::locks_held);
    EXPECT_EQ(release("unknown"), Status4::ok);
    const auto freed = unlock(opened.file, locked.state, 3, 0, to_the_end);
    EXPECT_EQ(freed.status, Status4::ok);
    EXPECT_EQ(unlock(opened.file, locked.state, 3, 0, to_the_end).state, freed.state) << "repeated";
    EXPECT_EQ(release("l"), Status4::ok);
    EXPECT_EQ(lock_more(opened.file, freed.state, 4, 0, 1, LockType::read).status, Status4::bad_stateid);
    EXPECT_EQ(server_->held().locks, 0u);
}

TEST_F(Nfs4Locks, GoWithTheirOpenAndWithTheirLease) {
    const std::uint64_t one = new_client("one"), two = new_client("two");
    const Opened first = open_confirmed(one, "o", "hello", share_both);
    ASSERT_EQ(lock(first, 3, {one, "l"}, 0, to_the_end).status, Status4::ok);
    EXPECT_EQ(close(first.file, first.state(), 4).status, Status4::ok);
    EXPECT_EQ(server_->held().locks, 0u);
    const Opened again = open(opening(one, "o", 5, "hello", share_both));
    ASSERT_EQ(lock(again, 6, {one, "l"}, 0, to_the_end).status, Status4::ok);
    const Opened second = open_confirmed(two, "p", "hello", share_both);
    EXPECT_EQ(lock(second, 3, {two, "m"}, 0, 1).status, Status4::denied);
    lab.run_for(50s);
    EXPECT_EQ(renew(two), Status4::ok);
    lab.run_for(50s);
    EXPECT_EQ(lock(second, 4, {two, "m"}, 0, 1).status, Status4::ok) << "one was silent";
    EXPECT_EQ(lock(again, 7, {one, "l"}, 0, 1).status, Status4::expired);
}

// A lock and the state that it is of count both; what would split a range needs room as well.
TEST_F(Nfs4Locks, LocksMax) {
    options.state.locks_max = 3;
    serve(FileRights::all);
    const std::uint64_t one = new_client("one");
    const Opened opened = open_confirmed(one, "o", "hello", share_both);
    const auto locked = lock(opened, 3, {one, "l"}, 0, 10);
    ASSERT_EQ(locked.status, Status4::ok);
    const auto more = lock_more(opened.file, locked.state, 2, 20, 10);
    ASSERT_EQ(more.status, Status4::ok);
    EXPECT_EQ(server_->held().locks, 3u);
    EXPECT_EQ(lock_more(opened.file, more.state, 3, 40, 1).status, Status4::resource);
    EXPECT_EQ(unlock(opened.file, more.state, 3, 5, 1).status, Status4::resource);
    EXPECT_EQ(lock(opened, 4, {one, "other"}, 50, 1).status, Status4::resource);
    EXPECT_EQ(server_->held().locks, 3u);
    EXPECT_EQ(unlock(opened.file, more.state, 3, 0, 10).status, Status4::ok);
    EXPECT_EQ(server_->held().locks, 2u);
}

// A client alone does not keep the others from locking.
TEST_F(Nfs4Locks, LocksPerClientMax) {
    options.state.locks_per_client_max = 2;
    serve(FileRights::all);
    const std::uint64_t one = new_client("one"), two = new_client("two");
    const Opened opened = open_confirmed(one, "o", "hello", share_both);
    const Opened other = open_confirmed(two, "o", "hello", share_both);
    const auto locked = lock(opened, 3, {one, "l"}, 0, 10);
    ASSERT_EQ(locked.status, Status4::ok);
    EXPECT_EQ(lock_more(opened.file, locked.state, 2, 20, 10).status, Status4::resource);
    EXPECT_EQ(lock(other, 3, {two, "l"}, 50, 1).status, Status4::ok);
    EXPECT_EQ(unlock(opened.file, locked.state, 2, 0, 10).status, Status4::ok);
    EXPECT_EQ(server_->held().locks, 3u);
}

// Each lock looks through those of its file.
TEST_F(Nfs4Locks, LocksPerFileMax) {
    options.state.locks_per_file_max = 1;
    serve(FileRights::all);
    const std::uint64_t one = new_client("one");
    const Opened opened = open_confirmed(one, "o", "hello", share_both);
    const auto locked = lock(opened, 3, {one, "l"}, 0, 10);
    ASSERT_EQ(locked.status, Status4::ok);
    EXPECT_EQ(lock_more(opened.file, locked.state, 2, 20, 10).status, Status4::resource);
    EXPECT_EQ(lock_more(opened.file, locked.state, 2, 10, 10).status, Status4::ok) << "which makes one of two";
    EXPECT_EQ(server_->held().locks, 2u);
}

TEST_F(Nfs4Grace, WhatWasOpenIsHadAgainAfterARestart) {
    const test::TemporaryFolder beside;
    options.state.lease_file = beside.path() / "leases";
    serve(FileRights::all);
    const std::uint64_t one = new_client("one"), two = new_client("two");
    const Opened opened = open_confirmed(one, "o", "hello", share_both);
    EXPECT_EQ(lock(opened, 3, {one, "l"}, 0, 10).status, Status4::ok);
    serve(FileRights::all);
    EXPECT_EQ(renew(one), Status4::stale_clientid);
    EXPECT_EQ(read4(opened.file, opened.state()).status, Status4::stale_stateid);
    const std::uint64_t one_again = new_client("one", 2), two_again = new_client("two", 2);
    EXPECT_NE(one_again, one);
    EXPECT_NE(two_again, two);
    EXPECT_EQ(open(opening(two_again, "p", 1, "hello", share_both)).results.status, Status4::grace);
    EXPECT_EQ(read4(opened.file).status, Status4::grace);
    OpenArguments previous = opening(one_again, "o", 1, "", share_both);
    previous.claim = OpenArguments::Claim::previous;
    Heard heard = say(Saying().putfh(opened.file).op(Op::open, previous));
    (void)heard.next(Op::putfh);
    const auto reclaimed = heard.next<OpenResults>(Op::open);
    ASSERT_EQ(reclaimed.status, Status4::ok);
    EXPECT_EQ(reclaimed.flags & OpenResults::confirm, 0u);
    const Opened again{reclaimed, opened.file};
    EXPECT_EQ(lock(again, 2, {one_again, "l"}, 0, 10).status, Status4::grace);
    EXPECT_EQ(lock(again, 3, {one_again, "l"}, 0, 10, LockType::write, true).status, Status4::ok);
    EXPECT_EQ(text4(opened.file, reclaimed.state), "hello, world");
    OpenArguments of_two = previous;
    of_two.owner = {two_again, "p"};
    of_two.seqid = 2;
    EXPECT_EQ(status_of(Saying().putfh(opened.file).op(Op::open, of_two)), Status4::reclaim_bad) << "it had nothing";
    lab.run_for(60s);
    EXPECT_EQ(renew(one_again), Status4::ok);
    EXPECT_EQ(renew(two_again), Status4::ok);
    lab.run_for(40s);
    EXPECT_EQ(open(opening(two_again, "p", 3, "hello", share_both)).results.status, Status4::ok) << "the grace is over";
    previous.seqid = 4;
    EXPECT_EQ(status_of(Saying().putfh(opened.file).op(Op::open, previous)), Status4::no_grace);
}

// Who does not come while there is time is struck out: others may
// have what he had, by the next restart.
TEST_F(Nfs4Grace, WhoDoesNotComeIsStruckOut) {
    const test::TemporaryFolder beside;
    options.state.lease_file = beside.path() / "leases";
    serve(FileRights::all);
    (void)open_confirmed(new_client("one"), "o", "hello");
    EXPECT_EQ(read_records(options.state.lease_file, 10), (std::unordered_set<std::string>{"one"}));
    serve(FileRights::all);
    EXPECT_EQ(open(opening(new_client("two"), "o", 1, "hello")).results.status, Status4::grace);
    EXPECT_EQ(read_records(options.state.lease_file, 10).size(), 1u) << "a restart in between loses nobody";
    lab.run_for(95s);
    EXPECT_EQ(open(opening(new_client("two"), "o", 1, "hello")).results.status, Status4::ok);
    EXPECT_EQ(read_records(options.state.lease_file, 10), (std::unordered_set<std::string>{"two"}));
    lab.run_for(95s);
    EXPECT_EQ(read_records(options.state.lease_file, 10).size(), 0u) << "whose lease has ended, and nobody had to call";
    serve(FileRights::all);
    EXPECT_EQ(open(opening(new_client("three"), "o", 1, "hello")).results.status, Status4::ok) << "no grace for nobody";
    serve(FileRights::all);
    lab.run_for(95s);
    EXPECT_EQ(read_records(options.state.lease_file, 10).size(), 0u) << "whoever does not come, also when nobody does";
}

TEST_F(Nfs4Grace, WithoutTheFileThereIsNone) {
    (void)open_confirmed(new_client("one"), "o", "hello");
    serve(FileRights::all);
    EXPECT_EQ(open(opening(new_client("one", 2), "o", 1, "hello")).results.status, Status4::ok);
}

TEST(Nfs4Records, WhatIsNoSuchFileHasNobodyInIt) {
    const test::TemporaryFolder beside;
    const std::string path = beside.path() / "leases";
    EXPECT_TRUE(read_records(path, 10).empty());
    ASSERT_FALSE(write_records(path, {"a", "bc", std::string("\0\n", 2)}));
    EXPECT_EQ(read_records(path, 3), (std::unordered_set<std::string>{"a", "bc", std::string("\0\n", 2)}));
    EXPECT_TRUE(read_records(path, 2).empty()) << "ids_max: nobody wrote so many";
    const std::string first = "strata nfs4 leases 1\n";
    for (const std::string& text : {first + "6", first + "6\n", first + "6x\n", first + "\n", std::string("x\n61\n"),
                                    first + std::string(2050, '6') + "\n"}) {
        beside.write("leases", text);
        EXPECT_TRUE(read_records(path, 10).empty()) << text;
    }
    beside.write("leases", first + "61\n");
    EXPECT_EQ(read_records(path, 10).size(), 1u);
    EXPECT_TRUE(write_records(beside.path() / "none" / "leases", {"a"}));
    Records records(path, 1, Instant{}, 90s);
    EXPECT_TRUE(records.is_grace(Instant{} + 89s));
    records.add("beyond");
    EXPECT_FALSE(records.take_changes().has_value());
    EXPECT_FALSE(records.is_grace(Instant{} + 90s));
    EXPECT_TRUE(records.take_changes()->empty());
}

}  // namespace
}  // namespace strata::application::nfs::v4
