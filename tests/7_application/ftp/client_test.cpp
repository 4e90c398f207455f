// FTP's client in virtual time, against our own server.
#include "tests/7_application/ftp/remote_bench.hpp"

namespace strata::application::ftp {
namespace {

struct FtpClient : RemoteBench {
    FtpClient() {
        may(FileRights::all);
        folder.write("big", big);
        date("big", new_year);
    }
    void date(const std::string& name, std::chrono::sys_seconds when) const {
        std::filesystem::last_write_time(folder.path() / name, std::chrono::file_clock::from_sys(when));
    }
    void start() {
        if (!serving) serve();
    }
    std::string get(const std::string& target, OutputOptions output = {.force = true}) {
        start();
        return RemoteBench::get(target, output);
    }
    // A part of `big` as it is of this version.
    void leave_part(const std::string& bytes, std::chrono::sys_seconds of) const {
        mine.write("got.part", bytes);
        FileVersion version;
        version.last_modified = http::format_date(of);
        version.total = big.size();
        ASSERT_TRUE(save_version(mine.path() / "got.part.version", version));
    }
    std::size_t count(std::string_view request) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            reports, [request](const CommandReport& report) { return report.request.starts_with(request); }));
    }

    const std::chrono::sys_seconds new_year = std::chrono::sys_days{std::chrono::January / 1 / 2026};
    const std::string big = test::text_of(1 << 20);
};

TEST_F(FtpClient, GetsFilesInOneConversation) {
    EXPECT_EQ(get("/big"), "");
    EXPECT_TRUE(mine.read("got") == big);
    EXPECT_EQ(done, big.size());
    EXPECT_EQ(total, big.size());
    EXPECT_EQ(std::filesystem::last_write_time(mine.path() / "got"), std::chrono::file_clock::from_sys(new_year));
    folder.write("empty", "");
    const std::vector<std::pair<const char*, const char*>> files{
        {"/hello", "hello"}, {"/empty", ""}, {"/sub/text", "one\ntwo\r\nthree"}};
    for (const auto& [name, text] : files) {
        EXPECT_EQ(get(name), "");
        EXPECT_EQ(mine.read("got"), text);
    }
    EXPECT_EQ(serving->active(), 1u) << "one conversation for all";
    EXPECT_EQ(ended(remote->leave()), "");
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(get("/hello"), "") << "a new one";
}

TEST_F(FtpClient, AServerThatPartedMeanwhileIsCalledAnew) {
    EXPECT_EQ(get("/hello"), "");
    lab.run_for(1h);
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(get("/hello"), "");
    EXPECT_EQ(serving->active(), 1u);
}

TEST_F(FtpClient, TheEndsOfLinesAreTranslated) {
    EXPECT_EQ(get("/sub/text;type=a"), "");
    EXPECT_EQ(mine.read("got"), "one\ntwo\nthree");
    EXPECT_EQ(put("/lines;type=A", "a\nb\n"), "");
    EXPECT_EQ(folder.read("lines"), "a\nb\n");
    EXPECT_EQ(get("/hello;type=i"), "");
    EXPECT_TRUE(get("/hello;type=e").contains("its type is not known")) << failure;
}

TEST_F(FtpClient, WhatIsNotThereIsSaid) {
    EXPECT_TRUE(get("/none").starts_with("cannot fetch ftp://10.0.0.2/none: the server says '550 ")) << failure;
    EXPECT_FALSE(passing);
    EXPECT_TRUE(get("/").contains("it names no file")) << failure;
    EXPECT_TRUE(get("/sub/").contains("it names no file")) << failure;
    EXPECT_TRUE(get("/sub").contains("the server says '550 ")) << failure;
    EXPECT_TRUE(get("/%4").contains("%25")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    EXPECT_EQ(get("/hello"), "") << "the conversation goes on";
    EXPECT_EQ(serving->active(), 1u);
}

TEST_F(FtpClient, APartOfTheSameVersionIsContinued) {
    leave_part(big.substr(0, 1'000'000), new_year);
    EXPECT_EQ(get("/big", {.resume = true}), "");
    EXPECT_TRUE(mine.read("got") == big);
    ASSERT_EQ(count("RETR"), 1u);
    EXPECT_EQ(reports.back().bytes, big.size() - 1'000'000);
    EXPECT_TRUE(notices.empty());
}

TEST_F(FtpClient, APartThatIsAllOfItIsCompleted) {
    leave_part(big, new_year);
    EXPECT_EQ(get("/big", {.resume = true}), "");
    EXPECT_TRUE(mine.read("got") == big);
}

TEST_F(FtpClient, APartOfAnotherVersionIsNot) {
    leave_part("of another one", new_year + 1s);
    EXPECT_EQ(get("/big", {.resume = true}), "");
    EXPECT_TRUE(mine.read("got") == big);
    EXPECT_EQ(reports.back().bytes, big.size());
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_TRUE(notices[0].contains("fetched anew"));
    std::filesystem::remove(mine.path() / "got");
    leave_part(big.substr(0, 99), new_year);
    folder.write("big", big + "more");
    date("big", new_year);
    EXPECT_EQ(get("/big", {.resume = true}), "") << "the same date, and another size";
    EXPECT_TRUE(mine.read("got") == big + "more");
}

TEST_F(FtpClient, WhatBrokeOffIsResumed) {
    start();
    options.client.rate_limit = 100'000;
    EXPECT_EQ(begin_get("/big", {}, 5s), "it does not end");
    serving->abort();
    lab.run_for(1min);
    EXPECT_TRUE(passing) << failure;
    EXPECT_TRUE(failure.ends_with("; what has arrived is kept: go on with --resume")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    out.reset();
    const auto there = std::filesystem::file_size(mine.path() / "got.part");
    EXPECT_GT(there, 100'000u);
    serving.reset();
    lab.run_for(1s);
    options.client.rate_limit = 0;
    EXPECT_EQ(get("/big", {.resume = true}), "");
    EXPECT_TRUE(mine.read("got") == big);
    EXPECT_EQ(reports.back().bytes, big.size() - there);
}

TEST_F(FtpClient, Puts) {
    start();
    EXPECT_EQ(put("/new", big), "");
    EXPECT_TRUE(folder.read("new") == big);
    EXPECT_EQ(done, big.size());
    EXPECT_TRUE(put("/new", "another").contains("--force")) << failure;
    EXPECT_TRUE(folder.read("new") == big);
    EXPECT_EQ(put("/new", "another", {.replace = true}), "");
    EXPECT_EQ(folder.read("new"), "another");
    EXPECT_EQ(put("/nothing", ""), "");
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "nothing"));
    EXPECT_TRUE(put("/none/new", "x").contains("the server says '550 ")) << failure;
    EXPECT_TRUE(put("/sub/", "x").contains("it names no file")) << failure;
}

TEST_F(FtpClient, WhatMayNotBeWrittenIsSaid) {
    may(FileRights::read);
    start();
    EXPECT_TRUE(put("/new", "x").contains("the server says '550 ")) << failure;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
}

// The end of its data connection would be that of the file.
TEST_F(FtpClient, AFileThatBecameShorterIsNotPut) {
    start();
    mine.write("local", big);
    InputFile in(mine.path() / "local");
    std::filesystem::resize_file(mine.path() / "local", 1000);
    Remote& to = remote_of("ftp");
    EXPECT_NE(ended(to.write("/new", in, {}, {})), "");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(FtpClient, Lists) {
    start();
    folder.write("sub/a b", "12345");
    folder.write("sub/-l", "");
    std::filesystem::create_directories(folder.path() / "sub/below");
    EXPECT_EQ(list("/sub"), "-l 0, a b 5, below/, text 14");
    EXPECT_EQ(list("/sub/"), "-l 0, a b 5, below/, text 14");
    EXPECT_EQ(list("/"), "big 1048576, hello 5, sub/");
    EXPECT_TRUE(list("/none").contains("the server says '550 "));
    ASSERT_EQ(list("/"), "big 1048576, hello 5, sub/");
    EXPECT_EQ(std::ranges::find(entries, "big", &RemoteEntry::name)->date, new_year);
}

TEST_F(FtpClient, LooksAtOne) {
    start();
    EXPECT_EQ(look("/big"), "big 1048576");
    EXPECT_EQ(entries[0].date, new_year);
    EXPECT_EQ(look("/sub"), "sub/");
    EXPECT_EQ(look("/sub/text"), "text 14");
    EXPECT_TRUE(look("/none").contains("the server says '550 "));
    EXPECT_TRUE(look("/").ends_with('/'));
}

TEST_F(FtpClient, Changes) {
    start();
    EXPECT_EQ(make_folder("/made"), "made");
    EXPECT_EQ(make_folder("/made/"), "there");
    EXPECT_TRUE(make_folder("/none/made").contains("the server says '550 "));
    Remote& at = remote_of("ftp");
    EXPECT_EQ(ended(at.rename("/hello", "/made/hi")), "");
    EXPECT_EQ(folder.read("made/hi"), "hello");
    EXPECT_EQ(ended(at.set_date("/made/hi", new_year)), "");
    EXPECT_EQ(std::filesystem::last_write_time(folder.path() / "made/hi"), std::chrono::file_clock::from_sys(new_year));
    EXPECT_NE(ended(at.remove("/made")), "") << "it is not empty";
    EXPECT_EQ(ended(at.remove("/made/hi")), "");
    EXPECT_EQ(ended(at.remove("/made")), "");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "made"));
    EXPECT_NE(ended(at.remove("/none")), "");
    EXPECT_NE(ended(at.rename("/none", "/x")), "");
    EXPECT_EQ(serving->active(), 1u);
}

TEST_F(FtpClient, TheServerCallsForData) {
    options.ftp.active = true;
    EXPECT_EQ(get("/big"), "");
    EXPECT_TRUE(mine.read("got") == big);
    EXPECT_EQ(put("/new", big), "");
    EXPECT_TRUE(folder.read("new") == big);
    EXPECT_EQ(list("/sub"), "text 14");
}

TEST_F(FtpClient, NamesAreOfTheEncodingThatWasChosen) {
    FtpServed::options.encoding = "GBK";
    folder.write("说明", "zh");
    start();
    options.ftp.encoding = "GBK";
    EXPECT_EQ(get("/%E8%AF%B4%E6%98%8E"), "");
    EXPECT_EQ(mine.read("got"), "zh");
    EXPECT_TRUE(list("/").contains("说明 2")) << failure;
    EXPECT_TRUE(get("/%E0%A4%A0").contains("cannot be written in GBK")) << failure;
    options.ftp.encoding = "none such";
    remote.reset();
    EXPECT_TRUE(get("/x").contains("is not known here")) << failure;
}

TEST_F(FtpClient, PasswordsGoInClearOnlyWithAWord) {
    std::string told;
    FtpServed::options.insecure_login = true;
    FtpServed::options.log_in = [&told](session::Network&, std::string user, std::string password,
                                        session::Address) -> session::asio::awaitable<std::optional<LoggedIn>> {
        told = user + " " + password;
        std::optional<LoggedIn> who;
        if (password == "p w") who.emplace(LoggedIn{user, nullptr});
        co_return who;
    };
    credentials = {"ann", "p w"};
    EXPECT_EQ(get("/hello"), "");
    EXPECT_EQ(told, "ann p w");
    notices.clear();
    told.clear();
    credentials.reset();
    remote.reset();
    options.http.netrc = http::Netrc::parse("machine 10.0.0.2 login ann password \"p w\"");
    EXPECT_EQ(get("/hello"), "");
    EXPECT_EQ(told, "ann p w");
    ASSERT_EQ(notices.size(), 1u);
    EXPECT_TRUE(notices[0].contains("in clear"));
    credentials = {"ann", "wrong"};
    remote.reset();
    EXPECT_TRUE(get("/hello").contains("check name and password")) << failure;
    EXPECT_FALSE(failure.contains("wrong"));
    credentials = {"ann\r\nDELE hello", "p w"};
    remote.reset();
    EXPECT_TRUE(get("/hello").contains("line's end")) << failure;
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "hello"));
}

struct FtpClientOverTls : FtpClient {
    FtpClientOverTls() {
        test::write_certificate(keys.path(), "server");
        FtpServed::options.tls =
            std::make_shared<presentation::TlsServer>(keys.path() / "server.pem", keys.path() / "server.key");
        options.http.tls = presentation::TlsClient({.authorities = keys.path() / "server.pem"});
    }
    void everything() {
        EXPECT_EQ(get("/big"), "");
        EXPECT_TRUE(mine.read("got") == big);
        EXPECT_EQ(put("/new", big), "");
        EXPECT_TRUE(folder.read("new") == big);
        EXPECT_EQ(put("/nothing", ""), "");
        EXPECT_TRUE(std::filesystem::exists(folder.path() / "nothing"));
        EXPECT_EQ(get("/nothing"), "");
        EXPECT_TRUE(mine.read("got").empty());
        EXPECT_EQ(list("/sub"), "text 14");
        EXPECT_EQ(make_folder("/empty"), "made");
        EXPECT_EQ(list("/empty"), "");
        EXPECT_EQ(ended(remote->leave()), "");
        EXPECT_EQ(serving->active(), 0u);
    }
    test::TemporaryFolder keys;
};

TEST_F(FtpClientOverTls, FromAuthOn) {
    scheme = "ftpes";
    everything();
}
TEST_F(FtpClientOverTls, FromTheFirstByte) {
    FtpServed::options.implicit_tls = true;
    scheme = "ftps";
    everything();
}
TEST_F(FtpClientOverTls, WithDataThatIsCalledFor) {
    scheme = "ftpes";
    options.ftp.active = true;
    everything();
}
TEST_F(FtpClientOverTls, ACertificateOfNobodyIsRefused) {
    scheme = "ftpes";
    test::write_certificate(keys.path(), "other");
    options.http.tls = presentation::TlsClient({.authorities = keys.path() / "other.pem"});
    EXPECT_TRUE(get("/hello").contains("certificate is not good: self-signed certificate; name who signed it"))
        << failure;
    EXPECT_FALSE(passing) << failure;
    EXPECT_TRUE(reports.empty());
}
TEST_F(FtpClientOverTls, AServerThatHasNoneIsNotSpokenToInClear) {
    FtpServed::options.tls = nullptr;
    scheme = "ftpes";
    credentials = {"ann", "secret"};
    EXPECT_TRUE(get("/hello").contains("it has no TLS")) << failure;
}

}  // namespace
}  // namespace strata::application::ftp
