// What an FTP server says, as a client reads it: replies, and folders
// as servers of all kinds list them.
#include <gtest/gtest.h>

#include "strata/7_application/ftp/message/entry_reader.hpp"
#include "strata/7_application/ftp/message/reply_reader.hpp"

namespace strata::application::ftp {
namespace {

// "CODE first/second/..." of each.
std::string replies_of(ReplyReader& reader, std::string_view bytes, std::size_t at_a_time) {
    std::string all;
    for (std::size_t at = 0; at < bytes.size(); at += at_a_time) {
        reader.add(bytes.substr(at, at_a_time));
        while (const auto reply = reader.next()) {
            all += "[" + std::to_string(reply->code);
            for (const std::string& line : reply->lines) all += "|" + line;
            all += "]";
        }
    }
    return all;
}

TEST(FtpReplyReader, RepliesOfOneLineAndOfSeveral) {
    for (const std::size_t at_a_time : {1u, 3u, 1000u}) {
        ReplyReader reader;
        EXPECT_EQ(replies_of(reader, "220 Hi\r\n331\r\n230-a\r\n 230 b\n230x\r\n230-c\r\n230 d\r\n226 e\n", at_a_time),
                  "[220|Hi][331|][230|a| 230 b|230x|c|d][226|e]");
        EXPECT_FALSE(reader.is_broken() || reader.has_unread());
        EXPECT_EQ(replies_of(reader, "211-part", at_a_time), "");
        EXPECT_TRUE(reader.has_unread());
    }
}

TEST(FtpReplyReader, WhatIsNoFtpIsNotReadOn) {
    for (const char* other :
         {"HTTP/1.1 400 Bad\r\n", "SSH-2.0\r\n", "\r\n", "600 x\r\n", "099 x\r\n", "22 x\r\n", "2200 x\r\n"}) {
        ReplyReader reader;
        EXPECT_EQ(replies_of(reader, other, 100), "") << other;
        EXPECT_TRUE(reader.is_broken()) << other;
    }
}

TEST(FtpReplyReader, AReplyHasABound) {
    const auto reads = [](std::size_t lines) {
        ReplyReader reader;
        std::string text = "211-first\r\n";
        for (std::size_t i = 0; i < lines; ++i) text += " " + std::string(1020, 'x') + "\r\n";
        return !replies_of(reader, text + "211 last\r\n", 4096).empty() && !reader.is_broken();
    };
    EXPECT_TRUE(reads(ReplyReader::size_max / 1024 - 1));
    EXPECT_FALSE(reads(ReplyReader::size_max / 1024 + 1));
    ReplyReader endless;
    endless.add(std::string(ReplyReader::size_max + 1, '2'));
    EXPECT_FALSE(endless.next());
    EXPECT_TRUE(endless.is_broken());
}

std::string shown(const std::optional<ListedEntry>& entry) {
    if (!entry) return "";
    const std::string_view kinds[] = {"file", "folder", "link", "other"};
    return std::string(kinds[static_cast<std::size_t>(entry->kind)]) + " '" + entry->name + "' " +
           (entry->size ? std::to_string(*entry->size) : "-") + " " +
           (entry->modified ? format_time_value(*entry->modified) : "-");
}

TEST(FtpEntryReader, FactsInAnyOrderAndCase) {
    const auto read = [](std::string_view line) { return shown(parse_facts_line(line)); };
    EXPECT_EQ(read("type=file;size=12;modify=20261130052600; a b"), "file 'a b' 12 20261130052600");
    EXPECT_EQ(read("Modify=20261130052600.123;Type=DIR;Size=4096;Perm=el;  c"), "folder ' c' - 20261130052600");
    EXPECT_EQ(read("type=OS.unix=slink:/x; l"), "link 'l' - -");
    EXPECT_EQ(read("type=OS.unix=chr-13/29; d"), "other 'd' - -");
    EXPECT_EQ(read(" bare"), "file 'bare' - -");
    EXPECT_EQ(read("size=x;modify=y;type=file; z"), "file 'z' - -");
    for (const char* none : {"", "type=file;", "type=cdir; .", "type=pdir; ..", "type=file; "})
        EXPECT_EQ(read(none), "") << none;
}

TEST(FtpEntryReader, ListsOfUnixAndDos) {
    const FileTime now = *parse_time_value("20261130120000");
    const auto read = [now](std::string_view line) { return shown(parse_list_line(line, now)); };
    EXPECT_EQ(read("-rw-r--r--   1 ftp      ftp              1234 Nov 29 12:34 a b"), "file 'a b' 1234 20261129123400");
    EXPECT_EQ(read("-rw-r--r--   1 ftp      ftp              1234 Dec 29 12:34 old"), "file 'old' 1234 20251229123400");
    EXPECT_EQ(read("drwxr-xr-x   2 0 0  4096 Jan  1  2020 folder"), "folder 'folder' - 20200101000000");
    EXPECT_EQ(read("-rw-r--r--  1 user  12 Feb 29  2024 no group"), "file 'no group' 12 20240229000000");
    EXPECT_EQ(read("lrwxrwxrwx 1 a b 9 Nov 30  2025 link -> to -> it"), "link 'link' - 20251130000000");
    EXPECT_EQ(read("crw-rw-rw- 1 root root 1, 3 Nov 30 01:02 null"), "other 'null' - 20261130010200");
    EXPECT_EQ(read("-rw-r--r-- 1 a b 5 Nov 30 01:02  first"), "file ' first' 5 20261130010200");
    EXPECT_EQ(read("-rw-r--r-- 1 Jan Feb 3 5 Mar  2  2020 months"), "file 'months' 5 20200302000000");
    EXPECT_EQ(read("11-30-26  05:26PM       <DIR>          Program Files"), "folder 'Program Files' - 20261130172600");
    EXPECT_EQ(read("11-30-1999  12:26AM               1234 a.txt"), "file 'a.txt' 1234 19991130002600");
    for (const char* none :
         {"", "total 12", "-rw-r--r--", "drwxr-xr-x 1 a b 5 Nov 30 01:02", "d", "11-30-26", "99-99-99 05:26PM x y",
          "-rw-r--r-- 1 a b 5 Nov 31 01:02 x", "-rw-r--r-- 1 a b 5 Foo 30 01:02 x"})
        EXPECT_EQ(read(none), "") << none;
}

}  // namespace
}  // namespace strata::application::ftp
