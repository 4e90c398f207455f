// NFS version 3: names, attributes, and what is made, renamed and removed (RFC 1813 3.3.1 to 3.3.5,
// 3.3.8 to 3.3.15).
#include <sys/sysmacros.h>

#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {
namespace {

using How = v3::CreateArguments::How;
using NfsNames = NfsServed;

TEST_F(NfsNames, AFilesAttributesAreThoseOfTheDisk) {
    struct stat found{};
    ASSERT_EQ(::stat((folder.path() / "hello").c_str(), &found), 0);
    const auto said = getattr(handle_of("hello"));
    ASSERT_EQ(said.status, Status::ok);
    EXPECT_EQ(said.attributes.type, FileType::file);
    EXPECT_EQ(said.attributes.size, 12u);
    EXPECT_EQ(said.attributes.mode, found.st_mode & 07777u);
    EXPECT_EQ(said.attributes.fileid, found.st_ino);
    EXPECT_EQ(said.attributes.nlink, 1u);
    EXPECT_EQ(said.attributes.mtime.seconds, static_cast<std::uint32_t>(found.st_mtim.tv_sec));
    EXPECT_EQ(said.attributes.mtime.nanoseconds, static_cast<std::uint32_t>(found.st_mtim.tv_nsec));
    EXPECT_EQ(getattr(top()).attributes.type, FileType::folder);
    EXPECT_EQ(getattr(handle_of("link")).attributes.type, FileType::link) << "itself: nothing is followed";
}

TEST_F(NfsNames, LookupGoesDownAndUpAndNeverOut) {
    const Handle root_handle = top();
    const auto found = lookup(root_handle, "sub");
    ASSERT_EQ(found.status, Status::ok);
    EXPECT_EQ(found.attributes->type, FileType::folder);
    EXPECT_EQ(found.folder, getattr(root_handle).attributes);
    EXPECT_EQ(lookup(found.object, "..").object, root_handle);
    EXPECT_EQ(lookup(found.object, ".").object, found.object);
    EXPECT_EQ(lookup(root_handle, "..").object, root_handle) << "at the root itself";
    EXPECT_EQ(lookup(root_handle, "nothing").status, Status::noent);
    EXPECT_TRUE(lookup(root_handle, "nothing").folder.has_value());
    EXPECT_EQ(lookup(handle_of("hello"), "x").status, Status::notdir);
    EXPECT_EQ(lookup(handle_of("link"), "x").status, Status::notdir);
}

TEST_F(NfsNames, HostileNamesLeadNowhere) {
    folder.write(".secret", "s");
    const Handle in = top();
    EXPECT_EQ(lookup(in, "").status, Status::acces);
    EXPECT_EQ(lookup(in, "../etc").status, Status::inval);
    EXPECT_EQ(lookup(in, "/etc").status, Status::inval);
    EXPECT_EQ(lookup(in, "sub/deep").status, Status::inval);
    EXPECT_EQ(lookup(in, std::string_view("hello\0", 6)).status, Status::inval);
    EXPECT_EQ(lookup(in, std::string(256, 'n')).status, Status::nametoolong);
    EXPECT_EQ(lookup(in, std::string(255, 'n')).status, Status::noent);
    EXPECT_EQ(lookup(in, ".secret").status, Status::noent) << "hidden";
    for (const std::string_view name : {"", "a/b", ".", "..", ".new"}) {
        EXPECT_NE(create(in, name).status, Status::ok) << name;
        EXPECT_NE(remove(in, name).status, Status::ok) << name;
        EXPECT_NE(rmdir(in, name).status, Status::ok) << name;
        EXPECT_NE(rename(in, "hello", in, name).status, Status::ok) << name;
        EXPECT_NE(rename(in, name, in, "new").status, Status::ok) << name;
    }
    EXPECT_EQ(create(in, "..").status, Status::exist);
    EXPECT_EQ(rmdir(in, ".").status, Status::inval);
    EXPECT_EQ(rmdir(in, "..").status, Status::exist);
    EXPECT_EQ(rename(in, ".", in, "new").status, Status::inval);
    EXPECT_EQ(folder.read("hello"), "hello, world");
}

// A client's kernel renames what is removed while it is open there; version 3 knows no open files.
TEST_F(NfsNames, OfFilesThatAreRemovedWhileTheyAreOpenAreShown) {
    const Handle in = top(), file = handle_of("hello");
    for (const std::string_view name : {".nfs", ".nfs12x", ".nfsdata", ".NFS12", ".nfs-1"})
        EXPECT_NE(rename(in, "hello", in, name).status, Status::ok) << name;
    for (const std::string_view name : {".nfs00000000004a0e3f00000001", ".nfs.20051007.0a1b"}) {
        EXPECT_EQ(rename(in, "hello", in, name).status, Status::ok) << name;
        EXPECT_EQ(lookup(in, name).object, file);
        EXPECT_EQ(text_at(file), "hello, world");
        EXPECT_EQ(rename(in, name, in, "hello").status, Status::ok);
    }
    EXPECT_EQ(rename(in, "hello", in, ".nfs01").status, Status::ok);
    EXPECT_EQ(remove(in, ".nfs01").status, Status::ok);
    EXPECT_FALSE(exists(folder.path() / ".nfs01"));
}

TEST_F(NfsNames, ALinkIsText) {
    const auto read_link = nfs<v3::ReadlinkResults>(Procedure::readlink, v3::OfOne{handle_of("link")});
    EXPECT_EQ(read_link.status, Status::ok);
    EXPECT_EQ(read_link.text, "/etc/passwd");
    EXPECT_EQ(nfs<v3::ReadlinkResults>(Procedure::readlink, v3::OfOne{handle_of("hello")}).status, Status::inval);
    EXPECT_EQ(read(handle_of("link"), 0, 10).status, Status::inval) << "not what it leads to";
    const auto made = nfs<v3::CreateResults>(Procedure::symlink, v3::SymlinkArguments{{top(), "new"}, {}, "../../x"});
    ASSERT_EQ(made.status, Status::ok);
    EXPECT_EQ(made.attributes->type, FileType::link);
    EXPECT_EQ(std::filesystem::read_symlink(folder.path() / "new"), "../../x");
    for (const std::string& text : {std::string(), std::string("a\0b", 3)})
        EXPECT_EQ(
            nfs<v3::CreateResults>(Procedure::symlink, v3::SymlinkArguments{{top(), "no"}, {}, std::string_view(text)})
                .status,
            Status::inval);
    const std::string long_text(4096, 'x');
    const v3::SymlinkArguments too_long{{top(), "no"}, {}, std::string_view(long_text)};
    EXPECT_EQ(nfs<v3::CreateResults>(Procedure::symlink, too_long).status, Status::nametoolong);
}

TEST_F(NfsNames, AccessIsWhatTheRootsRightsAllow) {
    const auto granted = [&](const Handle& to) {
        return nfs<v3::AccessResults>(Procedure::access, v3::AccessArguments{to, 63}).granted;
    };
    EXPECT_EQ(granted(top()), 1u | 2u | 4u | 8u | 16u);
    EXPECT_EQ(granted(handle_of("hello")), 1u | 4u | 8u);
    EXPECT_EQ(nfs<v3::AccessResults>(Procedure::access, v3::AccessArguments{top(), 1}).granted, 1u);
    serve(FileRights::read);
    EXPECT_EQ(granted(top()), 1u | 2u);
    EXPECT_EQ(granted(handle_of("hello")), 1u);
    serve(FileRights::add);
    EXPECT_EQ(granted(top()), 1u | 2u | 4u | 8u | 16u) << "Linux makes nothing without all of them";
    EXPECT_EQ(granted(handle_of("hello")), 1u);
}

TEST_F(NfsNames, CreatingKnowsThreeWays) {
    const Handle in = top();
    NewAttributes attributes;
    attributes.mode = 0640;
    const auto made = create(in, "new", How::guarded, attributes);
    ASSERT_EQ(made.status, Status::ok);
    EXPECT_EQ(made.attributes->mode, 0640u);
    EXPECT_TRUE(made.folder.before.has_value() && made.folder.after.has_value());
    EXPECT_EQ(getattr(*made.object).status, Status::ok);
    EXPECT_EQ(create(in, "new", How::guarded).status, Status::exist);
    EXPECT_EQ(create(in, "new", How::unchecked).object, made.object);
    EXPECT_EQ(create(in, "sub", How::unchecked).status, Status::exist);
    NewAttributes emptied;
    emptied.size = 0;
    EXPECT_EQ(create(in, "hello", How::unchecked, emptied).attributes->size, 0u);
    attributes.mode = 04777;
    EXPECT_EQ(create(in, "bits", How::guarded, attributes).attributes->mode, 0777u) << "nobody runs as who serves";
}

TEST_F(NfsNames, ExclusiveCreationMayBeRepeated) {
    const v3::Verifier mine{std::byte{200}, std::byte{1}, {}, {}, std::byte{3}}, others{std::byte{9}};
    const auto made = create(top(), "new", How::exclusive, {}, mine);
    ASSERT_EQ(made.status, Status::ok);
    serve(FileRights::all);
    EXPECT_EQ(create(top(), "new", How::exclusive, {}, mine).object, made.object) << "also after a restart";
    EXPECT_EQ(create(top(), "new", How::exclusive, {}, others).status, Status::exist);
    write(*made.object, 0, "x");
    EXPECT_EQ(create(top(), "new", How::exclusive, {}, mine).status, Status::exist);
}

TEST_F(NfsNames, FoldersAreMadeAndRemoved) {
    NewAttributes attributes;
    attributes.mode = 0700;
    const auto made = nfs<v3::CreateResults>(Procedure::mkdir, v3::MkdirArguments{{top(), "made"}, attributes});
    ASSERT_EQ(made.status, Status::ok);
    EXPECT_EQ(made.attributes->mode, 0700u);
    EXPECT_EQ(nfs<v3::CreateResults>(Procedure::mkdir, v3::MkdirArguments{{top(), "made"}, {}}).status, Status::exist);
    EXPECT_EQ(remove(top(), "made").status, Status::isdir);
    EXPECT_EQ(rmdir(top(), "hello").status, Status::notdir);
    EXPECT_EQ(rmdir(top(), "sub").status, Status::notempty);
    const auto gone = rmdir(top(), "made");
    EXPECT_EQ(gone.status, Status::ok);
    EXPECT_NE(gone.wcc.before->mtime, gone.wcc.after->mtime);
    EXPECT_EQ(getattr(*made.object).status, Status::stale);
}

TEST_F(NfsNames, NothingSpecialIsMadeOpenedOrRemoved) {
    ASSERT_EQ(::mkfifo((folder.path() / "fifo").c_str(), 0666), 0);
    for (const FileType type : {FileType::fifo, FileType::block_device, FileType::socket, FileType::file}) {
        EXPECT_EQ(
            nfs<v3::CreateResults>(Procedure::mknod, v3::MknodArguments{{top(), "node"}, type, {}, {1, 3}}).status,
            Status::notsupp);
    }
    const Handle fifo = handle_of("fifo");
    EXPECT_EQ(getattr(fifo).attributes.type, FileType::fifo);
    EXPECT_EQ(read(fifo, 0, 1).status, Status::inval);
    EXPECT_EQ(write(fifo, 0, "x").status, Status::inval);
    EXPECT_EQ(nfs<v3::AccessResults>(Procedure::access, v3::AccessArguments{fifo, 63}).granted, 0u);
    EXPECT_EQ(nfs<v3::CommitResults>(Procedure::commit, v3::CommitArguments{fifo, 0, 0}).status, Status::inval);
    EXPECT_EQ(remove(top(), "fifo").status, Status::acces);
    EXPECT_EQ(rename(top(), "fifo", top(), "other").status, Status::acces);
    EXPECT_EQ(rename(top(), "hello", top(), "fifo").status, Status::acces);
    EXPECT_EQ(create(top(), "fifo", How::unchecked).status, Status::exist);
}

TEST_F(NfsNames, RenamedFilesKeepTheirHandles) {
    const Handle file = handle_of("hello"), sub = handle_of("sub"), deep = handle_of("sub/deep/file");
    const auto renamed = rename(top(), "hello", sub, "moved");
    ASSERT_EQ(renamed.status, Status::ok);
    EXPECT_TRUE(renamed.from.before && renamed.from.after && renamed.to.before && renamed.to.after);
    EXPECT_EQ(text_at(file), "hello, world");
    EXPECT_EQ(rename(top(), "sub", top(), "other").status, Status::ok);
    EXPECT_EQ(text_at(file), "hello, world");
    EXPECT_EQ(text_at(deep), "deep");
    folder.write("target", "gone soon");
    const Handle target = handle_of("target");
    EXPECT_EQ(rename(sub, "moved", top(), "target").status, Status::ok) << "in its place";
    EXPECT_EQ(getattr(target).status, Status::stale);
    EXPECT_EQ(text_at(file), "hello, world");
}

TEST_F(NfsNames, RenamingHasItsErrors) {
    std::filesystem::create_directory(folder.path() / "empty");
    const Handle in = top();
    EXPECT_EQ(rename(in, "nothing", in, "x").status, Status::noent);
    EXPECT_EQ(rename(in, "hello", in, "empty").status, Status::exist);
    EXPECT_EQ(rename(in, "empty", in, "hello").status, Status::exist);
    EXPECT_EQ(rename(in, "empty", in, "sub").status, Status::notempty);
    EXPECT_EQ(rename(in, "sub", handle_of("sub/deep"), "x").status, Status::inval) << "into itself";
    EXPECT_EQ(rename(in, "hello", handle_of("link"), "x").status, Status::notdir);
    EXPECT_EQ(rename(handle_of("hello"), "x", in, "y").status, Status::notdir);
    EXPECT_EQ(rename(in, "hello", in, "hello").status, Status::ok);
    EXPECT_EQ(text_at(handle_of("hello")), "hello, world");
}

TEST_F(NfsNames, AFileMayHaveTwoNames) {
    const Handle file = handle_of("hello");
    const auto linked = nfs<v3::LinkResults>(Procedure::link, v3::LinkArguments{file, {handle_of("sub"), "second"}});
    ASSERT_EQ(linked.status, Status::ok);
    EXPECT_EQ(linked.attributes->nlink, 2u);
    EXPECT_EQ(remove(top(), "hello").status, Status::ok);
    EXPECT_EQ(text_at(file), "hello, world") << "found by its other name";
    EXPECT_EQ(nfs<v3::LinkResults>(Procedure::link, v3::LinkArguments{file, {handle_of("sub"), "second"}}).status,
              Status::exist);
    EXPECT_EQ(nfs<v3::LinkResults>(Procedure::link, v3::LinkArguments{handle_of("sub"), {top(), "x"}}).status,
              Status::inval);
    EXPECT_EQ(remove(handle_of("sub"), "second").status, Status::ok);
    EXPECT_EQ(getattr(file).status, Status::stale);
    EXPECT_EQ(nfs<v3::LinkResults>(Procedure::link, v3::LinkArguments{handle_of("link"), {top(), "link2"}}).status,
              Status::ok);
    EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link2"));
}

TEST_F(NfsNames, AttributesAreSet) {
    const Handle file = handle_of("hello");
    NewAttributes set;
    set.mode = 0604;
    set.size = 5;
    set.atime = {NewTime::How::clients, {1000, 7}};
    set.mtime = {NewTime::How::clients, {2000, 9}};
    const auto changed = setattr(file, set);
    ASSERT_EQ(changed.status, Status::ok);
    EXPECT_EQ(changed.wcc.before->size, 12u);
    EXPECT_EQ(changed.wcc.after->size, 5u);
    EXPECT_EQ(changed.wcc.after->mode, 0604u);
    EXPECT_EQ(changed.wcc.after->atime, (Time{1000, 7}));
    EXPECT_EQ(changed.wcc.after->mtime, (Time{2000, 9}));
    NewAttributes now;
    now.mtime.how = NewTime::How::servers;
    EXPECT_GT(setattr(file, now).wcc.after->mtime.seconds, 2000u);
    NewAttributes owner;
    owner.uid = getattr(file).attributes.uid;
    EXPECT_EQ(setattr(file, owner).status, Status::ok) << "it is his already";
    owner.uid = *owner.uid + 1;
    EXPECT_EQ(setattr(file, owner).status, Status::perm);
    NewAttributes no_time;
    no_time.mtime = {NewTime::How::clients, {1, 1'000'000'000}};
    EXPECT_EQ(setattr(file, no_time).status, Status::inval);
    NewAttributes size;
    size.size = 1;
    EXPECT_EQ(setattr(top(), size).status, Status::isdir);
    EXPECT_EQ(setattr(handle_of("link"), size).status, Status::inval);
    size.size = ~0ull;
    EXPECT_EQ(setattr(file, size).status, Status::fbig);
}

TEST_F(NfsNames, AGuardSeesThatAnotherWasFaster) {
    const Handle file = handle_of("hello");
    NewAttributes set;
    set.mode = 0600;
    const Time ctime = getattr(file).attributes.ctime;
    EXPECT_EQ(setattr(file, set, Time{ctime.seconds - 1, ctime.nanoseconds}).status, Status::not_sync);
    EXPECT_EQ(setattr(file, set, ctime).status, Status::ok);
}

TEST_F(NfsNames, WhereNothingMayBeWrittenItIsSaid) {
    serve(FileRights::read);
    const Handle in = top(), file = handle_of("hello");
    EXPECT_EQ(create(in, "new").status, Status::rofs);
    EXPECT_EQ(remove(in, "hello").status, Status::rofs);
    EXPECT_EQ(rmdir(in, "sub").status, Status::rofs);
    EXPECT_EQ(rename(in, "hello", in, "new").status, Status::rofs);
    EXPECT_EQ(write(file, 0, "x").status, Status::rofs);
    EXPECT_EQ(setattr(file, {}).status, Status::rofs);
    EXPECT_EQ(nfs<v3::CreateResults>(Procedure::mkdir, v3::MkdirArguments{{in, "d"}, {}}).status, Status::rofs);
    EXPECT_EQ(nfs<v3::CreateResults>(Procedure::symlink, v3::SymlinkArguments{{in, "s"}, {}, "x"}).status,
              Status::rofs);
    EXPECT_EQ(nfs<v3::LinkResults>(Procedure::link, v3::LinkArguments{file, {in, "l"}}).status, Status::rofs);
    EXPECT_EQ(nfs<v3::CommitResults>(Procedure::commit, v3::CommitArguments{file, 0, 0}).status, Status::ok);
    EXPECT_TRUE(write(file, 0, "x").wcc.after.has_value());
}

TEST_F(NfsNames, WhereNewFilesMayComeTheOthersStay) {
    serve(FileRights::add);
    const Handle in = top(), file = handle_of("hello");
    const auto made = create(in, "new");
    ASSERT_EQ(made.status, Status::ok);
    EXPECT_EQ(write(*made.object, 0, "text").status, Status::ok);
    EXPECT_EQ(folder.read("new"), "text");
    EXPECT_EQ(write(file, 0, "x").status, Status::acces);
    EXPECT_EQ(remove(in, "new").status, Status::acces);
    EXPECT_EQ(rename(in, "hello", in, "x").status, Status::acces);
    NewAttributes emptied;
    emptied.size = 0;
    EXPECT_EQ(create(in, "hello", How::unchecked, emptied).status, Status::acces);
    serve(FileRights::add);
    EXPECT_EQ(write(*made.object, 0, "x").status, Status::acces) << "what was there before stays as it is";
}

}  // namespace
}  // namespace strata::application::nfs
