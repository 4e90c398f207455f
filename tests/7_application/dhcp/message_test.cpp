// DHCP messages: what is read, what is written, and what is refused.
#include "strata/7_application/dhcp/message/message.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace strata::application::dhcp {
namespace {

using Buffer = std::vector<std::byte>;

Message example() {
    Message message;
    message.op = Message::Operation::reply;
    message.hops = 1;
    message.xid = 0x12345678;
    message.secs = 7;
    message.broadcast = true;
    message.ciaddr = {10, 0, 0, 1};
    message.yiaddr = {10, 0, 0, 2};
    message.siaddr = {10, 0, 0, 3};
    message.giaddr = {10, 0, 0, 4};
    message.chaddr = MacAddress{{2, 0, 0, 0, 0, 5}};
    message.sname = "server";
    message.file = "boot/file";
    message.set_type(MessageType::offer);
    message.options.set_address(OptionCode::server_identifier, {10, 0, 0, 3});
    message.options.set_u32(OptionCode::lease_time, 3600);
    return message;
}

Buffer serialized(const Message& message, std::size_t size = Message::size_assured) {
    auto bytes = message.serialize(size);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : Buffer{};
}

// A message whose options field is this, the cookie before it.
Buffer with_options(std::initializer_list<int> options) {
    Buffer bytes(Message::header_size);
    const Buffer header = serialized(example());
    std::copy_n(header.begin(), Message::header_size, bytes.begin());
    std::fill_n(bytes.begin() + 44, 64 + 128, std::byte{});
    for (const int option : options) bytes.push_back(static_cast<std::byte>(option));
    return bytes;
}

TEST(DhcpMessage, IsWhereRfc2131HasIt) {
    const Buffer bytes = serialized(example());
    ASSERT_EQ(bytes.size(), Message::size_min) << "RFC 1542 2.1";
    EXPECT_EQ(load_u8(bytes.data()), 2);
    EXPECT_EQ(load_u8(bytes.data() + 1), 1);
    EXPECT_EQ(load_u8(bytes.data() + 2), 6);
    EXPECT_EQ(load_u8(bytes.data() + 3), 1);
    EXPECT_EQ(load_be32(bytes.data() + 4), 0x12345678u);
    EXPECT_EQ(load_be16(bytes.data() + 8), 7);
    EXPECT_EQ(load_be16(bytes.data() + 10), 0x8000);
    EXPECT_EQ(load_be32(bytes.data() + 12), 0x0a000001u);
    EXPECT_EQ(load_be32(bytes.data() + 16), 0x0a000002u);
    EXPECT_EQ(load_be32(bytes.data() + 20), 0x0a000003u);
    EXPECT_EQ(load_be32(bytes.data() + 24), 0x0a000004u);
    EXPECT_EQ(MacAddress::load(bytes.data() + 28), (MacAddress{{2, 0, 0, 0, 0, 5}}));
    EXPECT_EQ(text_of(Bytes{bytes}.subspan(44, 7)), (std::string_view{"server\0", 7}));
    EXPECT_EQ(text_of(Bytes{bytes}.subspan(108, 10)), (std::string_view{"boot/file\0", 10}));
    EXPECT_EQ(load_be32(bytes.data() + 236), 0x63825363u);
    EXPECT_EQ(load_u8(bytes.data() + 240), 53) << "the type comes first";
    EXPECT_EQ(load_u8(bytes.data() + 243), 54) << "then the server";
    const auto back = Message::parse(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, example());
    EXPECT_EQ(back->type(), MessageType::offer);
}

struct Refused {
    const char* name;
    std::function<void(Buffer&)> change;
    Error error;
};
struct DhcpMessageRefused : testing::TestWithParam<Refused> {};
INSTANTIATE_TEST_SUITE_P(
    Messages, DhcpMessageRefused,
    testing::Values(Refused{"Short", [](Buffer& bytes) { bytes.resize(239); }, Error::truncated},
                    Refused{"Empty", [](Buffer& bytes) { bytes.clear(); }, Error::truncated},
                    Refused{"Operation0", [](Buffer& bytes) { bytes[0] = std::byte{0}; }, Error::malformed},
                    Refused{"Operation3", [](Buffer& bytes) { bytes[0] = std::byte{3}; }, Error::malformed},
                    Refused{"NoCookie", [](Buffer& bytes) { bytes[236] = std::byte{0}; }, Error::malformed},
                    Refused{"TokenRing", [](Buffer& bytes) { bytes[1] = std::byte{6}; }, Error::not_supported},
                    Refused{"LongAddress", [](Buffer& bytes) { bytes[2] = std::byte{16}; }, Error::not_supported},
                    Refused{"NoLength", [](Buffer& bytes) { bytes.resize(241); }, Error::malformed},
                    Refused{"LongOption",
                            [](Buffer& bytes) {
                                bytes.resize(243);
                                bytes[241] = std::byte{2};
                            },
                            Error::malformed}),
    [](const auto& given) { return std::string{given.param.name}; });

TEST_P(DhcpMessageRefused, BySaying) {
    Buffer bytes = serialized(example());
    GetParam().change(bytes);
    const auto message = Message::parse(bytes);
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error(), make_error_code(GetParam().error));
}

TEST(DhcpOptions, EndWhereTheySayOrTheFieldDoes) {
    const auto message = Message::parse(with_options({0, 0, 53, 1, 1, 255, 12, 200}));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type(), MessageType::discover);
    EXPECT_FALSE(message->options.has(OptionCode::host_name)) << "what follows the end is not read";
    EXPECT_TRUE(Message::parse(with_options({53, 1, 1}))) << "without an end";
    EXPECT_TRUE(Message::parse(with_options({})));
}

// RFC 3396, RFC 2131 4.1.
TEST(DhcpOptions, ThatAreThereTwiceAreOne) {
    const auto message = Message::parse(with_options({53, 1, 1, 12, 2, 'a', 'b', 6, 0, 12, 1, 'c', 255}));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->options.text(OptionCode::host_name), "abc");
    EXPECT_TRUE(message->options.has(OptionCode::domain_name_server));
    EXPECT_TRUE(message->options.addresses(OptionCode::domain_name_server).empty());
    EXPECT_FALSE(Message::parse(with_options({53, 1, 1, 53, 1, 3, 255}))->type()) << "two types are none";
}

TEST(DhcpOptions, OfAnotherLengthAreNotThere) {
    Options options;
    options.set(OptionCode::lease_time, bytes_of("abc"));
    EXPECT_FALSE(options.u32(OptionCode::lease_time) || options.u16(OptionCode::lease_time));
    EXPECT_FALSE(options.u8(OptionCode::lease_time) || options.address(OptionCode::lease_time));
    EXPECT_TRUE(options.addresses(OptionCode::lease_time).empty());
    options.set_addresses(OptionCode::router, {{10, 0, 0, 1}, {10, 0, 0, 2}, {10, 0, 0, 3}});
    EXPECT_EQ(options.addresses(OptionCode::router, 2).size(), 2u) << "count_max";
    options.set(OptionCode::host_name, bytes_of(std::string_view{"name\0more", 9}));
    EXPECT_EQ(options.text(OptionCode::host_name), "name");
    EXPECT_EQ(options.text(OptionCode::domain_name), "");
}

TEST(DhcpOptions, ThatAreLongAreWrittenInPieces) {
    for (const std::size_t size : {0u, 255u, 256u, 600u}) {
        Message message = example();
        message.options.set(OptionCode::vendor_class, Buffer(size, std::byte{'x'}));
        const auto back = Message::parse(serialized(message, 1400));
        ASSERT_TRUE(back) << size;
        EXPECT_EQ(*back, message) << size;
    }
}

// RFC 2132 9.3: in the options field, then in file, then in sname.
TEST(DhcpOptions, GoOnInOtherFields) {
    Message message = example();
    message.file.clear();
    message.sname.clear();
    message.options.set(OptionCode::host_name, Buffer(200, std::byte{'a'}));
    message.options.set(OptionCode::domain_name, Buffer(100, std::byte{'b'}));
    message.options.set(OptionCode::vendor_class, Buffer(60, std::byte{'c'}));
    const Buffer bytes = serialized(message);
    EXPECT_EQ(bytes.size(), Message::size_assured);
    const auto back = Message::parse(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, message);
    Message full = message;
    full.options.set(OptionCode::vendor_class, Buffer(255, std::byte{'c'}));
    EXPECT_EQ(full.serialize().error(), make_error_code(Error::message_too_long));
    Message named = message;
    named.file = "its own";
    EXPECT_FALSE(named.serialize()) << "file is not free";
    named.options.remove(OptionCode::domain_name);
    EXPECT_EQ(*Message::parse(serialized(named)), named) << "but sname is";
}

TEST(DhcpOptions, AnOverloadIsReadWhereItCounts) {
    Buffer bytes = with_options({52, 1, 3, 53, 1, 2, 255});
    const auto put = [&](std::size_t at, std::initializer_list<int> octets) {
        for (const int octet : octets) bytes[at++] = static_cast<std::byte>(octet);
    };
    put(108, {12, 1, 'f', 52, 1, 0, 255});
    put(44, {12, 1, 's', 255});
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->options.text(OptionCode::host_name), "fs");
    EXPECT_EQ(message->file + message->sname, "");
    EXPECT_FALSE(message->options.has(OptionCode::overload));
    put(44, {12, 63});
    EXPECT_FALSE(Message::parse(bytes)) << "an option longer than sname";
    for (const int wrong : {0, 4}) EXPECT_FALSE(Message::parse(with_options({52, 1, wrong, 255}))) << wrong;
    EXPECT_FALSE(Message::parse(with_options({52, 2, 1, 1, 255})));
}

TEST(DhcpMessage, IsNotLongerThanAllowed) {
    Message message = example();
    EXPECT_FALSE(message.serialize(Message::size_min - 1));
    EXPECT_EQ(serialized(message, Message::size_min).size(), Message::size_min);
    message.file.assign(Message::file_size_max, 'f');
    EXPECT_TRUE(message.serialize());
    message.file += 'f';
    EXPECT_FALSE(message.serialize()) << "file_size_max, and a NUL";
    message.file.clear();
    message.sname.assign(Message::server_name_size_max + 1, 's');
    EXPECT_FALSE(message.serialize());
}

TEST(DhcpMessage, TypesHaveNames) {
    EXPECT_EQ(name_of(MessageType::discover), "DHCPDISCOVER");
    EXPECT_EQ(name_of(MessageType::inform), "DHCPINFORM");
    Message message;
    EXPECT_FALSE(message.type()) << "BOOTP";
    for (const int type : {0, 9}) {
        message.options.set_u8(OptionCode::message_type, static_cast<std::uint8_t>(type));
        EXPECT_FALSE(message.type());
    }
}

}  // namespace
}  // namespace strata::application::dhcp
