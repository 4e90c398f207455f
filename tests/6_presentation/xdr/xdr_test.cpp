// XDR (RFC 4506): round trips of every type, the RFC's own example, and lengths that lie.
#include "strata/6_presentation/xdr/xdr.hpp"

#include <gtest/gtest.h>

#include <string>

namespace strata::presentation::xdr {
namespace {

using namespace std::string_literals;

std::vector<std::byte> octets(std::initializer_list<unsigned> values) {
    std::vector<std::byte> bytes;
    bytes.reserve(values.size());
    for (const unsigned value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
}

template <typename Value>
std::vector<std::byte> written(const Value& value) {
    return encode(value, 1 << 20).value();
}

template <typename Value>
std::error_code refusal_of(Bytes message) {
    const auto value = decode<Value>(message);
    return value ? std::error_code{} : value.error();
}

enum class Kind : std::uint32_t { text, data, exec };
constexpr bool declared(Kind kind) { return kind <= Kind::exec; }

// RFC 4506 7.
struct FileType {
    Kind kind{};
    Text<255> creator;
    Text<255> interpreter;
    bool operator==(const FileType&) const = default;
    static void fields(auto& codec, auto& self) {
        codec(self.kind);
        if (self.kind == Kind::data) codec(self.creator);
        if (self.kind == Kind::exec) codec(self.interpreter);
    }
};
struct File {
    Text<255> name;
    FileType type;
    Text<32> owner;
    Opaque<65535> data;
    static void fields(auto& codec, auto& self) { codec(self.name, self.type, self.owner, self.data); }
};

TEST(Xdr, TheExampleOfTheRfc) {
    const std::string text = "(quit)";
    const File file{"sillyprog", {.kind = Kind::exec, .creator = {}, .interpreter = "lisp"}, "john", bytes_of(text)};
    const auto bytes = written(file);
    const std::string expected =
        "\0\0\0\x09sillyprog\0\0\0"s
        "\0\0\0\x02\0\0\0\x04lisp"s
        "\0\0\0\x04john"s
        "\0\0\0\x06(quit)\0\0"s;
    EXPECT_EQ(text_of(bytes), expected);
    const auto read = decode<File>(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "sillyprog");
    EXPECT_EQ(read->type, file.type);
    EXPECT_EQ(text_of(read->data), text);
    EXPECT_EQ(read->data.data(), bytes.data() + bytes.size() - 8) << "a view into the message";
}

struct Everything {
    std::uint32_t u = 0;
    std::int32_t i = 0;
    std::uint64_t uh = 0;
    std::int64_t h = 0;
    bool yes = false;
    Kind kind{};
    std::array<std::byte, 5> fixed{};
    std::array<std::uint32_t, 2> pair{};
    std::optional<std::uint32_t> there;
    std::optional<std::uint32_t> absent;
    List<Text<3>, 2> names;
    Chain<std::uint32_t, 3> chain;
    Void nothing;
    bool operator==(const Everything&) const = default;
    static void fields(auto& codec, auto& self) {
        codec(self.u, self.i, self.uh, self.h, self.yes, self.kind, self.fixed, self.pair, self.there, self.absent,
              self.names, self.chain, self.nothing);
    }
};

Everything some_of_everything() {
    Everything value;
    value.u = 0xfffefdfc;
    value.i = -2;
    value.uh = 0x0102030405060708;
    value.h = -3;
    value.yes = true;
    value.kind = Kind::data;
    value.fixed[4] = std::byte{9};
    value.pair = {7, 8};
    value.there = 5;
    value.names = {"a", "abc"};
    value.chain = {1, 2, 3};
    return value;
}

TEST(Xdr, EveryTypeComesBack) {
    const Everything value = some_of_everything();
    const auto bytes = written(value);
    EXPECT_EQ(bytes.size() % 4, 0u);
    const auto back = decode<Everything>(bytes);
    ASSERT_TRUE(back);
    EXPECT_TRUE(*back == value);
}

TEST(Xdr, WhateverIsCutOffIsTruncated) {
    const auto bytes = written(some_of_everything());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_EQ(refusal_of<Everything>(Bytes(bytes).first(size)), Error::truncated) << size;
    }
    auto longer = bytes;
    longer.push_back(std::byte{0});
    EXPECT_EQ(refusal_of<Everything>(longer), Error::malformed) << "something is behind it";
}

TEST(Xdr, NothingButABooleanIsOne) {
    EXPECT_FALSE(refusal_of<bool>(octets({0, 0, 0, 1})));
    EXPECT_EQ(refusal_of<bool>(octets({0, 0, 0, 2})), Error::malformed);
    EXPECT_EQ(refusal_of<bool>(octets({1, 0, 0, 1})), Error::malformed);
    EXPECT_EQ(refusal_of<std::optional<bool>>(octets({0, 0, 0, 3, 0, 0, 0, 1})), Error::malformed);
}

TEST(Xdr, NothingButADeclaredEnumIsOne) {
    EXPECT_FALSE(refusal_of<Kind>(octets({0, 0, 0, 2})));
    EXPECT_EQ(refusal_of<Kind>(octets({0, 0, 0, 3})), Error::malformed);
    EXPECT_EQ(encode(Kind{3}, 100).error(), Error::malformed);
}

TEST(Xdr, LengthsHaveTheirBounds) {
    EXPECT_FALSE(refusal_of<Text<3>>(octets({0, 0, 0, 3, 'a', 'b', 'c', 0})));
    EXPECT_EQ(refusal_of<Text<3>>(octets({0, 0, 0, 4, 'a', 'b', 'c', 'd'})), Error::limit_reached);
    EXPECT_EQ((refusal_of<List<std::uint32_t, 1>>(octets({0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0}))), Error::limit_reached);
    EXPECT_EQ((refusal_of<Chain<std::uint32_t, 1>>(octets({0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}))),
              Error::limit_reached);
    EXPECT_EQ(encode(Text<3>("abcd"), 100).error(), Error::limit_reached);
    EXPECT_EQ(encode(List<std::uint32_t, 1>{1, 2}, 100).error(), Error::limit_reached);
    EXPECT_EQ(encode(Chain<std::uint32_t, 1>{1, 2}, 100).error(), Error::limit_reached);
}

TEST(Xdr, LengthsThatLieAllocateNothing) {
    for (const unsigned last : {0xffu, 0xfeu, 0xfdu, 0xfcu, 0xf8u}) {
        const auto lie = octets({0xff, 0xff, 0xff, last, 'a', 'b', 'c', 'd'});
        EXPECT_EQ(refusal_of<Opaque<>>(lie), Error::truncated) << last;
        EXPECT_EQ(refusal_of<Text<>>(lie), Error::truncated) << last;
        EXPECT_EQ((refusal_of<List<std::uint64_t>>(lie)), Error::truncated) << last;
    }
    const auto four = octets({1, 2, 3, 4});
    Reader reader(four);
    EXPECT_TRUE(reader.fixed_opaque(std::numeric_limits<std::size_t>::max()).empty());
    EXPECT_EQ(reader.error(), Error::truncated);
}

TEST(Xdr, PaddingIsWrittenAsZerosAndReadAsItIs) {
    EXPECT_EQ(written(Text<9>("abcde")), octets({0, 0, 0, 5, 'a', 'b', 'c', 'd', 'e', 0, 0, 0}));
    const auto dirty = octets({0, 0, 0, 1, 'a', 1, 2, 3});
    EXPECT_EQ(decode<Text<9>>(dirty).value(), "a");
    EXPECT_EQ(refusal_of<Text<9>>(Bytes(dirty).first(7)), Error::truncated) << "it must be there";
}

TEST(Xdr, AnErrorIsKeptAndEverythingBehindItIsNothing) {
    const auto bytes = octets({0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2});
    Reader reader(bytes);
    Text<8> text = "before";
    std::uint32_t number = 7;
    std::optional<std::uint32_t> maybe = 7;
    List<std::uint32_t> list{7};
    reader(text, number, maybe, list);
    EXPECT_EQ(reader.error(), Error::limit_reached);
    EXPECT_TRUE(text.empty() && number == 0 && !maybe && list.empty() && reader.rest().empty());
    EXPECT_EQ(reader.finish(), Error::limit_reached) << "the first one";
}

TEST(Xdr, AWriterHasABoundAndTakesBackWhatItWrote) {
    std::vector<std::byte> bytes = octets({1, 2, 3});
    {
        Writer writer(bytes, 12);
        writer(std::uint32_t{1}, std::uint64_t{2});
        EXPECT_TRUE(writer.ok());
        EXPECT_EQ(bytes.size(), 15u);
        writer(false);
        EXPECT_EQ(writer.error(), Error::message_too_long);
        writer(true);
    }
    EXPECT_EQ(bytes, octets({1, 2, 3}));
}

struct ReadReply {
    std::uint32_t count = 0;
    TrailingOpaque<1 << 20> data;
    static void fields(auto& codec, auto& self) { codec(self.count, self.data); }
};

TEST(Xdr, LargeDataStaysOutside) {
    const std::string text = "five!";
    const ReadReply reply{5, bytes_of(text)};
    std::vector<std::byte> head;
    Writer writer(head, 16);
    writer(reply);
    EXPECT_TRUE(writer.ok());
    EXPECT_EQ(head, octets({0, 0, 0, 5, 0, 0, 0, 5}));
    EXPECT_EQ(static_cast<const void*>(writer.outside().data()), text.data()) << "not copied";
    const auto whole = written(reply);
    EXPECT_EQ(whole.size(), 16u);
    EXPECT_EQ(text_of(decode<ReadReply>(whole)->data), text);
    writer(std::uint32_t{0});
    EXPECT_EQ(writer.error(), Error::invalid_argument) << "it is the last";
    EXPECT_TRUE(head.empty() && writer.outside().empty());
    Writer narrow(head, 15);
    narrow(reply);
    EXPECT_EQ(narrow.error(), Error::message_too_long) << "the padding counts";
}

struct Unarmed {
    std::uint32_t which = 0;
    static void fields(auto& codec, auto& self) {
        codec(self.which);
        if (self.which != 0) codec.refuse();
    }
};

TEST(Xdr, AUnionWithoutSuchAnArmIsRefused) {
    EXPECT_FALSE(refusal_of<Unarmed>(octets({0, 0, 0, 0})));
    EXPECT_EQ(refusal_of<Unarmed>(octets({0, 0, 0, 1})), Error::malformed);
    EXPECT_EQ(encode(Unarmed{1}, 100).error(), Error::malformed);
}

}  // namespace
}  // namespace strata::presentation::xdr
