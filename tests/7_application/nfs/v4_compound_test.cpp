// NFS version 4: COMPOUND itself, handles, names and attributes (RFC 7530 5, 12, 15, 16).
#include "strata/5_session/rpc/message/words.hpp"
#include "strata/7_application/nfs/v4/compound.hpp"
#include "tests/7_application/nfs/v4_bench.hpp"

namespace strata::application::nfs::v4 {
namespace {

using Nfs4Compound = Nfs4Served;
using Nfs4Names = Nfs4Served;
using Nfs4Attributes = Nfs4Served;

TEST_F(Nfs4Compound, StopsAtTheFirstError) {
    Heard heard = say(Saying().root().lookup("none").op(Op::getfh));
    EXPECT_EQ(heard.status, Status4::noent);
    EXPECT_EQ(heard.tag, "tag");
    EXPECT_EQ(heard.count, 2u);
    EXPECT_EQ(heard.next(Op::putrootfh).status, Status4::ok);
    EXPECT_EQ(heard.next(Op::lookup).status, Status4::noent);
    EXPECT_EQ(heard.at, heard.bytes.size());
    EXPECT_EQ(say(Saying()).status, Status4::ok) << "of nothing nothing is done";
    (void)ask<xdr::Void>({program_number, 4, 0}, xdr::Void{});
    EXPECT_EQ(refusal, "");
    (void)ask<xdr::Void>({program_number, 4, 2}, xdr::Void{});
    EXPECT_TRUE(refusal.contains("PROC_UNAVAIL")) << refusal;
    (void)ask<xdr::Void>({program_number, 5, 0}, xdr::Void{});
    EXPECT_TRUE(refusal.contains("PROG_MISMATCH")) << refusal;
}

TEST_F(Nfs4Compound, KnowsNoOtherMinorVersion) {
    for (const std::uint32_t minor : {1u, 2u, ~0u}) {
        const Heard heard = say(Saying().root(), minor);
        EXPECT_EQ(heard.status, Status4::minor_vers_mismatch);
        EXPECT_EQ(heard.count, 0u);
    }
}

TEST_F(Nfs4Compound, IsOverConnectionsAlone) {
    connect(true);
    (void)say(Saying().root());
    EXPECT_TRUE(refusal.contains("PROC_UNAVAIL")) << refusal;
}

TEST_F(Nfs4Compound, WhatThereIsNotIsIllegal) {
    for (const std::uint32_t number : {0u, 1u, 2u, 40u, 10044u, ~0u}) {
        Heard heard = say(Saying().root().op(static_cast<Op>(number)));
        EXPECT_EQ(heard.status, Status4::op_illegal) << number;
        EXPECT_EQ(heard.count, 2u);
        (void)heard.next(Op::putrootfh);
        EXPECT_EQ(heard.next(Op::illegal).status, Status4::op_illegal);
    }
}

TEST_F(Nfs4Compound, LyingLengthsAreNotBelieved) {
    // What was whole before is done.
    Saying cut = Saying().root().lookup("hello");
    cut.bytes.resize(cut.bytes.size() - 4);
    Heard heard = say(cut);
    EXPECT_EQ(heard.status, Status4::badxdr);
    EXPECT_EQ(heard.count, 2u);
    (void)heard.next(Op::putrootfh);
    EXPECT_EQ(heard.next(Op::lookup).status, Status4::badxdr);
    Saying fewer = Saying().root().op(Op::getfh);
    fewer.count = 1;
    (void)say(fewer);
    EXPECT_TRUE(refusal.contains("GARBAGE_ARGS")) << refusal;
    Saying more = Saying().root();
    more.count = 2;
    EXPECT_EQ(status_of(more), Status4::badxdr);
    Saying huge = Saying().root();
    rpc::append_word(huge.bytes, static_cast<std::uint32_t>(Op::putfh));
    rpc::append_word(huge.bytes, ~0u);
    huge.count = 2;
    EXPECT_EQ(status_of(huge), Status4::badxdr);
}

TEST_F(Nfs4Compound, OperationsMax) {
    options.state.operations_max = 3;
    serve(FileRights::all);
    EXPECT_EQ(status_of(Saying().root().root().root()), Status4::ok);
    const Heard heard = say(Saying().root().root().root().root());
    EXPECT_EQ(heard.status, Status4::resource);
    EXPECT_EQ(heard.count, 0u) << "none is done";
    Saying many;
    for (int i = 0; i < 10'000; ++i) many.root();
    EXPECT_EQ(status_of(many), Status4::resource);
}

TEST_F(Nfs4Compound, TagMax) {
    options.state.tag_max = 4;
    serve(FileRights::all);
    EXPECT_EQ(say(Saying().root(), 0, "1234").tag, "1234");
    (void)say(Saying().root(), 0, "12345");
    EXPECT_TRUE(refusal.contains("GARBAGE_ARGS")) << refusal;
}

TEST_F(Nfs4Compound, ReplyRoomIsAskedBeforeItIsDone) {
    options.rpc.record.record_max = 4096;
    serve(FileRights::all);
    folder.write("long", std::string(8192, 'l'));
    Saying saying = at_path("long");
    for (int i = 0; i < 3; ++i) saying.op(Op::read, ReadArguments{{}, 0, 4096});
    saying.op(Op::setattr, SetattrArguments{});
    const Heard heard = say(saying);
    EXPECT_EQ(heard.status, Status4::resource);
    EXPECT_LT(heard.count, 6u);
}

// Which calls are kept and answered as the first time depends on what they do.
TEST(Nfs4Parsing, WhatOnlyLooksMayBeDoneTwice) {
    const auto is_kept = [](const Saying& saying) {
        const auto bytes = *xdr::encode(CompoundArguments{"", 0, saying.count, saying.bytes}, 4096);
        return !is_idempotent(*parse_compound(bytes, 10, 10));
    };
    EXPECT_FALSE(is_kept(Saying().root().lookup("x").op(Op::getfh)));
    EXPECT_TRUE(is_kept(Saying().root().op(Op::remove, NameArguments{"x"}).op(Op::getfh)));
}

TEST_F(Nfs4Names, LookupGoesDownAndUpAndNeverOut) {
    const Handle deep = handle4("sub/deep");
    EXPECT_EQ(deep, handle_of("sub/deep")) << "one handle for both versions";
    Heard heard = say(Saying().putfh(deep).op(Op::lookupp).op(Op::getfh));
    (void)heard.next(Op::putfh);
    (void)heard.next(Op::lookupp);
    EXPECT_EQ(heard.next<GetfhResults>(Op::getfh).object, handle4("sub"));
    EXPECT_EQ(status_of(Saying().root().op(Op::lookupp)), Status4::noent);
    EXPECT_EQ(status_of(Saying().op(Op::putpubfh).lookup("hello")), Status4::ok);
    EXPECT_EQ(status_of(at_path("hello/x")), Status4::notdir);
    EXPECT_EQ(status_of(at_path("link/x")), Status4::symlink);
    EXPECT_EQ(status_of(at_path("hello").op(Op::lookupp)), Status4::notdir);
    EXPECT_EQ(status_of(Saying().lookup("hello")), Status4::nofilehandle);
    EXPECT_EQ(status_of(Saying().op(Op::getfh)), Status4::nofilehandle);
    EXPECT_EQ(status_of(Saying().putfh(Handle(bytes_of("no handle of ours")))), Status4::badhandle);
    const std::string long_handle(128, 'x');
    EXPECT_EQ(status_of(Saying().op(Op::putfh, PutfhArguments{bytes_of(long_handle)})), Status4::badhandle);
}

TEST_F(Nfs4Names, HostileNamesHaveTheirErrors) {
    const std::string too_long(256, 'x'), longest(255, 'x');
    const std::pair<std::string_view, Status4> names[] = {
        {"", Status4::inval},
        {".", Status4::badname},
        {"..", Status4::badname},
        {"a/b", Status4::badchar},
        {{"a\0b", 3}, Status4::badchar},
        {"\xff\xfe", Status4::inval},
        {too_long, Status4::nametoolong},
        {longest, Status4::noent},
        {".hidden", Status4::noent},
    };
    const std::uint64_t client_id = new_client("c");
    std::uint32_t seqid = 1;
    for (const auto& [name, expected] : names) {
        EXPECT_EQ(status_of(Saying().root().lookup(name)), expected) << name;
        EXPECT_EQ(status_of(Saying().root().op(Op::secinfo, NameArguments{name})), expected) << name;
        EXPECT_EQ(status_of(Saying().root().op(Op::remove, NameArguments{name})), expected) << name;
        EXPECT_EQ(open(opening(client_id, "o", seqid++, name)).results.status, expected) << name;
        Fattr none;
        const Status4 made =
            status_of(Saying().root().op(Op::create, CreateArguments{Type4::folder, {}, 0, 0, name, none}));
        const bool is_good = name == longest, is_hidden = name == ".hidden";
        EXPECT_EQ(made, is_good ? Status4::ok : is_hidden ? Status4::access : expected) << name;
    }
}

TEST_F(Nfs4Names, SavedHandlesAreForRenameAndLink) {
    EXPECT_EQ(status_of(Saying().root().op(Op::restorefh)), Status4::restorefh);
    EXPECT_EQ(status_of(Saying().op(Op::savefh)), Status4::nofilehandle);
    EXPECT_EQ(status_of(Saying().root().op(Op::rename, RenameArguments{"hello", "x"})), Status4::nofilehandle);
    Heard heard = say(Saying().root().op(Op::savefh).lookup("sub").op(Op::rename, RenameArguments{"hello", "moved"}));
    EXPECT_EQ(heard.status, Status4::ok);
    EXPECT_EQ(folder.read("sub/moved"), "hello, world");
    EXPECT_EQ(status_of(at_path("sub/moved").op(Op::savefh).root().op(Op::link, NameArguments{"second"})), Status4::ok);
    EXPECT_EQ(folder.read("second"), "hello, world");
    EXPECT_EQ(status_of(at_path("sub").op(Op::savefh).root().op(Op::link, NameArguments{"s2"})), Status4::isdir);
    EXPECT_EQ(status_of(at_path("sub").op(Op::savefh).op(Op::restorefh).lookup("moved")), Status4::ok);
    EXPECT_EQ(status_of(Saying().root().op(Op::remove, NameArguments{"sub"})), Status4::notempty);
    EXPECT_EQ(status_of(at_path("sub").op(Op::remove, NameArguments{"moved"})), Status4::ok);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "sub/moved"));
}

TEST_F(Nfs4Names, FoldersAndLinksAreMadeAndNothingSpecial) {
    const Fattr none;
    const auto make = [&](Type4 type, std::string_view name) {
        return status_of(Saying().root().op(Op::create, CreateArguments{type, "to", 1, 2, name, none}));
    };
    EXPECT_EQ(make(Type4::folder, "made"), Status4::ok);
    EXPECT_EQ(make(Type4::folder, "made"), Status4::exist);
    EXPECT_EQ(make(Type4::link, "made link"), Status4::ok);
    Heard heard = say(at_path("made link").op(Op::readlink));
    (void)heard.next(Op::putrootfh);
    (void)heard.next(Op::lookup);
    EXPECT_EQ(heard.next<ReadlinkResults>(Op::readlink).text, "to");
    EXPECT_EQ(status_of(at_path("hello").op(Op::readlink)), Status4::inval);
    for (const Type4 type : {Type4::file, Type4::block_device, Type4::character_device, Type4::socket, Type4::fifo,
                             static_cast<Type4>(99)})
        EXPECT_EQ(make(type, "special"), Status4::badtype);
    EXPECT_EQ(status_of(Saying().root().op(Op::openattr, OpenattrArguments{})), Status4::notsupp);
}

TEST_F(Nfs4Names, WhereNothingMayBeWrittenItIsSaid) {
    serve(FileRights::read);
    const std::uint64_t client_id = new_client("c");
    EXPECT_EQ(status_of(Saying().root().op(Op::remove, NameArguments{"hello"})), Status4::rofs);
    EXPECT_EQ(open(opening(client_id, "o", 1, "hello", share_write)).results.status, Status4::rofs);
    EXPECT_EQ(write4(handle4("hello"), {}, 0, "x").status, Status4::rofs);
    Heard heard = say(Saying().root().op(Op::access, AccessArguments{63}));
    (void)heard.next(Op::putrootfh);
    const auto access = heard.next<AccessResults>(Op::access);
    EXPECT_EQ(access.supported, 31u);
    EXPECT_EQ(access.granted, 3u);
    EXPECT_EQ(status_of(Saying().root().op(Op::access, AccessArguments{64})), Status4::inval);
    serve(FileRights::add);
    EXPECT_EQ(status_of(Saying().root().op(Op::remove, NameArguments{"hello"})), Status4::access);
}

TEST_F(Nfs4Attributes, AreThoseOfTheDisk) {
    const Handle file = handle4("hello");
    EXPECT_EQ(attribute<std::uint64_t>(file, Attribute::size), 12u);
    EXPECT_EQ(attribute<std::uint32_t>(file, Attribute::type), 1u);
    EXPECT_EQ(attribute<std::uint32_t>(handle4("sub"), Attribute::type), 2u);
    EXPECT_EQ(attribute<std::uint32_t>(handle4("link"), Attribute::type), 5u);
    EXPECT_EQ(attribute<std::uint32_t>(file, Attribute::lease_time), 90u);
    EXPECT_EQ(attribute<Handle>(file, Attribute::filehandle), file);
    EXPECT_EQ(attribute<std::uint64_t>(file, Attribute::maxread), 1u << 20u);
    const auto owner = [&] {
        Heard heard = say(Saying().putfh(file).op(Op::getattr, GetattrArguments{mask_of({Attribute::owner})}));
        (void)heard.next(Op::putfh);
        const auto results = heard.next<GetattrResults>(Op::getattr);
        xdr::Text<> text;
        xdr::Reader in(results.attributes.values);
        in(text);
        return std::string(text);
    };
    EXPECT_EQ(owner(), std::to_string(::geteuid()));
}

// Whatever is asked for of all that there may be: told is what is
// supported, and it can be read as far as it goes.
TEST_F(Nfs4Attributes, WhatIsNotSupportedIsLeftOut) {
    Bitmap all{~0u, ~0u, ~0u};
    EXPECT_EQ(status_of(Saying().root().op(Op::getattr, GetattrArguments{all})), Status4::inval)
        << "what is only set cannot be told";
    all[1] &= ~(1u << 16u | 1u << 22u);
    Heard heard = say(Saying().root().op(Op::getattr, GetattrArguments{all}));
    (void)heard.next(Op::putrootfh);
    Bitmap told = heard.next<GetattrResults>(Op::getattr).attributes.mask;
    EXPECT_EQ(heard.status, Status4::ok);
    Bitmap supported = supported_attributes();
    supported[1] &= ~(1u << 16u | 1u << 22u);
    EXPECT_EQ(told, supported);
}

TEST_F(Nfs4Attributes, AreSetAndCompared) {
    const auto values = [](auto... fields) {
        test_bytes bytes;
        xdr::Writer(bytes, 4096)(fields...);
        return bytes;
    };
    const Handle file = handle4("hello");
    const auto set = [&](const Bitmap& mask, const test_bytes& bytes) {
        return status_of(Saying().putfh(file).op(Op::setattr, SetattrArguments{{}, {mask, Bytes(bytes)}}));
    };
    EXPECT_EQ(set(mask_of({Attribute::size, Attribute::mode}), values(std::uint64_t{5}, std::uint32_t{0640})),
              Status4::ok);
    EXPECT_EQ(folder.read("hello"), "hello");
    EXPECT_EQ(attribute<std::uint32_t>(file, Attribute::mode), 0640u);
    EXPECT_EQ(set(mask_of({Attribute::time_modify_set}), values(std::uint32_t{1}, std::int64_t{-5}, std::uint32_t{7})),
              Status4::ok);
    EXPECT_EQ(attribute<std::int64_t>(file, Attribute::time_modify), -5) << "before 1970";
    EXPECT_EQ(set(mask_of({Attribute::time_modify_set}), values(std::uint32_t{1}, std::int64_t{5}, ~0u)),
              Status4::inval);
    EXPECT_EQ(set(mask_of({Attribute::time_access_set}), values(std::uint32_t{2})), Status4::badxdr);
    EXPECT_EQ(set(mask_of({Attribute::fileid}), values(std::uint64_t{5})), Status4::inval);
    EXPECT_EQ(set(Bitmap{1u << 12u}, values(std::uint32_t{0})), Status4::attrnotsupp);
    EXPECT_EQ(set(mask_of({Attribute::mode}), values(std::uint32_t{0600}, std::uint32_t{0})), Status4::badxdr);
    EXPECT_EQ(set(mask_of({Attribute::owner}), values(xdr::Text<>("root@somewhere"))), Status4::badowner);
    EXPECT_EQ(set(mask_of({Attribute::owner}), values(xdr::Text<>("4000000"))), Status4::perm);
    const std::string own = std::to_string(::geteuid());
    EXPECT_EQ(set(mask_of({Attribute::owner}), values(xdr::Text<>(own))), Status4::ok);
    const auto compare = [&](Op op, const Bitmap& mask, const test_bytes& bytes) {
        return status_of(Saying().putfh(file).op(op, VerifyArguments{{mask, Bytes(bytes)}}));
    };
    EXPECT_EQ(compare(Op::verify, mask_of({Attribute::size}), values(std::uint64_t{5})), Status4::ok);
    EXPECT_EQ(compare(Op::verify, mask_of({Attribute::size}), values(std::uint64_t{6})), Status4::not_same);
    EXPECT_EQ(compare(Op::nverify, mask_of({Attribute::size}), values(std::uint64_t{5})), Status4::same);
    EXPECT_EQ(compare(Op::nverify, mask_of({Attribute::size}), values(std::uint64_t{6})), Status4::ok);
    EXPECT_EQ(compare(Op::verify, Bitmap{1u << 12u}, {}), Status4::attrnotsupp);
    EXPECT_EQ(compare(Op::verify, mask_of({Attribute::rdattr_error}), values(std::uint32_t{0})), Status4::inval);
}

TEST_F(Nfs4Attributes, FoldersAreListed) {
    for (int i = 0; i < 50; ++i) folder.write("many/" + std::to_string(i), "");
    const Handle many = handle4("many");
    std::vector<std::string> names;
    ReaddirArguments arguments;
    arguments.count = 400;
    arguments.asked = mask_of({Attribute::fileid, Attribute::filehandle, Attribute::rdattr_error});
    for (bool end = false; !end;) {
        Heard heard = say(Saying().putfh(many).op(Op::readdir, arguments));
        ASSERT_EQ(heard.status, Status4::ok);
        EXPECT_LE(heard.bytes.size(), 8u + 4u + 400u);
        (void)heard.next(Op::putfh);
        const auto list = heard.next<ReaddirResults>(Op::readdir);
        ASSERT_FALSE(list.entries.empty());
        for (const Entry& entry : list.entries) names.emplace_back(entry.name);
        arguments.cookie = list.entries.back().cookie;
        arguments.verifier = list.verifier;
        end = list.end;
    }
    std::ranges::sort(names);
    EXPECT_EQ(names.size(), 50u);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    arguments.verifier = {};
    EXPECT_EQ(status_of(Saying().putfh(many).op(Op::readdir, arguments)), Status4::ok) << "libnfs says none";
    arguments.verifier[0] ^= std::byte{1};
    EXPECT_EQ(status_of(Saying().putfh(many).op(Op::readdir, arguments)), Status4::not_same);
    arguments.cookie = 0;
    arguments.count = 20;
    EXPECT_EQ(status_of(Saying().putfh(many).op(Op::readdir, arguments)), Status4::toosmall);
    EXPECT_EQ(status_of(at_path("hello").op(Op::readdir, arguments)), Status4::notdir);
    Heard heard = say(Saying().root().op(Op::secinfo, NameArguments{"hello"}));
    (void)heard.next(Op::putrootfh);
    EXPECT_EQ(heard.next<SecinfoResults>(Op::secinfo).flavors, (xdr::List<std::uint32_t, 16>{1, 0}));
}

}  // namespace
}  // namespace strata::application::nfs::v4
