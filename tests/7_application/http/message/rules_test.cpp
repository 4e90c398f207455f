// HTTP's rules as tables: URLs, ranges, conditions, dates.
#include <gtest/gtest.h>

#include "strata/7_application/http/message/conditions.hpp"
#include "strata/7_application/http/message/date.hpp"
#include "strata/7_application/http/message/range.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {
namespace {

using namespace std::chrono_literals;

TEST(Url, IsTakenApart) {
    const auto url = parse_url("HTTP://example.test:8000/a%20b?q=1#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "http");
    EXPECT_EQ(url->host, "example.test");
    EXPECT_EQ(url->port, 8000);
    EXPECT_EQ(url->target, "/a%20b?q=1");
    EXPECT_EQ(parse_url("http://[::1]/x")->host, "::1");
    EXPECT_EQ(parse_url("http://[::1]/x")->authority(), "[::1]");
    EXPECT_EQ(parse_url("fetch://10.0.0.1/x")->port, 8080);
    EXPECT_EQ(parse_url("http://host")->target, "/");
    EXPECT_EQ(parse_url("http://host?q")->target, "/?q");
    EXPECT_EQ(parse_url("http://host:/f")->to_string(), "http://host/f") << "an empty port is the scheme's own";
    // As people write it.
    EXPECT_EQ(parse_url("example.org/a")->to_string(), "http://example.org/a");
    EXPECT_EQ(parse_url("localhost:8000")->to_string(), "http://localhost:8000/");
    EXPECT_EQ(parse_url("10.0.0.1/a?b=http://c")->to_string(), "http://10.0.0.1/a?b=http://c");
    EXPECT_EQ(parse_url("[::1]:80/")->to_string(), "http://[::1]/");
}

TEST(Url, RefusesWhatIsNone) {
    for (const char* text : {"", "http:/host/x", "http:///x", "ftp://host/x", "host/x", "http://host:0/x",
                             "http://host:99999/x", "http://host:x/", "http://user:secret@/x", "http://[::1/x",
                             "http://host/a b", "http://host/a\r\nHost: evil"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    EXPECT_FALSE(parse_url("http://host/" + std::string(9000, 'a')));
}

// RFC 3986 3.2.1. They are said to nobody by accident.
TEST(Url, MayHaveANameAndAPassword) {
    const auto url = parse_url("https://me:sec%40ret@host:444/x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->credentials, (Credentials{"me", "sec@ret"}));
    EXPECT_EQ(url->to_string(), "https://host:444/x");
    EXPECT_EQ(parse_url("http://me@host/")->credentials, (Credentials{"me", ""}));
    EXPECT_EQ(parse_url("http://a@b:c@host/")->host, "host") << "the last '@' ends them";
    EXPECT_EQ(parse_url("http://host/a@b")->credentials, std::nullopt);
    EXPECT_EQ(resolve_url(*url, "/y")->credentials, url->credentials) << "the same server";
    EXPECT_EQ(resolve_url(*url, "https://host:444/y")->credentials, std::nullopt) << "its own words";
    EXPECT_TRUE(url->has_origin_of(*parse_url("https://host:444/")));
    EXPECT_TRUE(url->has_origin_of(*parse_url("https://HOST:444/")));
    for (const char* other : {"http://host:444/", "https://host/", "https://host2:444/"})
        EXPECT_FALSE(url->has_origin_of(*parse_url(other))) << other;
    EXPECT_EQ(without_credentials("ftp://me:secret@host/"), "ftp://...@host/");
    EXPECT_EQ(without_credentials("me:secret@host:x/"), "...@host:x/");
    EXPECT_EQ(without_credentials("http://host:x/"), "http://host:x/");
}

// RFC 3986 3.2.2: brackets hold an IPv6 address and are nowhere else. What is taken must read the
// same when it is written again.
TEST(Url, BracketsHoldAnIpv6AddressOnly) {
    for (const char* text :
         {"http://[[x]:88/", "http://[x]/", "http://[]/", "http://[10.0.0.1]/", "http://[::1]]/", "http://[::1]x/",
          "http://a[b]/", "http://a]/", "http://a[/", "http://[v1.x]/", "http://a\\b/", "http://a<b/"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
    const auto url = parse_url("http://[2001:db8::1]:88/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->to_string(), "http://[2001:db8::1]:88/");
    EXPECT_EQ(parse_url(url->to_string())->host, url->host);
}

TEST(Url, RedirectsAreResolved) {
    const Url base = *parse_url("http://host:81/a/b?c");
    EXPECT_EQ(resolve_url(base, "d")->to_string(), "http://host:81/a/d");
    EXPECT_EQ(resolve_url(base, "/d")->to_string(), "http://host:81/d");
    EXPECT_EQ(resolve_url(base, "?e")->to_string(), "http://host:81/a/b?e");
    EXPECT_EQ(resolve_url(base, "//other/x")->to_string(), "http://other/x");
    EXPECT_EQ(resolve_url(base, "http://other:82/x")->to_string(), "http://other:82/x");
    EXPECT_EQ(resolve_url(base, "/d?then=http://other/")->to_string(), "http://host:81/d?then=http://other/");
    EXPECT_EQ(resolve_url(base, "d?x://y")->to_string(), "http://host:81/a/d?x://y");
    EXPECT_EQ(resolve_url(base, "/a name/说")->target, "/a%20name/%E8%AF%B4");
    EXPECT_FALSE(resolve_url(base, "/a\r\nHost: evil"));
    EXPECT_FALSE(resolve_url(base, "javascript:alert(1)"));
    EXPECT_FALSE(resolve_url(base, "javascript://x"));
    EXPECT_FALSE(resolve_url(base, ""));
}

TEST(Url, NamesOfTargets) {
    EXPECT_EQ(name_of_target("/a/b%20c?x"), "a/b c");
    EXPECT_EQ(name_of_target("//a/./b/"), "a/b");
    EXPECT_EQ(name_of_target("/"), "");
    // Dot segments, encoded ones too (RFC 3986 5.2.4 and 6.2.2.2).
    EXPECT_EQ(name_of_target("/%2e%2e/x"), "x") << "above the root is nothing";
    EXPECT_EQ(name_of_target("/a/b/../%2E/c"), "a/c");
    EXPECT_EQ(name_of_target("/a/.."), "");
    EXPECT_EQ(name_of_target("/../../a/../../b"), "b");
    EXPECT_EQ(name_of_target("/a/...../b..c"), "a/...../b..c");
    EXPECT_FALSE(name_of_target("/%zz"));
    EXPECT_FALSE(name_of_target("/%e"));
    EXPECT_FALSE(name_of_target("no-slash"));
    EXPECT_EQ(percent_decode_leniently("100%"), "100%");
    EXPECT_EQ(percent_decode_leniently("%41%zz%4"), "A%zz%4");
    EXPECT_EQ(percent_encode("说明.txt"), "%E8%AF%B4%E6%98%8E.txt");
}

struct RangeCase {
    const char* header;
    RangeAnswer::Kind kind;
    std::vector<ByteRange> parts = {};
};

TEST(Range, OfAThousandBytes) {
    using enum RangeAnswer::Kind;
    const RangeCase cases[] = {
        {"bytes=0-499", parts, {{0, 500}}},
        {"bytes=500-", parts, {{500, 500}}},
        {"bytes=-200", parts, {{800, 200}}},
        {"bytes=-5000", parts, {{0, 1000}}},
        {"bytes=0-0, 2-2 ,-1", parts, {{0, 1}, {2, 1}, {999, 1}}},
        {"bytes=990-9999", parts, {{990, 10}}},
        {"bytes=0-9,5000-", parts, {{0, 10}}},
        {"bytes=1000-", unsatisfiable},
        {"bytes=-0", unsatisfiable},
        {"bytes=5-4", whole},
        {"bytes=a-b", whole},
        {"bytes=", whole},
        {"bytes=-", whole},
        {"Bytes=0-499", parts, {{0, 500}}},
        {"BYTES=500-", parts, {{500, 500}}},
        {"lines=1-2", whole},
        {"byte=0-1", whole},
        {"bytes=0-,0-,0-", whole},  // an attack (RFC 9110 17.15)
        {"bytes=99999999999999999999-", unsatisfiable},
    };
    for (const auto& [header, kind, expected] : cases) {
        const RangeAnswer answer = parse_range(header, 1000);
        EXPECT_EQ(answer.kind, kind) << header;
        EXPECT_EQ(answer.parts, expected) << header;
    }
    std::string many = "bytes=0-0";
    for (std::size_t i = 1; i <= ranges_max; ++i) many += "," + std::to_string(2 * i) + "-" + std::to_string(2 * i);
    EXPECT_EQ(parse_range(many, 1000).kind, whole) << "too many";
    EXPECT_EQ(parse_range("bytes=0-0", 0).kind, unsatisfiable) << "an empty file";
}

TEST(Date, ThereAndBack) {
    const auto when = std::chrono::sys_days{std::chrono::year{1994} / 11 / 6} + 8h + 49min + 37s;
    EXPECT_EQ(format_date(when), "Sun, 06 Nov 1994 08:49:37 GMT");
    const auto now = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2};
    EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", now), when);
    EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", now), when);
    EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994", now), when);
    for (const char* text :
         {"", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
          "Sun, 06 Nov 1994 08-49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 CET",
          "Sun Nov  6 08:49:37 94", "Sun Nov    08:49:37 1994", "Sun Nov 06 08:49 1994   "}) {
        EXPECT_FALSE(parse_date(text, now)) << text;
    }
}

// RFC 9110 5.6.7: not more than 50 years ahead.
TEST(Date, AYearOfTwoDigitsIsTheLastThatCanBe) {
    const auto year = [](const char* digits, int now) {
        const auto date = parse_date(std::string("Monday, 02-Jan-") + digits + " 00:00:00 GMT",
                                     std::chrono::sys_days{std::chrono::year{now} / 6 / 1});
        return static_cast<int>(std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(*date)}.year());
    };
    EXPECT_EQ(year("76", 2026), 2076);
    EXPECT_EQ(year("77", 2026), 1977);
    EXPECT_EQ(year("26", 2026), 2026);
    EXPECT_EQ(year("00", 2026), 2000);
    EXPECT_EQ(year("00", 2060), 2100);
}

TEST(Conditions, InTheOrderOfTheRfc) {
    const std::string tag = "\"1-2-3\"";
    const std::chrono::sys_seconds modified = std::chrono::sys_days{std::chrono::year{2024} / 1 / 2};
    const std::chrono::sys_seconds now = modified + 1h;
    const std::string before = format_date(modified - 1s), at = format_date(modified);
    using enum ConditionVerdict;
    EXPECT_EQ(evaluate({}, tag, modified, now), proceed);
    EXPECT_EQ(evaluate({.if_match = tag}, tag, modified, now), proceed);
    EXPECT_EQ(evaluate({.if_match = "*"}, tag, modified, now), proceed);
    EXPECT_EQ(evaluate({.if_match = "\"other\""}, tag, modified, now), precondition_failed);
    EXPECT_EQ(evaluate({.if_match = "W/" + tag}, tag, modified, now), precondition_failed)
        << "a weak tag never matches strongly";
    EXPECT_EQ(evaluate({.if_none_match = "\"a\", W/" + tag}, tag, modified, now), not_modified);
    EXPECT_EQ(evaluate({.if_none_match = "\"a\"", .if_modified_since = at}, tag, modified, now), proceed)
        << "the tag outranks the date";
    EXPECT_EQ(evaluate({.if_modified_since = at}, tag, modified, now), not_modified);
    EXPECT_EQ(evaluate({.if_modified_since = before}, tag, modified, now), proceed);
    EXPECT_EQ(evaluate({.if_unmodified_since = before}, tag, modified, now), precondition_failed);
    EXPECT_EQ(evaluate({.if_modified_since = "yesterday"}, tag, modified, now), proceed);
    EXPECT_TRUE(range_applies({}, tag, modified, now));
    EXPECT_TRUE(range_applies({.if_range = tag}, tag, modified, now));
    EXPECT_FALSE(range_applies({.if_range = "W/" + tag}, tag, modified, now));
    EXPECT_TRUE(range_applies({.if_range = at}, tag, modified, now));
    EXPECT_FALSE(range_applies({.if_range = before}, tag, modified, now));
    EXPECT_TRUE(range_applies({.if_range = at}, tag, modified, modified + 1s));
    EXPECT_FALSE(range_applies({.if_range = at}, tag, modified, modified)) << "it may change again within this second";
    EXPECT_TRUE(range_applies({.if_range = "Tue Jan  2 00:00:00 2024"}, tag, modified, now));
    EXPECT_EQ(evaluate({.if_modified_since = "Tuesday, 02-Jan-24 00:00:00 GMT"}, tag, modified, now), not_modified);
}

}  // namespace
}  // namespace strata::application::http
