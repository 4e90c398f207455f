// An FTP server in virtual time: what its commands do.
#include "strata/6_presentation/charset.hpp"
#include "tests/7_application/ftp/served.hpp"

namespace strata::application::ftp {
namespace {

using FtpServer = FtpServed;

TEST_F(FtpServer, AnybodyLogsInAndLooksAround) {
    EXPECT_EQ(call(), "220 Strata FTP.\r\n331 Any password will do.\r\n230 Come in.\r\n");
    EXPECT_EQ(say("PWD"), "257 \"/\"\r\n");
    EXPECT_EQ(say("CWD sub"), "250 You are in \"/sub\".\r\n");
    EXPECT_EQ(say("XPWD"), "257 \"/sub\"\r\n");
    EXPECT_EQ(say("CDUP"), "250 You are in \"/\".\r\n");
    EXPECT_EQ(say("CDUP"), "250 You are in \"/\".\r\n");
    EXPECT_EQ(say("CWD hello"), "550 That is a file.\r\n");
    EXPECT_EQ(say("SYST"), "215 UNIX Type: L8\r\n");
    EXPECT_EQ(say("QUIT"), "221 Goodbye.\r\n");
    EXPECT_EQ(control->error(), session::asio::error::eof);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(FtpServer, FilesComeOverDataConnectionsOfAllKinds) {
    call();
    EXPECT_EQ(say("TYPE I"), "200 Bytes.\r\n");
    EXPECT_EQ(fetch("RETR hello"), "hello");
    EXPECT_EQ(answer, "150 Here it comes.\r\n226 It is there.\r\n");
    EXPECT_EQ(data->error(), session::asio::error::eof);
    open_data("PASV");
    say("RETR /big");
    lab.run_for(10s);
    EXPECT_EQ(data->took().size(), 3u << 20);
    for (const bool extended : {false, true}) {
        session::Acceptor acceptor = client.network().listen({Ipv4Address{10, 0, 0, 1}, 0});
        acceptor.async_accept([this](session::error_code error, session::Stream stream) {
            if (!error) data = std::make_unique<Line>(std::move(stream));
        });
        const Endpoint at = acceptor.local().endpoint();
        EXPECT_EQ(say(extended ? "EPRT " + format_eprt_argument(at) : "PORT " + format_port_argument(at)).substr(0, 3),
                  "200");
        EXPECT_EQ(say("RETR hello"), "150 Here it comes.\r\n226 It is there.\r\n");
        EXPECT_EQ(data->took(), "hello");
    }
    ASSERT_EQ(reports.size(), 4u);
    EXPECT_EQ(reports[1].request, "RETR /big");
    EXPECT_EQ(reports[1].bytes, 3u << 20);
    EXPECT_EQ(reports[1].user, "anonymous");
    EXPECT_EQ(reports[1].code, 226u);
}

// RFC 959 3.1.1.1: lines end with CR LF. One that did stays as it is.
TEST_F(FtpServer, TextIsTranslatedBothWays) {
    may(FileRights::all);
    call();
    EXPECT_EQ(fetch("RETR sub/text"), "one\r\ntwo\r\nthree");
    store("STOR new", "one\r\ntwo\nthree\r");
    EXPECT_EQ(folder.read("new"), "one\ntwo\nthree\r");
    EXPECT_EQ(say("SIZE hello").substr(0, 4), "550 ");
}

TEST_F(FtpServer, RestartsWhereTheClientWas) {
    call();
    say("TYPE I");
    EXPECT_EQ(say("SIZE hello"), "213 5\r\n");
    EXPECT_EQ(say("REST 3"), "350 From there, with the next transfer.\r\n");
    EXPECT_EQ(fetch("RETR hello"), "lo");
    EXPECT_EQ(fetch("RETR hello"), "hello");
    say("REST 5");
    EXPECT_EQ(fetch("RETR hello"), "");
    EXPECT_EQ(answer.substr(answer.size() - 18), "226 It is there.\r\n");
    say("REST 6");
    fetch("RETR hello");
    EXPECT_EQ(answer, "554 The file is not as long as that.\r\n");
    for (const char* wrong : {"REST x", "REST -1", "REST 99999999999999999999"})
        EXPECT_EQ(say(wrong).substr(0, 3), "501");
    say("TYPE A");
    say("REST 1");
    fetch("RETR hello");
    EXPECT_EQ(answer.substr(0, 3), "554");
}

TEST_F(FtpServer, WritesWhatItMay) {
    call();
    EXPECT_EQ(store("STOR new", "x"), "550 That is not allowed here.\r\n");
    for (const char* refused :
         {"DELE hello", "MKD f", "RMD sub", "RNFR hello", "MFMT 20200101000000 hello", "SITE CHMOD 600 hello"})
        EXPECT_EQ(say(refused), "550 That is not allowed here.\r\n") << refused;
    may(FileRights::add);
    serving.reset();
    call();
    say("TYPE I");
    EXPECT_EQ(store("STOR new", "x"), "150 Send it.\r\n226 It is there.\r\n");
    EXPECT_EQ(folder.read("new"), "x");
    EXPECT_EQ(store("STOR new", "y").substr(0, 3), "553");
    EXPECT_EQ(store("APPE new", "y").substr(0, 3), "553");
    EXPECT_EQ(store("APPE newer", "y").substr(0, 3), "150");
    EXPECT_EQ(say("MKD f/"), "257 \"/f\" is there.\r\n");
    EXPECT_EQ(say("MKD f").substr(0, 3), "550");
    EXPECT_EQ(say("DELE new").substr(0, 3), "550");
    EXPECT_EQ(folder.read("new"), "x");
}

TEST_F(FtpServer, ReplacesRenamesAndRemovesWithTheRightToAll) {
    may(FileRights::all);
    call();
    say("TYPE I");
    store("STOR hello", "hi");
    EXPECT_EQ(folder.read("hello"), "hi");
    store("APPE hello", " there");
    EXPECT_EQ(folder.read("hello"), "hi there");
    say("REST 2");
    store("STOR hello", "!");
    EXPECT_EQ(folder.read("hello"), "hi!");
    say("REST 4");
    EXPECT_EQ(store("STOR hello", "?").substr(0, 3), "554");
    EXPECT_EQ(say("RNTO x"), "503 RNFR comes first.\r\n");
    EXPECT_EQ(say("RNFR hello").substr(0, 3), "350");
    EXPECT_EQ(say("NOOP").substr(0, 3), "200");
    EXPECT_EQ(say("RNTO x"), "503 RNFR comes first.\r\n");
    say("RNFR hello");
    EXPECT_EQ(say("RNTO big").substr(0, 3), "553");
    say("RNFR hello");
    EXPECT_EQ(say("RNTO sub/hello"), "250 So it is named.\r\n");
    EXPECT_EQ(say("MFMT 20200102030405 sub/hello"), "213 Modify=20200102030405; /sub/hello\r\n");
    EXPECT_EQ(say("MDTM sub/hello"), "213 20200102030405\r\n");
    EXPECT_EQ(say("SITE UTIME 20210102030405 sub/hello").substr(0, 3), "213");
    EXPECT_EQ(say("SITE CHMOD 4640 sub/hello").substr(0, 3), "501");
    EXPECT_EQ(say("SITE CHMOD 640 sub/hello"), "200 So it is.\r\n");
    EXPECT_EQ(std::filesystem::status(folder.path() / "sub/hello").permissions(), std::filesystem::perms{0640});
    EXPECT_EQ(say("RMD sub"), "550 The folder is not empty.\r\n");
    EXPECT_EQ(say("RMD sub/hello"), "550 That is a file.\r\n");
    EXPECT_EQ(say("DELE sub/hello"), "250 It is gone.\r\n");
    EXPECT_EQ(say("DELE sub/text"), "250 It is gone.\r\n");
    EXPECT_EQ(say("DELE sub"), "550 That is a folder.\r\n");
    EXPECT_EQ(say("RMD sub"), "250 It is gone.\r\n");
    EXPECT_EQ(say("RMD /").substr(0, 3), "553");
    EXPECT_EQ(reports.back().request, "RMD /");
}

TEST_F(FtpServer, AFileOfItsOwnNameIsMadeForSTOU) {
    may(FileRights::add);
    call();
    const std::string told = store("STOU hello", "other");
    ASSERT_TRUE(told.starts_with("150 FILE: /hello."));
    const std::string name = told.substr(11, told.find('\r') - 11);
    EXPECT_EQ(folder.read(name), "other");
    EXPECT_EQ(folder.read("hello"), "hello");
    store("STOU", "x");
    EXPECT_EQ(folder.read("upload"), "x");
}

TEST_F(FtpServer, ListsInThreeForms) {
    folder.write("sub/a\nb", "");
    folder.write("sub/说 明", "");
    call();
    EXPECT_EQ(fetch("NLST"), "sub\r\nbig\r\nhello\r\n");
    EXPECT_EQ(fetch("NLST sub"), "sub/text\r\nsub/说 明\r\n");
    EXPECT_EQ(fetch("NLST h*"), "hello\r\n");
    EXPECT_EQ(fetch("NLST sub/t?xt"), "sub/text\r\n");
    EXPECT_EQ(fetch("NLST hello"), "hello\r\n");
    const std::string list = fetch("LIST -la sub");
    EXPECT_TRUE(list.starts_with("-r--r--r--   1 ftp      ftp                 0 "));
    EXPECT_NE(list.find(" a?b\r\n"), std::string::npos);
    EXPECT_EQ(std::ranges::count(list, '\n'), 3);
    EXPECT_EQ(fetch("LIST big").substr(0, 10), "-r--r--r--");
    say("OPTS MLST type;size;");
    EXPECT_EQ(fetch("MLSD sub"), "type=cdir; .\r\ntype=file;size=14; text\r\ntype=file;size=0; 说 明\r\n");
    fetch("MLSD hello");
    EXPECT_EQ(answer, "501 That is a file: MLST.\r\n");
    EXPECT_EQ(say("MLST sub/text"),
              "250-What is known of it:\r\n type=file;size=14; /sub/text\r\n250 That is all.\r\n");
    EXPECT_EQ(fetch("LIST nothing"), "");
    EXPECT_EQ(answer, "550 There is nothing of that name that can be had.\r\n");
    EXPECT_EQ(say("STAT hello").substr(0, 4), "213-");
    EXPECT_NE(say("STAT sub").find(" text\r\n"), std::string::npos);
}

TEST_F(FtpServer, NamesAreInTheEncodingThatTheClientWants) {
    may(FileRights::all);
    folder.write("说\\明/誠", "found");  // in GBK octets of them look like a backslash
    options.encoding = "GBK";
    call();
    const auto gbk = [](const std::string& text) { return *presentation::Charset::named("GBK").encode(text); };
    EXPECT_NE(fetch("NLST").find("\n" + gbk("说\\明") + "\r"), std::string::npos);
    say("TYPE I");
    EXPECT_EQ(fetch("RETR " + gbk("说\\明/誠")), "found");
    EXPECT_EQ(say("CWD " + gbk("说\\明")), "250 You are in \"/" + gbk("说\\明") + "\".\r\n");
    EXPECT_EQ(say("OPTS UTF8 ON"), "200 Names are in UTF-8.\r\n");
    EXPECT_EQ(say("PWD"), "257 \"/说\\明\"\r\n");
    EXPECT_EQ(fetch("RETR 誠"), "found");
    EXPECT_EQ(say("OPTS UTF8 OFF"), "200 Names are in GBK.\r\n");
    EXPECT_EQ(say("CWD \xff\xff\x81").substr(0, 3), "501");
}

TEST_F(FtpServer, DigestsAFile) {
    call();
    EXPECT_EQ(say("HASH hello"),
              "213 SHA-256 0-5 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 /hello\r\n");
    EXPECT_EQ(say("HASH sub").substr(0, 3), "553");
    EXPECT_EQ(say("HASH none").substr(0, 3), "550");
}

TEST_F(FtpServer, WhatThereIsAndWhatThereIsNot) {
    call();
    for (const char* good : {"TYPE A", "TYPE A N", "TYPE L 8", "type i", "STRU F", "MODE S", "NOOP", "ALLO 10",
                             "ALLO 10 R 5", "CLNT x", "OPTS HASH SHA-256", "OPTS UTF8 OFF"})
        EXPECT_EQ(say(good).substr(0, 3), "200") << good;
    for (const char* none : {"TYPE E", "TYPE A T", "TYPE L 7", "STRU R", "STRU P", "MODE B", "MODE C", "SITE X"})
        EXPECT_EQ(say(none).substr(0, 3), "504") << none;
    for (const char* wrong : {"TYPE X", "STRU X", "MODE X", "ALLO x", "TYPE", "RETR", "STOR", "CWD", "OPTS X",
                              "PORT 1,2", "EPRT x", "EPSV 3", "MFMT x y"})
        EXPECT_EQ(say(wrong).substr(0, 3), "501") << wrong;
    for (const char* unknown : {"XYZZY", "", " ", "RETRS a"}) EXPECT_EQ(say(unknown).substr(0, 3), "500") << unknown;
    for (const char* not_done : {"SMNT x", "AUTH TLS"}) EXPECT_EQ(say(not_done).substr(0, 3), "502") << not_done;
    for (const char* early : {"PBSZ 0", "PROT P", "USER x", "PASS x"})
        EXPECT_EQ(say(early).substr(0, 3), "503") << early;
    EXPECT_EQ(say("EPSV 2"), "522 Use the family of this connection, (1)\r\n");
    EXPECT_EQ(say("EPRT |3|x|1|").substr(0, 3), "522");
    EXPECT_EQ(say("RETR hello").substr(0, 3), "425");
    EXPECT_EQ(say("EPSV ALL").substr(0, 3), "200");
    for (const char* late : {"PASV", "PORT 10,0,0,1,19,137", "EPRT |1|10.0.0.1|5001|"})
        EXPECT_EQ(say(late).substr(0, 3), "503") << late;
    EXPECT_EQ(say("EPSV 1").substr(0, 3), "229");
    EXPECT_NE(say("FEAT").find("\r\n MLST type*;size*;modify*;perm*;\r\n"), std::string::npos);
    EXPECT_EQ(say("HELP").substr(0, 4), "214-");
    EXPECT_EQ(say(std::string(5000, 'A')), "500 That is no command.\r\n");
    EXPECT_EQ(say("REIN"), "220 Begin anew.\r\n");
    EXPECT_EQ(say("PWD").substr(0, 3), "530");
}

// RFC 959 4.1.3: ABOR and STAT are about the transfer, all else waits for its end.
TEST_F(FtpServer, ATransferCanBeAskedForAndGivenUp) {
    may(FileRights::all);
    call();
    say("TYPE I");
    EXPECT_EQ(say("ABOR"), "226 Nothing is under way.\r\n");
    open_data();
    EXPECT_EQ(say("STOR new"), "150 Send it.\r\n");
    data->send("some");
    lab.run_for(1s);
    EXPECT_NE(say("STAT").find(" STOR /new: 4 bytes so far\r\n"), std::string::npos);
    EXPECT_EQ(say("\xff\xf4\xff\xf2"
                  "ABOR"),
              "426 Given up.\r\n226 It was given up.\r\n");
    EXPECT_EQ(data->error(), session::asio::error::connection_reset);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    open_data();
    say("STOR new");
    EXPECT_EQ(say("NOOP"), "");  // waits
    data->send("all");
    data->end();
    lab.run_for(1s);
    EXPECT_EQ(control->took(), "226 It is there.\r\n200 Here I am.\r\n");
    EXPECT_EQ(folder.read("new"), "all");
    open_data();
    data->be_quiet();
    say("RETR big");
    EXPECT_EQ(say("QUIT"), "");
    data->read_on();
    lab.run_for(10s);
    EXPECT_EQ(control->took(), "226 It is there.\r\n221 Goodbye.\r\n");
}

// A client that is killed ends both connections in order, that of the commands first.
TEST_F(FtpServer, HalfAFileIsNoFile) {
    may(FileRights::all);
    call();
    say("TYPE I");
    open_data();
    say("STOR new");
    data->send("half");
    lab.run_for(1s);
    control->end();
    data->end();
    lab.run_for(5s);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(reports.back().ending, Ending::by_client);
    call();
    say("TYPE I");
    open_data();
    say("STOR new");
    data->send("half");
    lab.run_for(1s);
    data->abort();
    lab.run_for(5s);
    EXPECT_EQ(control->took(), "426 The data connection was lost.\r\n");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
}

// One that is killed on a busy machine ends them one after the other. Doubt has a bound, and
// whoever said how long the file is has it at once.
TEST_F(FtpServer, AFileWaitsForTheEndOfAKilledClient) {
    may(FileRights::all);
    const auto put = [this](const std::string& size, Duration took) {
        call();
        say("TYPE I");
        if (!size.empty()) say("ALLO " + size);
        open_data();
        say("STOR new");
        data->send("half");
        lab.run_for(took);
        data->end();
    };
    const auto is_there = [this] { return std::filesystem::exists(folder.path() / "new"); };
    put("", 320ms);  // and 100 ms of say(): a sixteenth is 26 ms
    lab.run_for(20ms);
    control->end();
    lab.run_for(5s);
    EXPECT_FALSE(is_there());
    EXPECT_EQ(reports.back().ending, Ending::by_client);
    put("", 20s);
    lab.run_for(options.doubt_max - 5ms);
    EXPECT_FALSE(is_there());
    lab.run_for(10ms);
    EXPECT_TRUE(is_there());
    std::filesystem::remove(folder.path() / "new");
    put("4", 10s);
    lab.run_for(5ms);
    EXPECT_TRUE(is_there());
    std::filesystem::remove(folder.path() / "new");
    put("5", 10s);  // it lied, or is not done
    lab.run_for(5ms);
    EXPECT_FALSE(is_there());
}

// The other way round: a file that is not what it was does not look whole.
TEST_F(FtpServer, AFileThatBecomesShorterIsResetAndSaid) {
    call();
    say("TYPE I");
    open_data();
    data->be_quiet();
    say("RETR big");
    std::filesystem::resize_file(folder.path() / "big", 2 << 20);
    data->read_on();
    lab.run_for(30s);
    EXPECT_EQ(control->took(), "451 The file became shorter, or cannot be read.\r\n");
    EXPECT_EQ(data->error(), session::asio::error::connection_reset);
    EXPECT_EQ(reports.back().ending, Ending::file_short);
}

}  // namespace
}  // namespace strata::application::ftp
