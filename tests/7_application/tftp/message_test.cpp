// TFTP's packets, options and names: tables in, out.
#include <gtest/gtest.h>

#include "strata/7_application/tftp/message/name.hpp"
#include "strata/7_application/tftp/message/packet.hpp"

namespace strata::application::tftp {
namespace {

using namespace std::string_literals;

Result<Packet> parsed(const std::string& text) { return parse(bytes_of(text)); }
std::string written(const Packet& packet) { return std::string(text_of(serialize(packet))); }

TEST(TftpPacket, ARequestHasANameAModeAndOptions) {
    const std::string text =
        "\0\1boot/x\0Octet\0blksize\0"
        "1428\0tsize\0"
        "0\0"s;
    const auto packet = parsed(text);
    ASSERT_TRUE(packet);
    const Request expected{false, "boot/x", "Octet", {{"blksize", "1428"}, {"tsize", "0"}}};
    EXPECT_EQ(std::get<Request>(*packet), expected);
    EXPECT_EQ(written(*packet), text);
    const auto write = parsed("\0\2f\0netascii\0"s);
    ASSERT_TRUE(write);
    EXPECT_TRUE(std::get<Request>(*write).write);
    EXPECT_TRUE(std::get<Request>(*write).options.empty());
}

TEST(TftpPacket, TheOthersHaveANumber) {
    const std::string block = "\0\3\x12\x34hello"s;  // what was parsed is a view
    const auto data = parsed(block);
    ASSERT_TRUE(data);
    EXPECT_EQ(std::get<Data>(*data).block, 0x1234);
    EXPECT_EQ(text_of(std::get<Data>(*data).bytes), "hello");
    EXPECT_EQ(written(*data), block);
    EXPECT_EQ(std::get<Acknowledgment>(*parsed("\0\4\xff\xff"s)).block, 0xffff);
    EXPECT_EQ(written(Acknowledgment{7}), "\0\4\0\7"s);
    const auto error = parsed("\0\5\0\1no file\0"s);
    EXPECT_EQ(std::get<ErrorMessage>(*error).code, ErrorCode::file_not_found);
    EXPECT_EQ(std::get<ErrorMessage>(*error).text, "no file");
    EXPECT_EQ(written(*error), "\0\5\0\1no file\0"s);
    EXPECT_EQ(std::get<OptionAcknowledgment>(*parsed("\0\6blksize\0"
                                                     "8\0"s))
                  .options.at(0)
                  .value,
              "8");
    std::array<std::byte, data_header_size> header{};
    store_data_header(header.data(), 0x1234);
    EXPECT_EQ(text_of(header), "\0\3\x12\x34"s);
}

TEST(TftpPacket, WhatIsCutOrUnknownIsNone) {
    for (const std::string& text : {""s, "\0"s, "\0\1"s, "\0\1f"s, "\0\1f\0"s, "\0\1f\0octet"s,
                                    "\0\1f\0octet\0blksize"s, "\0\1f\0octet\0blksize\0"s,
                                    "\0\1f\0octet\0blksize\0"
                                    "8"s,
                                    "\0\3"s, "\0\3\0"s, "\0\4\0"s, "\0\5\0"s, "\0\6blksize\0"s}) {
        EXPECT_EQ(parsed(text).error(), Error::truncated) << text.size();
    }
    EXPECT_EQ(parsed("\0\0\0\0"s).error(), Error::not_supported);
    EXPECT_EQ(parsed("\0\7\0\0"s).error(), Error::not_supported);
    EXPECT_EQ(parsed("\1\1f\0octet\0"s).error(), Error::not_supported);
    EXPECT_EQ(parsed("\0\1f\0\0"s).error(), Error::malformed) << "no mode";
    EXPECT_EQ(parsed("\0\1f\0octet\0\0"
                     "8\0"s)
                  .error(),
              Error::malformed)
        << "an option without a name";
}

TEST(TftpPacket, WhatOldSendersDoIsTaken) {
    EXPECT_TRUE(std::get<Request>(*parsed("\0\1f\0octet\0\0\0\0\0"s)).options.empty()) << "filled up with zeros";
    EXPECT_TRUE(parsed("\0\4\0\1garbage"s)) << "something behind an ACK";
    EXPECT_EQ(std::get<ErrorMessage>(*parsed("\0\5\0\0open end"s)).text, "open end");
    EXPECT_TRUE(std::get<OptionAcknowledgment>(*parsed("\0\6"s)).options.empty());
}

TEST(TftpPacket, NoMoreOptionsAreReadThanTheirBound) {
    std::string text = "\0\1f\0octet\0"s;
    for (std::size_t i = 0; i < options_most; ++i) text += "o\0v\0"s;
    EXPECT_EQ(std::get<Request>(*parsed(text)).options.size(), options_most);
    EXPECT_EQ(std::get<Request>(*parsed(text + "o\0v\0"s)).options.size(), options_most);
}

TEST(TftpOptions, AreReadInAnyLettersWithinTheirBounds) {
    const OptionValues all = values_of({{"BLKSIZE", "1428"}, {"windowSize", "16"}, {"timeout", "3"}, {"tsize", "0"}});
    EXPECT_EQ(all, (OptionValues{1428, 16, 3, 0}));
    for (const char* text : {"7", "0", "", "-8", "+8", " 8", "8 ", "0x10", "abc", "99999999999999999999999"})
        EXPECT_FALSE(values_of({{"blksize", text}}).blksize) << text;
    EXPECT_EQ(values_of({{"blksize", "8"}}).blksize, 8u);
    EXPECT_EQ(values_of({{"blksize", "65464"}}).blksize, blksize_most);
    EXPECT_EQ(values_of({{"blksize", "65465"}}).blksize, blksize_most) << "the answer may be less";
    for (const char* text : {"0", "65536", "x"}) EXPECT_FALSE(values_of({{"windowsize", text}}).windowsize) << text;
    EXPECT_EQ(values_of({{"windowsize", "65535"}}).windowsize, windowsize_most);
    for (const char* text : {"0", "256", "1.5"}) EXPECT_FALSE(values_of({{"timeout", text}}).timeout) << text;
    EXPECT_EQ(values_of({{"timeout", "255"}}).timeout, timeout_most);
    EXPECT_EQ(values_of({{"tsize", "18446744073709551615"}}).tsize, ~std::uint64_t{0});
    EXPECT_FALSE(values_of({{"tsize", "18446744073709551616"}}).tsize);
    EXPECT_TRUE(values_of({{"multicast", ""}, {"x", "1"}}).empty()) << "RFC 2090, and what nobody knows";
}

TEST(TftpOptions, OfOneThatIsThereTwiceTheFirstCounts) {
    EXPECT_EQ(values_of({{"blksize", "512"}, {"blksize", "1024"}}).blksize, 512u);
    EXPECT_FALSE(values_of({{"blksize", "x"}, {"BlkSize", "1024"}}).blksize);
}

TEST(TftpOptions, AreWrittenAsTheyAreRead) {
    const OptionValues all{8, 65535, 255, 5'000'000'000};
    EXPECT_EQ(values_of(list_of(all)), all);
    EXPECT_TRUE(list_of({}).empty());
}

// An OACK may have less than what was asked for, and nothing else (RFC 2347, 2348, 2349, 7440).
TEST(TftpOptions, AnAnswerIsHeldAgainstWhatWasAsked) {
    const OptionValues asked{1428, 16, 3, 0};
    EXPECT_EQ(check_answer({{"blksize", "512"}, {"TSIZE", "77"}}, asked).values, (OptionValues{512, {}, {}, 77}));
    EXPECT_EQ(check_answer({{"blksize", "512"}}, asked).problem, "");
    EXPECT_EQ(check_answer({}, asked).problem, "");
    for (const Option& wrong :
         {Option{"blksize", "1429"}, Option{"blksize", "7"}, Option{"blksize", "x"}, Option{"windowsize", "17"},
          Option{"windowsize", "0"}, Option{"timeout", "2"}, Option{"tsize", "-1"}, Option{"multicast", ""}})
        EXPECT_NE(check_answer({wrong}, asked).problem, "") << wrong.name << " " << wrong.value;
    EXPECT_NE(check_answer({{"tsize", "1"}}, {1428, {}, {}, {}}).problem, "") << "it was not asked for";
    EXPECT_NE(check_answer({{"sliding", "1"}}, asked).problem, "") << "neither was that";
    const OptionValues slides{1428, 16, {}, {}, true};
    EXPECT_EQ(check_answer({{"windowsize", "8"}, {"Sliding", "1"}}, slides).values,
              (OptionValues{{}, 8, {}, {}, true}));
    EXPECT_NE(check_answer({{"sliding", "0"}}, slides).problem, "");
    EXPECT_EQ(values_of(list_of(slides)), slides);
    EXPECT_FALSE(values_of({{"sliding", "yes"}}).sliding);
    EXPECT_NE(check_answer({{"blksize", "512"}, {"blksize", "512"}}, asked).problem, "") << "twice";
}

TEST(TftpName, SeparatorsAndRootsOfAllKindsAreTheFolders) {
    EXPECT_EQ(file_name("boot/x"), "boot/x");
    EXPECT_EQ(file_name("/boot/x"), "boot/x");
    EXPECT_EQ(file_name("\\boot\\x"), "boot/x");
    EXPECT_EQ(file_name("//x y#%"), "x y#%");
    EXPECT_EQ(file_name("说明.txt"), "说明.txt");
    EXPECT_EQ(file_name("../x"), "../x") << "what leads out is the folder's to refuse";
}

TEST(TftpName, WhatIsNoneSaysWhy) {
    for (const std::string& name : {""s, "/"s, "\\\\"s, "a\nb"s, "a\x7f"s, "\x1b[2J"s, std::string(name_most + 1, 'a')})
        EXPECT_FALSE(file_name(name)) << name;
    EXPECT_TRUE(file_name(std::string(name_most, 'a')));
}

TEST(TftpError, HasWordsForEachCode) {
    for (std::uint16_t code = 0; code < 10; ++code) EXPECT_FALSE(in_words(static_cast<ErrorCode>(code)).empty());
    EXPECT_EQ(in_words(ErrorCode{9}), in_words(ErrorCode{65535}));
}

}  // namespace
}  // namespace strata::application::tftp
