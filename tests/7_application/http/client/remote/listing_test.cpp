// Listings in JSON, as servers of ours write them, and as servers might that mean harm.
#include "strata/7_application/http/client/remote/listing.hpp"

#include <gtest/gtest.h>

namespace strata::application::http {
namespace {

using Kind = RemoteEntry::Kind;

std::string why_not(std::string_view text, std::size_t entries_max = 100) {
    const auto parsed = parse_listing(text, entries_max);
    return parsed ? "" : parsed.error();
}

TEST(HttpListingOfOthers, IsRead) {
    const auto list = parse_listing(
        R"({"path":"/x/","more":[1,{"a":null}],"entries":[
{"name":"2026","href":"./2026/","kind":"folder","modified":"2026-11-30T01:24:36.123456789Z"},
{"name":"说明 #%","href":"./%E8%AF%B4%E6%98%8E%20%23%25","kind":"file",
 "size":48213,"modified":"1969-12-31T23:59:59Z","new":true},
{"name":"?","href":"./%FF","kind":"file","size":18446744073709551615},
{"name":"socket","kind":"socket","size":7}
]})",
        100);
    ASSERT_TRUE(list) << list.error();
    ASSERT_EQ(list->size(), 4u);
    const auto& all = *list;
    EXPECT_EQ(all[0].name, "2026");
    EXPECT_EQ(all[0].kind, Kind::folder);
    EXPECT_FALSE(all[0].size);
    EXPECT_EQ(all[0].date, std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + std::chrono::seconds{5076});
    EXPECT_EQ(all[1].name, "说明 #%");
    EXPECT_EQ(all[1].size, 48213u);
    EXPECT_EQ(all[1].date, std::chrono::sys_seconds{std::chrono::seconds{-1}});
    EXPECT_EQ(all[2].name, "\xff") << "bytes that are no text are in the link";
    EXPECT_EQ(all[2].size, ~std::uint64_t{0});
    EXPECT_EQ(all[3].kind, Kind::other);
    EXPECT_EQ(all[3].name, "socket");
    EXPECT_FALSE(all[3].size);
}

TEST(HttpListingOfOthers, NamesLeadNowhereElse) {
    for (const std::string href : {"./..", "..", ".", "./", "/etc/passwd", "./a/b", "./a%2fb", "./a%00b", "./%2e%2e/",
                                   "http://x/y", "./%", "./%zz", "../a"}) {
        const std::string text = R"({"entries":[{"name":"a","href":")" + href + R"(","kind":"file"}]})";
        EXPECT_TRUE(why_not(text).contains("is none of a file in that folder")) << href << ": " << why_not(text);
    }
    for (const std::string name : {"..", ".", "", "a/b", "a\\u0000b"}) {
        const std::string text = R"({"entries":[{"name":")" + name + R"(","kind":"file"}]})";
        EXPECT_TRUE(why_not(text).contains("is none of a file in that folder")) << name;
    }
    EXPECT_EQ(why_not(R"({"entries":[{"name":")" + std::string(255, 'x') + R"("}]})"), "");
    EXPECT_NE(why_not(R"({"entries":[{"name":")" + std::string(256, 'x') + R"("}]})"), "");
    EXPECT_TRUE(why_not(R"({"entries":[{"name":"\u001b[2J/"}]})").contains("'?[2J/'")) << "nothing to obey is told";
}

TEST(HttpListingOfOthers, IsJsonOfThatForm) {
    for (const std::string text : {"", "{", "<html>", "{\"entries\":[]", "{\"entries\":[]}x", "{'entries':[]}"})
        EXPECT_TRUE(why_not(text).contains("it is no JSON")) << text;
    for (const std::string text : {"[]", "{}", "1", "null", R"({"entries":{}})", R"({"entries":[1]})"})
        EXPECT_TRUE(why_not(text).contains("it is not the list of a folder")) << text;
    EXPECT_EQ(why_not(R"({"entries":[]})"), "");
}

TEST(HttpListingOfOthers, WhatIsNoSizeOrDateIsIgnored) {
    for (const std::string size : {"-1", "1.5", "\"7\"", "null", "1e400"}) {
        const auto list = parse_listing(R"({"entries":[{"name":"a","kind":"file","size":)" + size + "}]}", 9);
        EXPECT_TRUE(!list || !list->front().size) << size;
    }
    for (const std::string date : {"", "2026-11-30", "2026-02-30T00:00:00Z", "2026-11-30T24:00:00Z",
                                   "2026-11-30T01:24:36+01:00", "-026-11-30T01:24:36Z", "20xx-11-30T01:24:36Z"}) {
        const auto list = parse_listing(R"({"entries":[{"name":"a","modified":")" + date + "\"}]}", 9);
        ASSERT_TRUE(list) << date;
        EXPECT_FALSE(list->front().date) << date;
    }
}

TEST(HttpListingOfOthers, EntriesMax) {
    const std::string two = R"({"entries":[{"name":"a"},{"name":"b"}]})";
    EXPECT_EQ(why_not(two, 2), "");
    EXPECT_EQ(why_not(two, 1), "it has more than 1 entries");
}

// depth_max.
TEST(HttpListingOfOthers, IsNestedSixteenDeepAtMost) {
    const auto nested = [](std::size_t depth) {
        return R"({"entries":[],"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    EXPECT_EQ(why_not(nested(15)), "");
    EXPECT_TRUE(why_not(nested(16)).contains("it is no JSON"));
    EXPECT_TRUE(why_not(nested(1'000'000)).contains("it is no JSON"));
}

}  // namespace
}  // namespace strata::application::http
