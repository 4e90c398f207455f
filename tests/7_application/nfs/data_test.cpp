// NFS version 3: what is in files (RFC 1813 3.3.6, 3.3.7, 3.3.21), and the file system (3.3.18 to
// 3.3.20).
#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs {
namespace {

using Stable = v3::WriteArguments::Stable;
using NfsData = NfsServed;

TEST_F(NfsData, AFileIsReadToItsEnd) {
    const Handle file = handle_of("hello");
    const auto part = read(file, 0, 5);
    ASSERT_EQ(part.status, Status::ok);
    EXPECT_EQ(text_of(part.data), "hello");
    EXPECT_TRUE(part.count == 5 && !part.end_of_file);
    EXPECT_EQ(part.attributes, getattr(file).attributes);
    const auto rest = read(file, 5, 1000);
    EXPECT_EQ(text_of(rest.data), ", world");
    EXPECT_TRUE(rest.count == 7 && rest.end_of_file);
    EXPECT_TRUE(read(file, 0, 12).end_of_file) << "just its end";
    for (const std::uint64_t beyond : {12ull, 13ull, 1ull << 63u, ~0ull}) {
        const auto none = read(file, beyond, 10);
        EXPECT_TRUE(none.status == Status::ok && none.count == 0 && none.end_of_file) << beyond;
    }
    EXPECT_FALSE(read(file, 3, 0).end_of_file);
    EXPECT_EQ(read(top(), 0, 10).status, Status::isdir);
    EXPECT_TRUE(read(top(), 0, 10).attributes.has_value());
}

TEST_F(NfsData, AMegabyteComesAndGoesOverAConnection) {
    std::string text(1 << 20, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 / 3);
    const auto made = create(top(), "big");
    const auto written = write(*made.object, 0, text);
    ASSERT_EQ(written.status, Status::ok);
    EXPECT_EQ(written.count, text.size());
    EXPECT_EQ(folder.read("big"), text);
    EXPECT_EQ(text_of(read(*made.object, 0, 1 << 20).data), text);
    EXPECT_TRUE(read(*made.object, 0, 1 << 20).end_of_file);
}

TEST_F(NfsData, MoreThanDataMaxIsReadAndWrittenInPart) {
    options.data_max = 100;
    options.datagram_data_max = 50;
    serve(FileRights::all);
    const std::string text(101, 'x');
    const Handle file = *create(top(), "new").object;
    EXPECT_EQ(write(file, 0, std::string_view(text).substr(1)).count, 100u);
    EXPECT_EQ(write(file, 0, text).count, 100u) << "the client writes the rest";
    EXPECT_EQ(read(file, 0, 101).count, 100u);
    EXPECT_EQ(read(file, 0, 99).count, 99u);
    connect(true);
    EXPECT_EQ(read(file, 0, 51).count, 50u);
    EXPECT_FALSE(read(file, 0, 51).end_of_file);
    EXPECT_EQ(write(file, 0, text).count, 50u);
    const auto info = nfs<v3::FsinfoResults>(Procedure::fsinfo, v3::OfOne{file});
    EXPECT_TRUE(info.read_max == 50 && info.write_max == 50 && info.read_preferred == 50);
}

TEST_F(NfsData, WritingTellsWhatChanged) {
    const Handle file = handle_of("hello");
    const auto before = getattr(file).attributes;
    const auto written = write(file, 7, "NFS");
    ASSERT_EQ(written.status, Status::ok);
    EXPECT_EQ(written.wcc.before, (CacheAttributes{12, before.mtime, before.ctime}));
    EXPECT_EQ(written.wcc.after, getattr(file).attributes);
    EXPECT_EQ(folder.read("hello"), "hello, NFSld");
    EXPECT_EQ(write(file, 0, "").count, 0u);
    EXPECT_EQ(getattr(file).attributes.size, 12u);
    const auto lies = nfs<v3::WriteResults>(
        Procedure::write, v3::WriteArguments{file, 0, 5, Stable::unstable, xdr::Opaque<>(bytes_of("four"))});
    EXPECT_EQ(lies.status, Status::inval);
    EXPECT_EQ(write(top(), 0, "x").status, Status::isdir);
    EXPECT_EQ(write(file, ~0ull, "x").status, Status::fbig);
    EXPECT_EQ(write(file, (1ull << 63u) - 1, "x").status, Status::fbig);
}

TEST_F(NfsData, AFileMayHaveHoles) {
    const Handle file = *create(top(), "holes").object;
    ASSERT_EQ(write(file, 10 << 20, "end").status, Status::ok);
    const auto attributes = getattr(file).attributes;
    EXPECT_EQ(attributes.size, (10u << 20u) + 3);
    EXPECT_LT(attributes.used, 1u << 20u);
    const auto hole = read(file, 5 << 20, 10);
    EXPECT_EQ(text_of(hole.data), std::string(10, '\0'));
    NewAttributes longer;
    longer.size = 1ull << 30u;
    EXPECT_EQ(setattr(file, longer).wcc.after->size, 1u << 30u);
}

TEST_F(NfsData, TheVerifierOfWritesIsOfThisRun) {
    options.sync = true;
    serve(FileRights::all);
    const Handle file = handle_of("hello");
    const auto unstable = write(file, 0, "H");
    EXPECT_EQ(unstable.committed, Stable::unstable);
    EXPECT_EQ(write(file, 0, "H", Stable::data_sync).committed, Stable::data_sync);
    EXPECT_EQ(write(file, 0, "H", Stable::file_sync).committed, Stable::file_sync);
    const auto committed = nfs<v3::CommitResults>(Procedure::commit, v3::CommitArguments{file, 0, 0});
    ASSERT_EQ(committed.status, Status::ok);
    EXPECT_EQ(committed.verifier, unstable.verifier);
    EXPECT_TRUE(committed.wcc.before && committed.wcc.after);
    EXPECT_EQ(nfs<v3::CommitResults>(Procedure::commit, v3::CommitArguments{top(), 0, 0}).status, Status::isdir);
    serve(FileRights::all);
    EXPECT_NE(nfs<v3::CommitResults>(Procedure::commit, v3::CommitArguments{file, 0, 0}).verifier, unstable.verifier);
}

TEST_F(NfsData, TheRootsQuotaHolds) {
    serve(FileRights::all, {.quota = 100});
    const Handle file = *create(top(), "new").object;
    const std::uint64_t used = 12 + 4;
    EXPECT_EQ(write(file, 0, std::string(100 - used, 'x')).status, Status::ok);
    EXPECT_EQ(write(file, 100 - used, "x").status, Status::nospc);
    EXPECT_EQ(write(file, 0, "yy").status, Status::ok) << "no longer than it was";
    NewAttributes size;
    size.size = 101 - used;
    EXPECT_EQ(setattr(file, size).status, Status::nospc);
    size.size = 0;
    EXPECT_EQ(setattr(file, size).status, Status::ok);
    EXPECT_EQ(write(file, 0, std::string(100 - used, 'x')).status, Status::ok);
    EXPECT_EQ(nfs<v3::LinkResults>(Procedure::link, v3::LinkArguments{file, {top(), "second"}}).status, Status::nospc);
    EXPECT_EQ(remove(top(), "hello").status, Status::ok);
    EXPECT_EQ(write(file, 100 - used, std::string(12, 'x')).status, Status::ok);
    EXPECT_EQ(write(file, 112 - used, "x").status, Status::nospc);
}

TEST_F(NfsData, WhatIsToStayFreeStaysFree) {
    serve(FileRights::all, {.keep_free = ~0ull});
    EXPECT_EQ(create(top(), "new").status, Status::nospc);
    EXPECT_EQ(write(handle_of("hello"), 0, "x").status, Status::nospc);
    EXPECT_EQ(create(top(), "hello", v3::CreateArguments::How::unchecked).status, Status::ok) << "it is there";
    NewAttributes size;
    size.size = 5;
    EXPECT_EQ(setattr(handle_of("hello"), size).status, Status::ok) << "what makes room is done";
    EXPECT_EQ(text_at(handle_of("hello")), "hello");
    size.size = 6;
    EXPECT_EQ(setattr(handle_of("hello"), size).status, Status::nospc);
    EXPECT_EQ(nfs<v3::FsstatResults>(Procedure::fsstat, v3::OfOne{top()}).bytes_available, 0u);
}

TEST_F(NfsData, TheFileSystemIsTold) {
    const auto stat = nfs<v3::FsstatResults>(Procedure::fsstat, v3::OfOne{top()});
    ASSERT_EQ(stat.status, Status::ok);
    EXPECT_GE(stat.bytes, stat.bytes_free);
    EXPECT_GE(stat.bytes_free, stat.bytes_available);
    EXPECT_TRUE(stat.attributes.has_value());
    const auto info = nfs<v3::FsinfoResults>(Procedure::fsinfo, v3::OfOne{top()});
    EXPECT_TRUE(info.read_max == 1u << 20u && info.write_max == 1u << 20u);
    EXPECT_EQ(info.properties, 1u | 2u | 8u | 16u);
    const auto conf = nfs<v3::PathconfResults>(Procedure::pathconf, v3::OfOne{top()});
    EXPECT_TRUE(conf.status == Status::ok && conf.name_max == 255 && conf.no_truncation && conf.links_max >= 8);
}

}  // namespace
}  // namespace strata::application::nfs
