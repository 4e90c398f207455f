// Folders as pages: whole, in order, made once for a crowd, and never at everybody else's expense.
#include "strata/7_application/http/server/listing/listing_page.hpp"

#include "strata/7_application/http/message/accept.hpp"
#include "strata/7_application/http/server/listing/listing_json.hpp"
#include "strata/7_application/http/server/listing/listings.hpp"
#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;

TEST(ListingPage, IsEscapedAndHarmless) {
    std::string page = listing_head("/<folder>/");
    append_listing_row(page, {"<script>alert(1)</script>", {}});
    append_listing_row(page, {"a\"b&c", {}});
    append_listing_row(page, {"说明 1.txt", {.size = 3 << 20}});
    append_listing_row(page, {"bad\xff\n", {}});
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_NE(page.find("&lt;folder&gt;"), std::string::npos);
    EXPECT_NE(page.find("href=\"./%E8%AF%B4%E6%98%8E%201.txt\""), std::string::npos);
    EXPECT_NE(page.find("3.0 MiB"), std::string::npos);
    EXPECT_NE(page.find("bad\xef\xbf\xbd\xef\xbf\xbd"), std::string::npos);
}

struct HttpListing : HttpServer {
    // Pages of more than 50 kB are large here.
    static ServerOptions small() { return {.listings = {.kept_max = 200'000}}; }
    void write_many(int count) const {
        for (int i = 0; i < count; ++i) folder.write("many/file" + std::to_string(100'000 + i), "");
    }
    // A page's names, in its order.
    static std::vector<std::string> names_in(const std::string& page) {
        std::vector<std::string> names;
        const std::string before = "<a href=\"./";
        for (std::size_t at = 0; (at = page.find(before, at)) != std::string::npos;) {
            at += before.size();
            names.push_back(page.substr(at, page.find('"', at) - at));
        }
        return names;
    }
    // A body that came in chunks.
    static std::string without_chunks(std::string_view text) {
        std::string whole;
        for (;;) {
            const std::size_t line = text.find("\r\n");
            const std::size_t size = std::stoul(std::string(text.substr(0, line)), nullptr, 16);
            text.remove_prefix(line + 2);
            if (size == 0) {
                EXPECT_EQ(text, "\r\n");
                return whole;
            }
            whole += text.substr(0, size);
            EXPECT_EQ(text.substr(size, 2), "\r\n");
            text.remove_prefix(size + 2);
        }
    }
};

TEST_F(HttpListing, AShortOneHasItsLengthSaid) {
    const std::string answer = get("/");
    EXPECT_EQ(field(answer, "Content-Length"), std::to_string(body(answer).size()));
    EXPECT_EQ(names_in(body(answer)), (std::vector<std::string>{"sub/", "big.bin", "empty", "hello.txt"}));
    EXPECT_TRUE(body(answer).ends_with("</html>\n"));
}

TEST_F(HttpListing, ALongOneComesInChunksAllOfIt) {
    serve(small());
    write_many(3000);
    const std::string answer = exchange(
        "GET /many/ HTTP/1.1\r\nHost: x\r\n\r\nGET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(field(answer, "Transfer-Encoding"), "chunked");
    EXPECT_EQ(field(answer.substr(0, answer.find("\r\n\r\n")), "Content-Length"), "");
    const std::string first = body(answer);
    const std::size_t second = first.find("HTTP/1.1 200 OK");
    ASSERT_NE(second, std::string::npos) << "the connection is kept";
    const std::string page = without_chunks(std::string_view(first).substr(0, second));
    const auto names = names_in(page);
    EXPECT_EQ(names.size(), 3000u);
    EXPECT_TRUE(std::ranges::is_sorted(names));
    EXPECT_TRUE(page.ends_with("</html>\n"));
    ASSERT_GE(reports.size(), 1u);
    EXPECT_EQ(reports[0].body_bytes, page.size());
}

// HTTP/1.0 knows no chunks: the end of the connection is that of the page.
TEST_F(HttpListing, AnOldClientReadsToTheEnd) {
    serve(small());
    write_many(600);
    const std::string answer = exchange("GET /many/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(field(answer, "Transfer-Encoding"), "");
    EXPECT_EQ(field(answer, "Content-Length"), "");
    EXPECT_EQ(field(answer, "Connection"), "close");
    EXPECT_EQ(names_in(body(answer)).size(), 600u);
}

TEST_F(HttpListing, OnlyTheHeadOfOne) {
    serve(small());
    write_many(600);
    for (const char* path : {"/", "/many/"}) {
        const std::string answer =
            exchange(std::string("HEAD ") + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK")) << path;
        EXPECT_EQ(body(answer), "") << path;
    }
}

// Each as fast as he takes it, and of one set of names. Neither does a slow one keep the others
// waiting, nor their turn.
TEST_F(HttpListing, ACrowdHasALongOneEachAtHisOwnPace) {
    ServerOptions options = small();
    options.listings.made_at_once_max = 1;
    serve(options);
    write_many(3000);
    SlowReader slow;
    asio::co_spawn(lab.io(), slow.read(client.network(), "GET /many/ HTTP/1.0\r\n\r\n", 10, 10s),
                   [](std::exception_ptr) {});
    lab.run_for(1s);
    std::vector<std::string> answers(20);
    for (std::string& answer : answers) {
        asio::co_spawn(lab.io(), converse(client.network(), "GET /many/ HTTP/1.0\r\n\r\n", true, answer),
                       [](std::exception_ptr) {});
    }
    lab.run_for(20s);
    for (const std::string& answer : answers) EXPECT_EQ(names_in(answer).size(), 3000u);
}

TEST_F(HttpListing, AShortOneIsMadeOnceForACrowd) {
    write_many(2000);
    serve();
    std::vector<std::string> answers(50);
    for (std::string& answer : answers) {
        asio::co_spawn(lab.io(), converse(client.network(), "GET /many/ HTTP/1.0\r\n\r\n", true, answer),
                       [](std::exception_ptr) {});
    }
    lab.run_for(1min);
    for (const std::string& answer : answers) {
        EXPECT_EQ(names_in(body(answer)).size(), 2000u);
        EXPECT_EQ(body(answer), body(answers[0]));
    }
}

TEST_F(HttpListing, AChangedFolderIsReadAnew) {
    folder.write("many/a", "");
    EXPECT_EQ(names_in(get("/many/")).size(), 1u);
    folder.write("many/b", "");
    EXPECT_EQ(names_in(get("/many/")).size(), 2u);
}

TEST_F(HttpListing, AFolderWithAnIndexIsAnsweredWithIt) {
    folder.write("site/index.html", "<p>home");
    folder.write("site/page", "");
    EXPECT_EQ(body(get("/site/")), "<p>home");
    EXPECT_EQ(field(get("/site/"), "Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(get("/site").starts_with("HTTP/1.1 301 "));
    folder.write("folder/index.html/x", "");
    EXPECT_EQ(names_in(get("/folder/")).size(), 1u) << "an index that is a folder is none";
    http.reset();
    serve({.answers = {.index = false}});
    EXPECT_EQ(names_in(get("/site/")).size(), 2u);
}

TEST_F(HttpListing, TextsSayHowTheyAreWritten) {
    folder.write("utf8.txt", "说明");
    folder.write("ascii.txt", "plain");
    folder.write("gbk.txt", "\xcb\xb5\xc3\xf7");
    // A character that is cut where the look ends.
    folder.write("long.txt", std::string((64 << 10) - 1, 'x') + "说");
    folder.write("cut.txt", "x\xe8\xaf");
    for (const char* name : {"/utf8.txt", "/ascii.txt", "/long.txt", "/empty.txt"}) {
        folder.write("empty.txt", "");
        EXPECT_EQ(field(get(name), "Content-Type"), "text/plain; charset=utf-8") << name;
    }
    EXPECT_EQ(field(get("/gbk.txt"), "Content-Type"), "text/plain");
    EXPECT_EQ(field(get("/cut.txt"), "Content-Type"), "text/plain");
    EXPECT_EQ(field(get("/big.bin"), "Content-Type"), "application/octet-stream");
    http.reset();
    serve({.answers = {.charset = "GBK"}});
    EXPECT_EQ(field(get("/gbk.txt"), "Content-Type"), "text/plain; charset=GBK");
    EXPECT_EQ(field(get("/utf8.txt"), "Content-Type"), "text/plain; charset=utf-8");
}

// ---- what is kept -------------------------------------------------------------------------------

struct KeptListings : strata::test::ServedFolder {
    Instant now{1h};
    std::shared_ptr<const OpenFile> opened = std::make_shared<const OpenFile>(*root.open_file(""));
    static Page page(std::size_t size) { return std::make_shared<const std::string>(size, 'p'); }
};

TEST_F(KeptListings, APageIsKeptForASecond) {
    Listings listings(server.network(), {});
    const Page made = page(100);
    listings.keep("a", *opened, made, now);
    now += 999ms;
    EXPECT_EQ(listings.find("a", *opened, now), made);
    EXPECT_EQ(listings.find("b", *opened, now), nullptr);
    now += 1ms;
    EXPECT_EQ(listings.find("a", *opened, now), nullptr);
    EXPECT_EQ(listings.bytes(), 0u);
}

TEST_F(KeptListings, OfPagesAndTheirBytesOnlySoManyAreKept) {
    Listings listings(server.network(), {.pages_max = 3, .kept_max = 1000});
    for (const char* name : {"a", "b", "c", "d"}) listings.keep(name, *opened, page(10), now);
    EXPECT_EQ(listings.pages(), 3u);
    EXPECT_EQ(listings.find("a", *opened, now), nullptr) << "the oldest was dropped";
    listings.keep("e", *opened, page(250), now);
    listings.keep("f", *opened, page(251), now);
    EXPECT_EQ(listings.find("f", *opened, now), nullptr) << "more than a quarter of what may be kept";
    EXPECT_NE(listings.find("e", *opened, now), nullptr);
    for (const char* name : {"g", "h", "i", "j"}) listings.keep(name, *opened, page(250), now);
    EXPECT_LE(listings.bytes(), 1000u);
    listings.keep("j", *opened, page(20), now);
    EXPECT_EQ(listings.find("j", *opened, now)->size(), 20u) << "the newer one of a name";
    Listings none(server.network(), {.pages_max = 0});
    none.keep("a", *opened, page(10), now);
    EXPECT_EQ(none.pages(), 0u);
}

// ---- for programs -------------------------------------------------------------------------------

TEST(ListingJson, SaysWhatItSays) {
    std::string text = json_head("/a \"b\"/");
    const FileFacts file{.size = 12345678901, .modified = std::chrono::sys_seconds{1s} + 5ns};
    append_json_entry(text, {"文", file}, true);
    append_json_entry(text, {"bad\xff\n", {.folder = true}}, false);
    text += json_foot();
    EXPECT_EQ(text,
              R"({"path":"/a \"b\"/","entries":[
{"name":"文","href":"./%E6%96%87","kind":"file","size":12345678901,"modified":"1970-01-01T00:00:01.000000005Z"},
{"name":"bad\uFFFD\u000A","href":"./bad%FF%0A/","kind":"folder","modified":"1970-01-01T00:00:00.000000000Z"}
]}
)");
}

TEST(AcceptWeight, IsThatOfTheMostPreciseRange) {
    EXPECT_EQ(weight_of("application/json", "application/json"), 1000u);
    EXPECT_EQ(weight_of("text/html, application/json;q=0.5", "application/json"), 500u);
    EXPECT_EQ(weight_of("*/*;q=0.1, application/*;q=0.25, APPLICATION/JSON;Q=0.123", "application/json"), 123u);
    EXPECT_EQ(weight_of("*/*;q=0.1, application/*;q=0.25", "application/json"), 250u);
    EXPECT_EQ(weight_of("*/* ; q=0.1", "application/json"), 100u);
    EXPECT_EQ(weight_of("text/*", "application/json"), 0u);
    EXPECT_EQ(weight_of("", "application/json"), 0u);
    EXPECT_EQ(weight_of("application/json;q=0", "application/json"), 0u);
    EXPECT_EQ(weight_of("application/json;q=x", "application/json"), 0u);
    EXPECT_EQ(weight_of(",;,/,/*,;q=1,a/*", "application/json"), 0u);
}

TEST_F(HttpListing, WhoAsksForJsonGetsIt) {
    folder.write("sub/index.html", "home");
    const auto type_of = [&](const std::string& target, const std::string& accept) {
        const std::string answer = get(target, accept.empty() ? "" : "Accept: " + accept + "\r\n");
        EXPECT_EQ(field(answer, "Vary"), "Accept") << accept;
        return field(answer, "Content-Type");
    };
    EXPECT_EQ(type_of("/", ""), "text/html; charset=utf-8");
    EXPECT_EQ(type_of("/", "*/*"), "text/html; charset=utf-8");
    EXPECT_EQ(type_of("/", "text/html,application/xml;q=0.9,*/*;q=0.8"), "text/html; charset=utf-8");
    EXPECT_EQ(type_of("/", "application/json"), "application/json");
    EXPECT_EQ(type_of("/", "text/html;q=0.5, application/json"), "application/json");
    EXPECT_EQ(type_of("/sub/", ""), "text/html; charset=utf-8");
    EXPECT_EQ(body(get("/sub/")), "home");
    EXPECT_EQ(type_of("/sub/", "application/json"), "application/json");
    // One form is not kept for the other.
    EXPECT_TRUE(body(get("/", "Accept: application/json\r\n")).starts_with("{\"path\":\"/\",\"entries\":[\n{"));
    EXPECT_TRUE(body(get("/")).starts_with("<!doctype"));
}

TEST_F(HttpListing, ALongOneForProgramsComesWhole) {
    serve(small());
    write_many(3000);
    const std::string text = without_chunks(body(get("/many/", "Accept: application/json\r\n")));
    EXPECT_EQ(std::ranges::count(text, '\n'), 3002);
    EXPECT_TRUE(text.ends_with("Z\"}\n]}\n"));
    std::filesystem::create_directory(folder.path() / "none");
    EXPECT_EQ(body(get("/none/", "Accept: application/json\r\n")), "{\"path\":\"/none/\",\"entries\":[\n]}\n");
}

}  // namespace
}  // namespace strata::application::http
