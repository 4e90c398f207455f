// Who may ask for what: strangers, users, pages of other sites; in clear and over TLS.
#include <sys/stat.h>

#include <boost/asio/detached.hpp>

#include "strata/6_presentation/base64.hpp"
#include "strata/7_application/http/server/access/access.hpp"
#include "tests/7_application/http/served.hpp"
#include "tests/7_application/users/cheap_hash.hpp"
#include "tests/support/certificates.hpp"

namespace strata::application::http {
namespace {

using namespace test;
using application::test::cheap_hash;

struct HttpAccess : HttpServer {
    HttpAccess() {
        folder.write("ann/own.txt", "ann's");
        write_users("ann:" + cheap_hash("pässword") + ":all::ann\nbob:" + cheap_hash("b") +
                    ":add\ncat:" + cheap_hash("c") + "\n");
        options.puts.sync = false;
        options.access.insecure_login = true;
    }
    void write_users(const std::string& text) const {
        accounts.write("users", text);
        ASSERT_EQ(::chmod((accounts.path() / "users").c_str(), 0600), 0);
    }
    void serve_users(FileRights rights = FileRights::read) {
        root = *FileRoot::open(folder.path(), {.rights = rights});
        UsersOptions how;
        how.on_a_thread = false;
        options.access.users = Users::open(accounts.path() / "users", root, how).value();
        serve(options);
    }
    // The status of what comes back.
    std::string ask(const std::string& line, const std::string& fields = "", const std::string& content = "") {
        if (!http) serve_users();
        const std::string length = content.empty() ? "" : "Content-Length: " + std::to_string(content.size()) + "\r\n";
        answer =
            exchange(line + " HTTP/1.1\r\nHost: here:80\r\n" + fields + length + "Connection: close\r\n\r\n" + content);
        return answer.empty() ? "" : answer.substr(9, 3);
    }
    static std::string as(const std::string& name, const std::string& password) {
        return "Authorization: Basic " + presentation::base64(name + ":" + password) + "\r\n";
    }

    strata::test::TemporaryFolder accounts;
    ServerOptions options;
    std::string answer;
};

TEST_F(HttpAccess, AUserHasHisFolderAndHisRights) {
    EXPECT_EQ(ask("GET /own.txt", as("ann", "pässword")), "200");
    EXPECT_EQ(body(answer), "ann's");
    EXPECT_EQ(field(answer, "Vary"), "Authorization");
    EXPECT_EQ(ask("GET /hello.txt", as("ann", "pässword")), "404");
    EXPECT_EQ(ask("PUT /own.txt", as("ann", "pässword"), "new"), "204");
    EXPECT_EQ(folder.read("ann/own.txt"), "new");
    EXPECT_EQ(ask("GET /", as("ann", "pässword")), "200");
    EXPECT_NE(answer.find("own.txt"), std::string::npos);
    EXPECT_EQ(ask("GET /"), "200");
    EXPECT_EQ(answer.find("own.txt"), std::string::npos);
    EXPECT_EQ(ask("DELETE /own.txt", as("ann", "pässword")), "204");
    EXPECT_EQ(ask("PUT /new.txt", as("bob", "b"), "new"), "201");
    EXPECT_EQ(ask("PUT /new.txt", as("bob", "b"), "other"), "403");
    EXPECT_EQ(ask("DELETE /new.txt", as("bob", "b")), "403");
    EXPECT_EQ(ask("PUT /newer.txt", as("cat", "c"), "new"), "405");
    EXPECT_EQ(ask("GET /new.txt", as("cat", "c")), "200");
    EXPECT_EQ(reports.back().user, "cat");
    EXPECT_EQ(reports.back().status, 200u);
}

TEST_F(HttpAccess, StrangersReadUnlessTheyMayNot) {
    EXPECT_EQ(ask("GET /hello.txt"), "200");
    EXPECT_EQ(reports.back().user, "");
    EXPECT_EQ(ask("PUT /new.txt", "", "new"), "401") << "somebody may";
    EXPECT_EQ(field(answer, "WWW-Authenticate"), "Basic realm=\"strata\", charset=\"UTF-8\"");
    http.reset();
    options.access.anonymous = false;
    serve_users(FileRights::all);
    for (const char* line : {"GET /hello.txt", "HEAD /hello.txt", "OPTIONS /", "GET /", "DELETE /hello.txt"})
        EXPECT_EQ(ask(line), "401") << line;
    EXPECT_EQ(ask("GET /hello.txt", as("cat", "c")), "200");
}

TEST_F(HttpAccess, StrangersWriteWhereTheRootSaysSo) {
    serve_users(FileRights::add);
    EXPECT_EQ(ask("PUT /new.txt", "", "new"), "201");
    EXPECT_EQ(ask("PUT /newer.txt", as("cat", "c"), "new"), "405") << "who says who he is has his own rights";
}

TEST_F(HttpAccess, WhoIsUnknownIsAskedAgain) {
    EXPECT_EQ(ask("GET /hello.txt", as("ann", "password")), "401");
    EXPECT_EQ(ask("GET /hello.txt", as("eve", "b")), "401");
    for (const char* field : {"Basic", "Basic ", "Basic ????", "Basic YQ==", "Bearer YTpi", "Basic YTpi, Basic YTpi",
                              "BasicYTpi", "Basic YTpiCg=="})
        EXPECT_EQ(ask("GET /hello.txt", std::string("Authorization: ") + field + "\r\n"), "401") << field;
    EXPECT_EQ(ask("GET /hello.txt", "authorization: bAsIc   " + presentation::base64("cat:c") + "\r\n"), "200");
}

TEST_F(HttpAccess, WhoGuessesIsToldToComeLater) {
    root = *FileRoot::open(folder.path());
    UsersOptions how;
    how.on_a_thread = false;
    how.pace = {.free_max = 1, .first_delay = 15s, .delay_max = 1h, .wait_max = 10s};
    options.access.users = Users::open(accounts.path() / "users", root, how).value();
    serve(options);
    std::string request;
    for (int i = 0; i < 2; ++i)
        request += "GET /hello.txt HTTP/1.1\r\nHost: x\r\n" + as("cat", "guess " + std::to_string(i)) + "\r\n";
    const std::string answers = exchange(request);
    EXPECT_EQ(answers.substr(9, 3), "401");
    const std::size_t second = answers.find("HTTP/1.1 503");
    ASSERT_NE(second, std::string::npos);
    EXPECT_NE(answers.find("Retry-After: 15", second), std::string::npos);
}

// A client that has to wait for its turn is not one that is slow.
TEST_F(HttpAccess, ATurnIsNotTheClientsTime) {
    root = *FileRoot::open(folder.path());
    UsersOptions how;
    how.on_a_thread = false;
    how.pace = {.free_max = 1, .first_delay = 60s, .delay_max = 60s, .wait_max = 60s};
    options.access.users = Users::open(accounts.path() / "users", root, how).value();
    options.request_timeout = 20s;
    serve(options);
    std::string request = "GET /hello.txt HTTP/1.1\r\nHost: x\r\n" + as("cat", "guess") + "\r\n";
    request += "GET /hello.txt HTTP/1.1\r\nHost: x\r\n" + as("cat", "c") + "\r\n";
    const std::string answers = exchange(request, false);
    EXPECT_NE(answers.find("HTTP/1.1 200"), std::string::npos) << answers;
}

TEST_F(HttpAccess, InClearPasswordsAreRefused) {
    options.access.insecure_login = false;
    EXPECT_EQ(ask("GET /hello.txt", as("cat", "c")), "403");
    EXPECT_NE(body(answer).find("https"), std::string::npos);
    EXPECT_EQ(field(answer, "WWW-Authenticate"), "");
    EXPECT_EQ(ask("PUT /new.txt", "", "new"), "403");
    EXPECT_EQ(ask("GET /hello.txt"), "200");
}

TEST_F(HttpAccess, WithoutUsersPasswordsArePassedOver) {
    EXPECT_EQ(get("/hello.txt", as("cat", "c")).substr(9, 3), "200");
}

TEST_F(HttpAccess, APageOfAnotherSiteChangesNothing) {
    serve_users(FileRights::all);
    for (const char* origin : {"http://evil", "null", "http://here", "http://here:80.evil", "", "here:80"}) {
        const std::string fields = "Origin: " + std::string(origin) + "\r\n";
        EXPECT_EQ(ask("PUT /new.txt", fields, "new"), "403") << origin;
        EXPECT_EQ(ask("DELETE /hello.txt", fields + as("ann", "pässword")), "403") << origin;
        EXPECT_EQ(ask("MKCOL /new/", fields), "403") << origin;
        EXPECT_EQ(ask("GET /hello.txt", fields), "200") << origin;
    }
    EXPECT_EQ(ask("PUT /new.txt", "Origin: http://HERE:80\r\n", "new"), "201");
    EXPECT_EQ(ask("PUT /new.txt", "Origin: https://here:80\r\n", "newer"), "204");
}

TEST_F(HttpAccess, AQuotaIsKept) {
    write_users("ann:" + cheap_hash("a") + ":all:10:ann\n");
    EXPECT_EQ(ask("PUT /more.txt", as("ann", "a"), "123456"), "507") << "5 are there";
    EXPECT_EQ(ask("PUT /more.txt", as("ann", "a"), "12345"), "201");
    EXPECT_EQ(ask("PUT /more.txt", as("ann", "a"), "54321"), "204");
    EXPECT_EQ(ask("DELETE /own.txt", as("ann", "a")), "204");
    EXPECT_EQ(ask("PUT /a", as("ann", "a"), "12345"), "201");
}

// What is kept for users is bounded, whoever comes.
TEST_F(HttpAccess, ShelvesAreBounded) {
    Shelves shelves(server.network(), root, {}, {}, {.users_max = 2, .user_files_max = 3});
    std::vector<std::shared_ptr<const User>> users;
    for (const char* name : {"a", "b", "c"})
        users.push_back(
            std::make_shared<const User>(User{name, std::make_shared<const FileRoot>(*FileRoot::open(folder.path()))}));
    const auto first = shelves.of(users[0]);
    const auto second = shelves.of(users[1]);
    EXPECT_EQ(shelves.of(users[0]), first);
    EXPECT_EQ(shelves.users(), 2u);
    (void)shelves.of(users[2]);
    EXPECT_EQ(shelves.users(), 2u);
    EXPECT_EQ(shelves.of(users[0]), first);
    EXPECT_NE(shelves.of(users[1]), second);
    for (const char* name : {"a1", "a2", "a3", "a4"}) {
        folder.write(name, name);
        ASSERT_TRUE(first->files.open(name, Instant{}));
    }
    EXPECT_EQ(first->files.size(), 3u);
    for (const char* name : {"page1", "page2", "page3", "page4", "page5", "page6", "page7", "page8", "page9"}) {
        const OpenFile opened = *root.open_file("sub");
        first->listings.keep(name, opened, std::make_shared<const std::string>(100'000, 'x'), Instant{});
    }
    EXPECT_EQ(first->listings.pages(), ShelvesOptions{}.user_pages_max);
    EXPECT_LE(first->listings.bytes(), ShelvesOptions{}.user_kept_max);
}

// Over TLS.
struct HttpsAccess : HttpAccess {
    HttpsAccess() {
        strata::test::write_certificate(accounts.path(), "server");
        options.tls.emplace(accounts.path() / "server.pem", accounts.path() / "server.key");
        options.access.insecure_login = false;
    }
    asio::awaitable<void> converse_over_tls(std::string request, std::string& received) {
        const presentation::TlsOptions how{.authorities = accounts.path() / "server.pem"};
        const presentation::TlsClient tls(how);
        Stream below = co_await client.network().async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        const std::string host = "server.test";
        Stream stream = tls.over(std::move(below), host, client.network().calendar());
        co_await asio::async_write(stream, asio::buffer(request), use_awaitable);
        session::error_code error;
        co_await asio::async_read(stream, asio::dynamic_buffer(received), asio::redirect_error(use_awaitable, error));
        EXPECT_EQ(error, asio::error::eof) << error.message();
    }
    std::string exchange_over_tls(const std::string& request) {
        if (!http) serve_users();
        std::string received;
        EXPECT_EQ(failure_of(converse_over_tls(request, received), 10min), "");
        return received;
    }
};

TEST_F(HttpsAccess, PasswordsAreTaken) {
    const std::string got =
        exchange_over_tls("GET /own.txt HTTP/1.1\r\nHost: x\r\n" + as("ann", "pässword") + "Connection: close\r\n\r\n");
    EXPECT_EQ(got.substr(9, 3), "200");
    EXPECT_EQ(body(got), "ann's");
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].user, "ann");
    EXPECT_EQ(reports[0].client.endpoint().address, *IpAddress::parse("10.0.0.1"));
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_EQ(reports[0].body_bytes, 5u);
}

TEST_F(HttpsAccess, ALargeFileArrives) {
    const std::string got = exchange_over_tls("GET /big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(body(got), big_text());
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_EQ(http->active(), 0u);
}

TEST_F(HttpsAccess, WhoShakesNoHandsIsLetGo) {
    serve_users();
    EXPECT_EQ(exchange("", false), "");
    EXPECT_EQ(http->active(), 0u);
    EXPECT_EQ(exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n", false).find("HTTP"), std::string::npos);
    EXPECT_EQ(http->active(), 0u);
    EXPECT_TRUE(reports.empty());
}

TEST_F(HttpsAccess, HandsAreShakenInAPlace) {
    options.places = places({.connections_max = 1});
    options.request_timeout = 60s;
    serve_users();
    std::string first;
    asio::co_spawn(lab.io(), converse(client.network(), "", false, first), asio::detached);
    lab.run_for(1s);
    EXPECT_EQ(options.places->taken(), 1u);
    EXPECT_EQ(http->active(), 1u);
}

}  // namespace
}  // namespace strata::application::http
