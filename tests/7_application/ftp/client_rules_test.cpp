// FTP's client in virtual time, against a server that knows less, or lies: a part is never a whole,
// nobody else is called, and nothing is waited for without end.
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "strata/7_application/ftp/message/reply_reader.hpp"
#include "tests/7_application/ftp/remote_bench.hpp"

namespace strata::application::ftp {
namespace {

namespace asio = session::asio;

// Says to each command what a test wants it to.
struct FtpClientRules : RemoteBench {
    FtpClientRules() {
        asio::co_spawn(lab.io(), accept(), asio::detached);
        asio::co_spawn(lab.io(), accept_data(), asio::detached);
    }

    asio::awaitable<void> accept() {
        for (;;) {
            session::Stream stream = co_await door.async_accept(asio::use_awaitable);
            ++conversations;
            asio::co_spawn(lab.io(), talk(std::move(stream)), asio::detached);
        }
    }
    // The one that came last: those of transfers that were refused are nobody's.
    asio::awaitable<void> accept_data() {
        for (;;) latest = co_await data_door.async_accept(asio::use_awaitable);
    }
    asio::awaitable<void> talk(session::Stream stream) {
        session::error_code error;
        const std::string first = greeting;
        co_await stream.async_write(asio::buffer(first), asio::redirect_error(asio::use_awaitable, error));
        std::string unread;
        std::vector<char> buffer(4096);
        while (!error) {
            const std::size_t count =
                co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
            unread.append(buffer.data(), count);
            for (std::size_t end = unread.find("\r\n"); end != std::string::npos; end = unread.find("\r\n")) {
                const std::string line = unread.substr(0, end);
                unread.erase(0, end + 2);
                heard.push_back(line);
                const std::string verb = line.substr(0, line.find(' '));
                if (verb == "EPSV" || verb == "PASV") latest.reset();
                const auto found = says.find(verb);
                const std::string reply = found == says.end() ? "500 What?\r\n" : found->second;
                if (const auto next = then.find(verb); next != then.end()) says[verb] = next->second;
                if (reply.empty()) co_return;  // it closes
                if (reply != silence)
                    co_await stream.async_write(asio::buffer(reply), asio::redirect_error(asio::use_awaitable, error));
                if (!reply.starts_with('1') || carries.count(verb) == 0) continue;
                co_await carry(verb == "STOR");
                const std::string last = after;
                if (last.empty()) co_return;
                if (last == silence) continue;
                co_await stream.async_write(asio::buffer(last), asio::redirect_error(asio::use_awaitable, error));
            }
        }
    }
    asio::awaitable<void> carry(bool receives) {
        session::error_code error;
        if (!latest) co_return;
        session::Stream stream = std::move(*latest);
        latest.reset();
        std::vector<char> buffer(65536);
        if (!receives) {
            const std::string text = content;
            co_await stream.async_write(asio::buffer(text), asio::redirect_error(asio::use_awaitable, error));
            if (holds) held.push_back(std::move(stream));
            if (resets) {
                session::Timer timer = server.network().make_timer();
                timer.expires_after(1s);
                co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
                stream.abort();
            }
            co_return;
        }
        while (!error && received.size() < takes) {
            const std::size_t count =
                co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
            received.append(buffer.data(), count);
        }
        if (!error) stream.abort();
    }
    // The first that was said with this verb, or "".
    std::string asked(const std::string& verb) const {
        for (const std::string& line : heard) {
            if (line.starts_with(verb)) return line;
        }
        return "";
    }
    std::size_t times(const std::string& verb) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(heard, [&verb](const std::string& line) { return line.starts_with(verb); }));
    }
    void lists(const std::string& text) {
        content = text;
        says["FEAT"] = "500 What?\r\n";
    }

    static constexpr std::string_view silence = "-";
    std::string greeting = "220 Hello.\r\n";
    std::map<std::string, std::string> says{
        {"USER", "230 Come in.\r\n"},       {"FEAT", "211-I have\r\n MLST type*;size*\r\n SIZE\r\n211 End\r\n"},
        {"TYPE", "200 Yes.\r\n"},           {"SIZE", "213 10\r\n"},
        {"MDTM", "213 20260101000000\r\n"}, {"EPSV", "229 Come (|||2000|)\r\n"},
        {"RETR", "150 Here.\r\n"},          {"MLSD", "150 Here.\r\n"},
        {"LIST", "150 Here.\r\n"},          {"STOR", "150 Go on.\r\n"},
        {"REST", "350 From there.\r\n"},
    };
    std::map<std::string, std::string> then;  // from the second time on
    const std::map<std::string, int> carries{{"RETR", 0}, {"MLSD", 0}, {"LIST", 0}, {"STOR", 0}};
    std::string content = "0123456789";
    std::string after = "226 Done.\r\n";
    bool holds = false;   // a data connection does not end
    bool resets = false;  // or not in order
    std::size_t takes = ~std::size_t{0};
    std::string received;
    std::optional<session::Stream> latest;
    std::vector<session::Stream> held;
    std::vector<std::string> heard;
    unsigned conversations = 0;
    session::Acceptor door = server.network().listen({Ipv4Address{}, 21});
    session::Acceptor data_door = server.network().listen({Ipv4Address{}, 2000});
};

TEST_F(FtpClientRules, ThisServerServes) {
    EXPECT_EQ(get("/a"), "");
    EXPECT_EQ(mine.read("got"), "0123456789");
    says["SIZE"] = "550 None.\r\n";
    EXPECT_EQ(put("/a", "abc"), "");
    EXPECT_EQ(received, "abc");
    EXPECT_EQ(conversations, 1u);
}

TEST_F(FtpClientRules, WhoKnowsNothingBeyondRfc959Serves) {
    for (const char* verb : {"FEAT", "SIZE", "MDTM", "EPSV"}) says.erase(verb);
    says["PASV"] = "227 =10,0,0,2,7,208\r\n";
    EXPECT_EQ(get("/a"), "");
    EXPECT_EQ(mine.read("got"), "0123456789");
    EXPECT_FALSE(total);
    EXPECT_EQ(get("/a"), "");
    EXPECT_EQ(times("EPSV"), 1u) << "it is not asked for what it does not know again";
}

// RFC 2577 is about who believed it.
TEST_F(FtpClientRules, AnAddressOfSomebodyElseIsNotCalled) {
    says.erase("EPSV");
    says["PASV"] = "227 Entering (192,0,2,1,7,208).\r\n";
    EXPECT_EQ(get("/a"), "");
    EXPECT_EQ(mine.read("got"), "0123456789");
    for (const char* wrong : {"227 (10,0,0,2,0,0)\r\n", "227 (10,0,0,2,7)\r\n", "227 (10,0,0,2,256,1)\r\n",
                              "227 there\r\n", "502 No.\r\n"}) {
        says["PASV"] = wrong;
        EXPECT_TRUE(get("/a").contains("the server says")) << wrong;
    }
    says["PASV"] = "227 (10,0,0,2,7,207)\r\n";  // where nobody listens
    EXPECT_TRUE(get("/a").contains("port 1999 of 10.0.0.2")) << failure;
    EXPECT_TRUE(passing);
}

TEST_F(FtpClientRules, APartIsNeverAWhole) {
    for (const char* wrong : {"", "012345678", "0123456789x"}) {
        content = wrong;
        EXPECT_TRUE(get("/a").contains("it has 10 bytes, and ")) << wrong << ": " << failure;
        EXPECT_TRUE(passing);
        EXPECT_TRUE(nothing_is_whole());
    }
    content = "0123456789";
    for (const char* wrong : {"426 It broke off.\r\n", "451 It is lost.\r\n", "550 No.\r\n"}) {
        after = wrong;
        EXPECT_TRUE(get("/a").contains(std::string(wrong).substr(0, 3))) << failure;
        EXPECT_EQ(passing, wrong[0] == '4');
        EXPECT_TRUE(nothing_is_whole());
    }
    EXPECT_EQ(conversations, 1u);
    after = "";
    EXPECT_TRUE(get("/a").contains("has ended the conversation")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    after = "226 Done.\r\n";
    EXPECT_EQ(get("/a"), "");
    EXPECT_EQ(conversations, 2u);
}

TEST_F(FtpClientRules, ADataConnectionThatIsResetIsNoEnd) {
    says["SIZE"] = "500 What?\r\n";
    resets = true;
    EXPECT_TRUE(get("/a").contains("the data connection was lost")) << failure;
    EXPECT_TRUE(passing);
    EXPECT_TRUE(nothing_is_whole());
    after = "451 The file is gone.\r\n";
    EXPECT_TRUE(get("/a").contains("The file is gone")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    EXPECT_TRUE(list("/").contains("The file is gone")) << failure;
}

TEST_F(FtpClientRules, SilenceIsNotWaitedForWithoutEnd) {
    holds = true;
    after = "-";
    EXPECT_TRUE(get("/a").contains("nothing comes any more")) << failure;
    EXPECT_TRUE(passing);
    EXPECT_TRUE(list("/").contains("nothing comes any more")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    holds = false;
    for (const char* verb : {"USER", "FEAT", "TYPE", "SIZE", "EPSV", "RETR"}) {
        const std::string before = std::exchange(says[verb], std::string(silence));
        remote.reset();
        EXPECT_TRUE(get("/a").contains("the server says nothing any more")) << verb << ": " << failure;
        EXPECT_TRUE(passing);
        says[verb] = before;
    }
    greeting = "";
    remote.reset();
    EXPECT_TRUE(get("/a").contains("the server says nothing any more")) << failure;
}

TEST_F(FtpClientRules, AServerThatPartsIsCalledAnew) {
    for (const char* verb : {"USER", "FEAT", "TYPE", "SIZE", "MDTM", "EPSV", "RETR"}) {
        for (const char* parting : {"", "421 I am stopping.\r\n"}) {
            const std::string before = std::exchange(says[verb], parting);
            remote.reset();
            EXPECT_TRUE(get("/a").contains(*parting == '\0' ? "has ended the conversation" : "I am stopping"))
                << verb << ": " << failure;
            EXPECT_TRUE(passing) << verb;
            EXPECT_TRUE(nothing_is_whole());
            says[verb] = before;
            const unsigned so_far = conversations;
            EXPECT_EQ(get("/a"), "") << verb;
            EXPECT_EQ(conversations, so_far + 1);
            std::filesystem::remove(mine.path() / "got");
        }
    }
    greeting = "421 Too many.\r\n";
    remote.reset();
    EXPECT_TRUE(get("/a").contains("Too many")) << failure;
    EXPECT_TRUE(passing);
    greeting = "530 Not you.\r\n";
    EXPECT_TRUE(get("/a").contains("Not you")) << failure;
    EXPECT_FALSE(passing);
}

TEST_F(FtpClientRules, WhatIsNoFtpIsNoServer) {
    for (const std::string& wrong : {std::string("SSH-2.0-x\r\n"), std::string("HTTP/1.1 400 Bad\r\n\r\n"),
                                     std::string("22 x\r\n"), "220-" + std::string(ReplyReader::size_max + 1, 'x')}) {
        greeting = wrong;
        remote.reset();
        EXPECT_TRUE(get("/a").contains("speaks no FTP")) << failure;
        EXPECT_FALSE(passing);
    }
    greeting = "220-a\r\n";
    for (int i = 0; i < 20'000; ++i) greeting += " and more and more\r\n";
    remote.reset();
    EXPECT_TRUE(get("/a").contains("speaks no FTP")) << failure;
}

TEST_F(FtpClientRules, WhoOnlyGoesOnIsNotListenedToWithoutEnd) {
    const auto times = [](int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += "120 Soon.\r\n";
        return text + "220 Hello.\r\n";
    };
    greeting = times(99);
    EXPECT_EQ(get("/a"), "");
    greeting = times(100);
    remote.reset();
    EXPECT_TRUE(get("/a").contains("comes to no end")) << failure;
}

TEST_F(FtpClientRules, AReplyThatDoesNotFitIsARefusal) {
    says["RETR"] = "226 It is there already.\r\n";
    EXPECT_TRUE(get("/a").contains("It is there already")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    says["RETR"] = "150 Here.\r\n";
    says["USER"] = "331 Password?\r\n";
    says["PASS"] = "332 Account?\r\n";
    remote.reset();
    EXPECT_TRUE(get("/a").contains("ACCT")) << failure;
    EXPECT_EQ(asked("PASS"), "PASS anonymous@");
    says["PASS"] = "530 \x1b[2JNo.\r\n";
    EXPECT_TRUE(get("/a").contains("530 ?[2JNo.")) << failure;
    EXPECT_TRUE(failure.contains("USER:PASSWORD@")) << failure;
}

TEST_F(FtpClientRules, APartIsContinuedOnlyWhereItIsKnownForOne) {
    const auto leave_part = [this] {
        std::filesystem::remove(mine.path() / "got");
        std::filesystem::remove(mine.path() / "got.part.version");
        mine.write("got.part", "0123");
        FileVersion version;
        version.last_modified = "Thu, 01 Jan 2026 00:00:00 GMT";
        version.total = 10;
        EXPECT_TRUE(save_version(mine.path() / "got.part.version", version));
        heard.clear();
    };
    leave_part();
    content = "456789";
    EXPECT_EQ(get("/a", {.resume = true}), "");
    EXPECT_EQ(asked("REST"), "REST 4");
    EXPECT_EQ(mine.read("got"), "0123456789");
    content = "0123456789";
    const std::vector<std::pair<const char*, const char*>> others{
        {"SIZE", "213 11\r\n"},        {"SIZE", "213 x\r\n"},
        {"SIZE", "550 No.\r\n"},       {"MDTM", "213 20260101000001\r\n"},
        {"MDTM", "213 yesterday\r\n"}, {"MDTM", "500 What?\r\n"}};
    for (const auto& [verb, reply] : others) {
        const std::string before = std::exchange(says[verb], reply);
        if (says[verb] == "213 11\r\n") content += "x";
        leave_part();
        EXPECT_EQ(get("/a", {.resume = true}), "") << reply;
        EXPECT_EQ(asked("REST"), "") << reply;
        EXPECT_EQ(mine.read("got"), content);
        says[verb] = before;
        content = "0123456789";
    }
    leave_part();
    says["REST"] = "502 Never.\r\n";
    EXPECT_TRUE(get("/a", {.resume = true}).contains("leave --resume out")) << failure;
    EXPECT_EQ(mine.read("got.part"), "0123");
    EXPECT_TRUE(nothing_is_whole());
    // One that takes no notice of where to begin.
    says["REST"] = "350 Yes.\r\n";
    EXPECT_TRUE(get("/a", {.resume = true}).contains("it has 10 bytes, and 14 came")) << failure;
    EXPECT_TRUE(nothing_is_whole());
    // It was replaced between the date that was asked for and the bytes that came.
    leave_part();
    then["MDTM"] = "213 20260102000000\r\n";
    content = "456789";
    EXPECT_TRUE(get("/a", {.resume = true}).contains("it was changed while it was fetched; what has arrived is kept"))
        << failure;
    EXPECT_TRUE(passing);
    EXPECT_TRUE(nothing_is_whole());
    content = "abcdefghij";
    EXPECT_EQ(get("/a", {.resume = true}), "");
    EXPECT_EQ(mine.read("got"), "abcdefghij");
}

TEST_F(FtpClientRules, NoNameSaysACommand) {
    for (const char* name : {"/a%0d%0aDELE%20b", "/a%0aDELE%20b", "/a%0d", "/%00"}) {
        EXPECT_TRUE(get(name).contains("line's end")) << failure;
        EXPECT_TRUE(put(name, "x").contains("line's end")) << failure;
        EXPECT_TRUE(list(name).contains("line's end")) << failure;
    }
    EXPECT_EQ(asked("DELE"), "");
    EXPECT_EQ(asked("RETR"), "");
    (void)get("/a%2F..%2Fb%20c");
    EXPECT_EQ(asked("RETR"), "RETR a/../b c") << "which of its files that is, is its own matter";
    heard.clear();
    (void)get("/%2Fetc/x");
    EXPECT_EQ(asked("RETR"), "RETR /etc/x");
}

TEST_F(FtpClientRules, WhatIsSaidBeforeTlsIsNotHeardUnderIt) {
    scheme = "ftpes";
    for (const char* more : {"234 Go.\r\n230 You are in.\r\n", "234 Go.\r\n2", "234 Go.\r\n\r\n"}) {
        says["AUTH"] = more;
        remote.reset();
        EXPECT_TRUE(get("/a").contains("says more than it was asked")) << failure;
    }
    says["AUTH"] = "200 Yes.\r\n";
    EXPECT_TRUE(get("/a").contains("it has no TLS")) << failure;
    EXPECT_EQ(asked("USER"), "");
}

TEST_F(FtpClientRules, ListsOfUnixAndDosAreRead) {
    lists(
        "total 3\r\n-rw-r--r-- 1 ftp ftp 12 Nov 30 05:26 a b\r\ndrwxr-xr-x 2 ftp ftp 4096 Nov 30  2025 sub\r\n"
        "lrwxrwxrwx 1 ftp ftp 9 Nov 30 2025 link -> a b\r\nnonsense\r\n");
    EXPECT_EQ(list("/-la"), "a b 12, link?, sub/");
    EXPECT_EQ(asked("LIST"), "LIST ./-la");
    lists("11-30-26  05:26AM       <DIR>          Program Files\r\n01-02-2026  12:00PM  99 x.txt\r\n");
    EXPECT_EQ(list("/"), "Program Files/, x.txt 99");
    EXPECT_EQ(times("MLSD"), 0u);
}

TEST_F(FtpClientRules, WhatLeadsElsewhereIsNobodysName) {
    content =
        "type=dir; ..\r\ntype=dir; .\r\ntype=file; a/b\r\ntype=file;size=1; ok\r\ntype=cdir; x\r\ntype=pdir; y\r\n"
        "type=file; /etc/passwd\r\ntype=file; \r\ntype=file; " +
        std::string(256, 'n') + "\r\ntype=file; " + std::string("n\0m", 3) + "\r\n";
    EXPECT_EQ(list("/"), "ok 1");
    lists("-rw-r--r-- 1 ftp ftp 12 Nov 30 05:26 ../x\r\ndrwxr-xr-x 1 ftp ftp 12 Nov 30 05:26 ..\r\n");
    remote.reset();
    EXPECT_EQ(list("/"), "");
}

TEST_F(FtpClientRules, ListsHaveBounds) {
    content = "type=file;size=1; a\r\ntype=file;size=1; b\r\ntype=file;size=1; c\r\n";
    options.entries_max = 3;
    EXPECT_EQ(list("/"), "a 1, b 1, c 1");
    options.entries_max = 2;
    EXPECT_TRUE(list("/").contains("more than 2 entries")) << failure;
    EXPECT_FALSE(passing);
    options.entries_max = 3;
    EXPECT_EQ(list("/"), "a 1, b 1, c 1") << "the conversation goes on";
    EXPECT_EQ(conversations, 1u);
    options.listing_bytes_max = content.size();
    EXPECT_EQ(list("/"), "a 1, b 1, c 1");
    options.listing_bytes_max = content.size() - 1;
    EXPECT_TRUE(list("/").contains("longer than")) << failure;
    EXPECT_FALSE(passing);
    options.listing_bytes_max = content.size();
    EXPECT_EQ(list("/"), "a 1, b 1, c 1");
    EXPECT_EQ(conversations, 2u);
}

TEST_F(FtpClientRules, AnUploadIsWholeWhenTheServerSaysSo) {
    EXPECT_TRUE(put("/a", "abc").contains("--force")) << failure;
    EXPECT_EQ(asked("STOR"), "");
    says["SIZE"] = "550 None.\r\n";
    for (const char* wrong : {"426 It broke off.\r\n", "452 The disk is full.\r\n", "552 Too much.\r\n"}) {
        after = wrong;
        EXPECT_TRUE(put("/a", "abc").contains(std::string(wrong).substr(0, 3))) << failure;
        EXPECT_EQ(passing, wrong[0] == '4');
    }
    after = "";
    EXPECT_TRUE(put("/a", "abc").contains("has ended the conversation")) << failure;
    after = "-";
    EXPECT_NE(put("/a", "abc"), "");
    // It is told why, where it takes no more.
    after = "452 The disk is full.\r\n";
    takes = 1;
    received.clear();
    EXPECT_TRUE(put("/a", std::string(4 << 20, 'x')).contains("The disk is full")) << failure;
    after = "226 Done.\r\n";
    received.clear();
    EXPECT_TRUE(put("/a", std::string(4 << 20, 'x')).contains("the data connection was lost")) << failure;
    says["STOR"] = "553 Not that name.\r\n";
    EXPECT_TRUE(put("/a", "abc").contains("Not that name")) << failure;
}

TEST_F(FtpClientRules, WhatAServerDoesNotKnowIsNotSupported) {
    const std::chrono::sys_seconds day = std::chrono::sys_days{std::chrono::January / 1 / 2026};
    EXPECT_TRUE(ended(remote_of("ftp").set_date("/a", day)).contains("has no word for that")) << failure;
    EXPECT_EQ(asked("MFMT"), "MFMT 20260101000000 a");
    says["MFMT"] = "550 Not yours.\r\n";
    EXPECT_TRUE(ended(remote->set_date("/a", day)).contains("550 Not yours")) << failure;
    says["MFMT"] = "213 Modify=20260101000000; a\r\n";
    EXPECT_EQ(ended(remote->set_date("/a", day)), "");
    EXPECT_EQ(conversations, 1u);
}

TEST_F(FtpClientRules, AServerThatDoesNotCallIsNotWaitedForWithoutEnd) {
    options.ftp.active = true;
    says["PORT"] = "200 Yes.\r\n";
    EXPECT_TRUE(get("/a").contains("does not call for its data")) << failure;
    EXPECT_TRUE(passing);
    says["PORT"] = "500 Never.\r\n";
    EXPECT_TRUE(get("/a").contains("500 Never")) << failure;
}

}  // namespace
}  // namespace strata::application::ftp
