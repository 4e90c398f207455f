// What a client of HTTP reads: heads as servers write them, the
// chunked coding, .netrc, and the environment's proxies.
#include <gtest/gtest.h>

#include <map>

#include "strata/7_application/http/client/chunks.hpp"
#include "strata/7_application/http/client/netrc.hpp"
#include "strata/7_application/http/client/proxies.hpp"
#include "strata/7_application/http/client/response_head.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::http {
namespace {

TEST(ResponseHead, EndsWithAnEmptyLineHoweverLinesEnd) {
    EXPECT_EQ(end_of_head("HTTP/1.1 200 OK\r\n\r\nbody"), 19u);
    EXPECT_EQ(end_of_head("HTTP/1.1 200 OK\n\nbody"), 17u);
    EXPECT_EQ(end_of_head("HTTP/1.1 200 OK\n\r\nbody"), 18u);
    EXPECT_EQ(end_of_head("HTTP/1.1 200 OK\r\n\nbody"), 18u);
    EXPECT_EQ(end_of_head("HTTP/1.1 200 OK\r\nX: y\r\n"), std::nullopt);
    EXPECT_EQ(end_of_head(""), std::nullopt);
}

// However it arrives, and whatever was looked at before.
TEST(ResponseHead, EndIsFoundInPieces) {
    for (const std::string head : {"HTTP/1.1 200 OK\r\nX: y\r\n\r\n", "HTTP/1.1 200 OK\nX: y\n\n", "H\n\r\n"}) {
        for (std::size_t looked_at = 0; looked_at < head.size(); ++looked_at) {
            EXPECT_EQ(end_of_head(head.substr(0, looked_at)), std::nullopt);
            EXPECT_EQ(end_of_head(head, looked_at), head.size()) << head << looked_at;
        }
    }
}

TEST(ResponseHead, ComesIntoForm) {
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\nContent-Length: 5\n\n"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\r\nX: y\r\n\r\n"), "HTTP/1.1 200 OK\r\nX: y\r\n\r\n");
    EXPECT_EQ(in_form("HTTP/1.1 200\r\n\r\n"), "HTTP/1.1 200 \r\n\r\n") << "no reason";
    EXPECT_EQ(in_form("HTTP/1.2 200 OK\r\n\r\n"), "HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(in_form("HTTP/1.0 200 OK\r\n\r\n"), "HTTP/1.0 200 OK\r\n\r\n");
    EXPECT_EQ(in_form("HTTP/2 200 OK\r\n\r\n"), "HTTP/2 200 OK\r\n\r\n") << "another protocol";
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\r\nLength : 5\r\n\r\n"), "HTTP/1.1 200 OK\r\nLength: 5\r\n\r\n");
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\r\nX: a\x01 b\x7f\r\n\r\n"), "HTTP/1.1 200 OK\r\nX: a  b \r\n\r\n");
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\r\nX: a\r\n b:c\r\n\r\n"), "HTTP/1.1 200 OK\r\nX: a\r\n b:c\r\n\r\n");
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\r\nA B: c\r\nX: y\r\n\r\n"), "HTTP/1.1 200 OK\r\nX: y\r\n\r\n")
        << "a name with a space is nobody's";
    EXPECT_EQ(in_form("HTTP/1.1 200 OK\r\n"), "HTTP/1.1 200 OK\r\n\r\n") << "the connection ended there";
    EXPECT_EQ(in_form(""), "\r\n");
}

TEST(ResponseHead, MayEndWithTheConnectionBehindAWholeLine) {
    EXPECT_TRUE(ends_without_its_empty_line("HTTP/1.0 200 OK\r\n"));
    EXPECT_TRUE(ends_without_its_empty_line("HTTP/1.0 200 OK\nX: y\n\r"));
    EXPECT_FALSE(ends_without_its_empty_line("HTTP/1.0 200 OK\r\nContent-Le"));
    EXPECT_FALSE(ends_without_its_empty_line("HTTP/1.0 200 OK"));
    EXPECT_FALSE(ends_without_its_empty_line("garbage\n"));
    EXPECT_FALSE(ends_without_its_empty_line(""));
}

// What the pieces mean, one after the other; "broken" or "open" behind it if that is how it ends.
std::string decoded(const std::string& text, std::size_t piece) {
    Chunks chunks;
    std::string meant;
    for (std::size_t place = 0; place < text.size(); place += piece) {
        std::string part = text.substr(place, piece);
        const std::size_t count = chunks.take_off(std::as_writable_bytes(std::span(part)));
        meant += part.substr(0, count);
    }
    if (chunks.is_broken()) return meant + "|broken";
    return meant + (chunks.is_done() ? "" : "|open");
}

TEST(Chunks, AreTakenOff) {
    struct Case {
        std::string coded, meant;
    };
    const std::string many(Chunks::ignored_max - 2, 'x');
    const std::vector<Case> cases{
        {"5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"5\nhello\n0\n\n", "hello"},
        {"1\r\na\r\n00a\r\n0123456789\r\n0\r\n\r\nbehind", "a0123456789"},
        {"5;name=value\r\nhello\r\n0;x\r\nTrailer: y\r\nZ: z\r\n\r\n", "hello"},
        {"5 \r\nhello\r\n0\r\n\r\n", "hello"},
        {"0\r\n\r\n", ""},
        {"5\r\nhel", "hel|open"},
        {"5\r\nhello\r\n0\r\n", "hello|open"},
        {"", "|open"},
        {"5\r\nhelloX", "hello|broken"},
        {"\r\n5\r\nhello", "|broken"},
        {"x\r\n", "|broken"},
        {"-1\r\n", "|broken"},
        {"1ffffffffffffffff\r\n", "|broken"},
        {"1;" + many + "\r\na\r\n0\r\n\r\n", "a"},
        {"1;" + many + "xxx\r\na\r\n0\r\n\r\n", "|broken"},
        {"0\r\n" + many + "xxxx\r\n\r\n", "|broken"},
    };
    for (const Case& each : cases) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1} << 20})
            EXPECT_EQ(decoded(each.coded, piece), each.meant) << each.coded.substr(0, 60) << " by " << piece;
    }
}

TEST(Netrc, HasNamesAndPasswordsOfHosts) {
    const Netrc netrc = Netrc::parse(R"(# mine
machine a.test login "me and you" password "se\"cret"
machine b.test
  login bob
  account ignored
  password b#c
macdef init
machine evil login x password y

machine b.test login two password deux
machine empty.test
default login anonymous password guest
machine late.test login never password found)");
    EXPECT_EQ(netrc.of("a.test"), (Credentials{"me and you", "se\"cret"}));
    EXPECT_EQ(netrc.of("b.test"), (Credentials{"bob", "b#c"}));
    EXPECT_EQ(netrc.of("b.test", "two"), (Credentials{"two", "deux"}));
    EXPECT_EQ(netrc.of("evil"), (Credentials{"anonymous", "guest"})) << "a macro's text is none";
    EXPECT_EQ(netrc.of("late.test"), (Credentials{"anonymous", "guest"})) << "the default ends the list";
    EXPECT_EQ(netrc.of("b.test", "three"), std::nullopt);
    EXPECT_EQ(netrc.of("empty.test"), std::nullopt);
}

TEST(Netrc, IsReadFromAFileThatIsNotTooLong) {
    const strata::test::TemporaryFolder folder;
    const std::string path = folder.path() / ".netrc", entry = "\nmachine A.test login me password secret";
    EXPECT_EQ(Netrc::read(path).of("a.test"), std::nullopt) << "there is none";
    folder.write(".netrc", std::string(Netrc::file_max - entry.size(), ' ') + entry);
    EXPECT_EQ(Netrc::read(path).of("a.TEST"), (Credentials{"me", "secret"}));
    folder.write(".netrc", std::string(Netrc::file_max - entry.size() + 1, ' ') + entry);
    EXPECT_EQ(Netrc::read(path).of("a.test"), std::nullopt) << "one byte more";
    EXPECT_EQ(Netrc::read(folder.path()).of("a.test"), std::nullopt) << "a folder";
}

TEST(Netrc, OfNonsenseHasNothing) {
    for (const std::string text : {"", " ", "machine", "login x password y", "machine a.test login", "macdef", "\"",
                                   "machine \"a.test", "default", "\\", "#", "machine a.test password"}) {
        const auto found = Netrc::parse(text).of("a.test");
        EXPECT_TRUE(!found || found->user.empty()) << text;
    }
}

TEST(Proxy, IsReadAsCurlReadsIt) {
    const auto text = [](const std::string& given) {
        const auto proxy = parse_proxy(given);
        if (!proxy) return std::string("none");
        return std::to_string(static_cast<int>(proxy->kind)) + " " + proxy->url.scheme + " " + proxy->url.host + " " +
               std::to_string(proxy->url.port);
    };
    EXPECT_EQ(text("proxy.test"), "0 http proxy.test 1080");
    EXPECT_EQ(text("proxy.test:80"), "0 http proxy.test 80");
    EXPECT_EQ(text("http://proxy.test:3128/"), "0 http proxy.test 3128");
    EXPECT_EQ(text("HTTP://proxy.test"), "0 http proxy.test 1080");
    EXPECT_EQ(text("https://proxy.test"), "0 https proxy.test 443");
    EXPECT_EQ(text("socks5://[::1]:9"), "1 http ::1 9");
    EXPECT_EQ(text("socks5h://proxy.test"), "2 http proxy.test 1080");
    EXPECT_EQ(text("socks4://proxy.test"), "none");
    EXPECT_EQ(text("ftp://proxy.test"), "none");
    EXPECT_EQ(text("http://"), "none");
    EXPECT_EQ(parse_proxy("http://u%40:p@proxy.test")->url.credentials, (Credentials{"u@", "p"}));
}

TEST(Proxies, AreChosenByScheme) {
    std::map<std::string, const char*> environment;
    const auto given = [&](const std::string& url) {
        const Proxies proxies(
            [&](const char* name) { return environment.contains(name) ? environment[name] : nullptr; });
        return proxies.given_for(*parse_url(url)).value_or("straight");
    };
    EXPECT_EQ(given("http://a.test/"), "straight");
    environment = {{"http_proxy", "h"}, {"HTTPS_PROXY", "s"}, {"HTTP_PROXY", "evil"}};
    EXPECT_EQ(given("http://a.test/"), "h");
    EXPECT_EQ(given("https://a.test/"), "s");
    environment = {{"HTTP_PROXY", "evil"}};
    EXPECT_EQ(given("http://a.test/"), "straight") << "that one can be a stranger's header";
    environment = {{"https_proxy", "small"}, {"HTTPS_PROXY", "large"}};
    EXPECT_EQ(given("https://a.test/"), "small");
    environment = {{"http_proxy", ""}, {"ALL_PROXY", "all"}};
    EXPECT_EQ(given("http://a.test/"), "all") << "an empty one is none";
    environment = {{"https_proxy", ""}, {"HTTPS_PROXY", "large"}};
    EXPECT_EQ(given("https://a.test/"), "large");
    environment = {{"all_proxy", "all"}, {"NO_PROXY", "b.test"}};
    EXPECT_EQ(given("http://a.test/"), "all");
    EXPECT_EQ(given("http://b.test/"), "straight");
}

TEST(Proxies, AreNotForWhomNoProxyLists) {
    for (const std::string list : {"a.test", ".a.test", "x,a.test", "x a.test", "*", "A.TEST", "test", " a.test "})
        EXPECT_TRUE(is_listed(list, "a.test")) << list;
    EXPECT_TRUE(is_listed("a.test", "www.A.test."));
    for (const std::string list : {"", ",", "b.test", "ba.test", "www.a.test", "a.tes", ".", "10.0.0.0/8"})
        EXPECT_FALSE(is_listed(list, "a.test")) << list;
    EXPECT_TRUE(is_listed("10.0.0.0/8", "10.1.2.3"));
    EXPECT_FALSE(is_listed("10.0.0.0/8", "11.1.2.3"));
    EXPECT_FALSE(is_listed("2.3", "10.1.2.3")) << "an address has no end that is a name";
    EXPECT_TRUE(is_listed("10.1.2.3", "10.1.2.3"));
    EXPECT_TRUE(is_listed("[::1]", "::1"));
    EXPECT_TRUE(is_listed("0:0::1", "::1"));
}

}  // namespace
}  // namespace strata::application::http
