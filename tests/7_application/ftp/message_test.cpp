// FTP's lines, in both directions: commands, Telnet, addresses, dates, names.
#include <gtest/gtest.h>

#include "strata/7_application/ftp/message/command.hpp"
#include "strata/7_application/ftp/message/command_reader.hpp"
#include "strata/7_application/ftp/message/data_address.hpp"
#include "strata/7_application/ftp/message/entry_lines.hpp"
#include "strata/7_application/ftp/message/path.hpp"
#include "strata/7_application/ftp/message/reply.hpp"

namespace strata::application::ftp {
namespace {

using std::string_literals::operator""s;

TEST(FtpCommand, IsAVerbAndWhatIsBehindOneSpace) {
    const Command command = parse_command("rEtR  two  spaces ");
    EXPECT_EQ(command.verb, Verb::retr);
    EXPECT_EQ(command.name, "RETR");
    EXPECT_EQ(command.argument, " two  spaces ");
    EXPECT_EQ(parse_command("XPWD").verb, Verb::pwd);
    EXPECT_EQ(parse_command("RETRX a").verb, Verb::unknown);
    EXPECT_EQ(parse_command("a-very-long-word").name, "a-very-long-");
    EXPECT_EQ(parse_command("").verb, Verb::unknown);
}

// All lines of it, each behind a '|'; the bytes come `at_a_time`.
std::string lines_of(CommandReader& reader, const std::string& bytes, std::size_t at_a_time) {
    std::string lines;
    for (std::size_t at = 0; at < bytes.size(); at += at_a_time) {
        reader.add(std::string_view(bytes).substr(at, at_a_time));
        while (const auto line = reader.next()) lines += "|" + line->text + (line->too_long ? "!" : "");
    }
    return lines;
}

TEST(FtpCommandReader, LinesEndHoweverTheyWereCut) {
    for (const std::size_t at_a_time : {1u, 2u, 3u, 100u}) {
        CommandReader reader;
        EXPECT_EQ(lines_of(reader, "USER a\r\nPASS b\nRETR a\r\0b\rc\r\n\r\n"s, at_a_time),
                  "|USER a|PASS b|RETR a\rb\rc|");
        EXPECT_FALSE(reader.has_unread() || reader.is_inside());
        EXPECT_EQ(lines_of(reader, "QUI", at_a_time), "");
        EXPECT_TRUE(reader.is_inside());
    }
}

// RFC 1123 4.1.2.12: WILL is answered DONT, DO is answered WONT; IAC IAC is an octet 255.
TEST(FtpCommandReader, TelnetsOptionsAreRefusedAndItsSynchIsHeard) {
    for (const std::size_t at_a_time : {1u, 100u}) {
        CommandReader reader;
        EXPECT_EQ(lines_of(reader,
                           "\xff\xfd\x01"
                           "NO\xff\xfb\x03OP\xff\xfc\x05\xff\xfe\x05\r\n",
                           at_a_time),
                  "|NOOP");
        EXPECT_EQ(reader.take_answers(), "\xff\xfc\x01\xff\xfe\x03");
        EXPECT_EQ(lines_of(reader,
                           "\xff\xf4\xff\xf2"
                           "ABOR\r\n",
                           at_a_time),
                  "|ABOR");
        EXPECT_EQ(lines_of(reader,
                           "\xf4\xf2"
                           "ABOR\r\n",
                           at_a_time),
                  "|ABOR");  // the IACs were urgent data
        EXPECT_EQ(lines_of(reader, "RETR \xff\xff\xf2\r\n", at_a_time), "|RETR \xff\xf2");
        EXPECT_EQ(reader.take_answers(), "");
    }
}

TEST(FtpCommandReader, ALineHasABoundAndTheNextIsRead) {
    CommandReader reader;
    const std::string most(CommandReader::line_max, 'a');
    EXPECT_EQ(lines_of(reader, most + "\r\n" + most + "b\r\nNOOP\r\n", 1000), "|" + most + "|" + most + "!|NOOP");
    EXPECT_EQ(lines_of(reader, std::string(1 << 20, 'x') + "\nNOOP\n", 1000),
              "|" + std::string(most.size(), 'x') + "!|NOOP");
}

TEST(FtpDataAddress, FourForms) {
    const Endpoint v4{IpAddress{Ipv4Address{192, 0, 2, 1}}, PortNumber{5001}};
    const Endpoint v6{*IpAddress::parse("2001:db8::1"), PortNumber{6275}};
    EXPECT_EQ(parse_port_argument("192,0,2,1,19,137"), v4);
    EXPECT_EQ(format_port_argument(v4), "192,0,2,1,19,137");
    for (const char* wrong :
         {"", "1,2,3,4,5", "1,2,3,4,5,6,7", "256,0,0,1,1,1", "1,2,3,4,5,x", "1,2,3,4,5,", "-1,2,3,4,5,6"})
        EXPECT_FALSE(parse_port_argument(wrong)) << wrong;
    EXPECT_EQ(parse_eprt_argument("|1|192.0.2.1|5001|").value(), v4);
    EXPECT_EQ(parse_eprt_argument("!2!2001:db8::1!6275!").value(), v6);
    EXPECT_EQ(format_eprt_argument(v6), "|2|2001:db8::1|6275|");
    EXPECT_EQ(parse_eprt_argument("|3|x|1|").error(), BadEprt::family);
    for (const char* wrong : {"", "|", "||||", "|1|192.0.2.1|5001", "|2|192.0.2.1|1|", "|1|192.0.2.1|70000|", "111.1.1",
                              "|1|192.0.2.1|1||", " 1 192.0.2.1 1 "})
        EXPECT_EQ(parse_eprt_argument(wrong).error(), BadEprt::syntax) << wrong;
}

TEST(FtpDataAddress, IsFoundInAnybodysWords) {
    EXPECT_EQ(find_passive_address("Entering Passive Mode (192,0,2,1,19,137).")->to_string(), "192.0.2.1:5001");
    EXPECT_EQ(find_passive_address("=192,0,2,1,19,137")->to_string(), "192.0.2.1:5001");
    EXPECT_EQ(find_passive_address("2 ways: 192,0,2,1,19,137")->to_string(), "192.0.2.1:5001");
    for (const char* wrong : {"", "none", "1,2,3,4,5", "(1,2,3,4,0,0)", "1,2,3,4,5,6,7"})
        EXPECT_FALSE(find_passive_address(wrong)) << wrong;
    EXPECT_EQ(find_extended_passive_port("Entering Extended Passive Mode (|||6446|)"), 6446);
    EXPECT_EQ(find_extended_passive_port("(it) goes (!!!6446!) on"), 6446);
    for (const char* wrong : {"", "(|||0|)", "(|||70000|)", "(||6446|)", "|||6446|", "(|||6446)", "(", "(|||||)"})
        EXPECT_FALSE(find_extended_passive_port(wrong)) << wrong;
}

TEST(FtpTimeValue, ThereAndBack) {
    const auto time = parse_time_value("20240229235959.25");
    ASSERT_TRUE(time);
    EXPECT_EQ(format_time_value(*time), "20240229235959");
    EXPECT_EQ(time->time_since_epoch().count() % 1'000'000'000, 250'000'000);
    EXPECT_EQ(format_time_value(*parse_time_value("20161231235960")), "20170101000000");  // a leap second
    EXPECT_EQ(format_time_value(*parse_time_value("22611231000000")), "22611231000000");
    for (const char* wrong : {"", "2024022923595", "20230229000000", "20240229240000", "20240229006000",
                              "20240229000061", "2024022900000x", "20240229000000.", "20240229000000.x",
                              "20240229000000 ", "19691231235959", "22620101000000", "20241301000000"})
        EXPECT_FALSE(parse_time_value(wrong)) << wrong;
}

TEST(FtpPath, NamesAreMeantFromAFolderAndNeverLeadOut) {
    EXPECT_EQ(resolve("", "a//b/"), "a/b");
    EXPECT_EQ(resolve("a/b", "c"), "a/b/c");
    EXPECT_EQ(resolve("a/b", "/c"), "c");
    EXPECT_EQ(resolve("a/b", "../.././../x"), "x");
    EXPECT_EQ(resolve("a/b", ".."), "a");
    EXPECT_EQ(resolve("a", ".."), "");
    EXPECT_EQ(resolve("", "..."), "...");
    EXPECT_EQ(folder_of("a/b/c"), "a/b");
    EXPECT_EQ(entry_of("a/b/c"), "c");
    EXPECT_EQ(folder_of("a"), "");
    EXPECT_EQ(entry_of("a"), "a");
    EXPECT_EQ(quoted("/a \"b\""), "\"/a \"\"b\"\"\"");
}

TEST(FtpPath, PatternsHaveStarsAndQuestionMarks) {
    EXPECT_TRUE(matches("*.txt", "a.txt") && matches("*", "") && matches("?b*d", "abcd") &&
                matches("a*b*c", "aXbXbXc"));
    EXPECT_TRUE(matches("**a**", "bab") && matches("", "") && matches("abc", "abc"));
    EXPECT_FALSE(matches("*.txt", "a.text") || matches("?", "") || matches("a*b", "ac") || matches("", "a"));
    // It would take others longer than the world lasts.
    EXPECT_FALSE(matches("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", std::string(255, 'a')));
}

TEST(FtpReply, ANameNeverEndsALineOfIt) {
    EXPECT_EQ(reply(257, "\"/a\r\nb\""), "257 \"/a\r\0?b\"\r\n"s);
    LongReply text(211, "first");
    text.add("226 It is there.");
    EXPECT_EQ(std::move(text).end("End"), "211-first\r\n 226 It is there.\r\n211 End\r\n");
}

TEST(FtpEntryLines, AsLsAndAsFacts) {
    const FileTime now = *parse_time_value("20261130120000");
    const FileFacts file{.size = 1234, .modified = now - std::chrono::hours(24)};
    const FileFacts folder{.folder = true, .modified = *parse_time_value("20260101000000")};
    std::string text;
    append_list_line(text, file, "a b", FileRights::read, now);
    EXPECT_EQ(text, "-r--r--r--   1 ftp      ftp              1234 Nov 29 12:00 a b");
    text.clear();
    append_list_line(text, folder, "f", FileRights::all, now);
    EXPECT_EQ(text, "drwxr-xr-x   1 ftp      ftp                 0 Jan  1  2026 f");
    text.clear();
    append_facts(text, file, "file", FileRights::read, {});
    EXPECT_EQ(text, "type=file;size=1234;modify=20261129120000;perm=r; ");
    text.clear();
    append_facts(text, folder, "dir", FileRights::add, parse_facts_wanted("Type;PERM;unknown;"));
    EXPECT_EQ(text, "type=dir;perm=celm; ");
    EXPECT_EQ(format_facts_wanted(parse_facts_wanted("size;perm")), "type;size*;modify;perm*;");
    EXPECT_EQ(format_facts_wanted(parse_facts_wanted("")), "type;size;modify;perm;");
}

}  // namespace
}  // namespace strata::application::ftp
