// FTP under TLS (RFC 4217), in virtual time.
#include "strata/6_presentation/tls/tls.hpp"
#include "tests/7_application/ftp/served.hpp"
#include "tests/support/certificates.hpp"

namespace strata::application::ftp {
namespace {

struct FtpTls : FtpServed {
    FtpTls() {
        test::write_certificate(keys.path(), "server");
        options.tls = std::make_shared<presentation::TlsServer>(keys.path() / "server.pem", keys.path() / "server.key");
    }
    [[nodiscard]] std::unique_ptr<Line> over(session::Stream below) const {
        return std::make_unique<Line>(
            tls.over(std::move(below), "server.test", std::chrono::system_clock::now(), manner));
    }
    // AUTH TLS; what is said from now on is under it.
    std::string protect_control() {
        control->be_quiet();
        std::string told = say("AUTH TLS");
        control = over(control->release());
        lab.run_for(100ms);
        return told;
    }
    // A data connection that speaks TLS.
    void open_protected_data() {
        const session::Address at = passive();
        client.network().async_connect(at, [this](session::error_code error, session::Stream stream) {
            if (!error) data = over(std::move(stream));
        });
        lab.run_for(100ms);
    }

    test::TemporaryFolder keys;
    presentation::TlsClient tls{{.authorities = keys.path() / "server.pem"}};
    presentation::TlsManner manner{.protocol = "ftp"};
};

TEST_F(FtpTls, ControlAndDataAreProtected) {
    may(FileRights::all);
    call();
    EXPECT_NE(say("FEAT").find(" AUTH TLS\r\n"), std::string::npos);
    EXPECT_EQ(say("PBSZ 0"), "503 AUTH TLS comes first.\r\n");
    EXPECT_EQ(protect_control(), "234 Go ahead.\r\n");
    EXPECT_EQ(say("PWD"), "530 Log in first, with USER and PASS.\r\n");
    say("USER anonymous");
    EXPECT_EQ(say("PASS x"), "230 Come in.\r\n");
    EXPECT_EQ(say("PROT P"), "503 AUTH TLS and PBSZ come first.\r\n");
    EXPECT_EQ(say("PBSZ 0"), "200 PBSZ=0\r\n");
    EXPECT_EQ(say("PROT S").substr(0, 3), "536");
    EXPECT_EQ(say("PROT X").substr(0, 3), "504");
    EXPECT_EQ(say("PROT P"), "200 Data is protected.\r\n");
    EXPECT_EQ(say("AUTH TLS"), "503 It is under TLS already.\r\n");
    EXPECT_EQ(say("CCC").substr(0, 3), "533");
    say("TYPE I");
    open_protected_data();
    answer = say("RETR big");
    lab.run_for(20s);
    EXPECT_EQ(answer + control->took(), "150 Here it comes.\r\n226 It is there.\r\n");
    EXPECT_EQ(data->took(), std::string(3 << 20, 'b'));
    EXPECT_EQ(data->error(), session::asio::error::eof);  // with TLS's own end
    open_protected_data();
    say("STOR new");
    data->send("protected");
    lab.run_for(1s);
    data->end();
    lab.run_for(1s);
    EXPECT_EQ(control->took(), "226 It is there.\r\n");
    EXPECT_EQ(folder.read("new"), "protected");
    EXPECT_EQ(say("PROT C"), "200 Data is in clear.\r\n");
    EXPECT_EQ(fetch("RETR hello"), "hello");
    EXPECT_EQ(say("QUIT"), "221 Goodbye.\r\n");
}

// RFC 4217 15: it would be obeyed as if the client had said it under TLS.
TEST_F(FtpTls, WhatIsSentBehindAuthIsNotHeard) {
    for (const char* more : {"USER anonymous\r\n", "x", "\r\n"}) {
        call(false);
        control->send("AUTH TLS\r\n" + std::string(more));
        lab.run_for(100ms);
        EXPECT_EQ(control->took(), "421 Nothing may be sent behind AUTH before it is answered.\r\n");
        EXPECT_EQ(control->error(), session::asio::error::eof);
    }
}

TEST_F(FtpTls, WhoeverHadLoggedInInClearLogsInAnew) {
    call();
    EXPECT_EQ(say("PWD").substr(0, 3), "257");
    protect_control();
    EXPECT_EQ(say("PWD").substr(0, 3), "530");
}

// The end of the connection below is nobody's word.
TEST_F(FtpTls, AFileThatWasCutOffIsNoFile) {
    may(FileRights::all);
    call();
    protect_control();
    for (const char* each : {"USER ftp", "PASS x", "PBSZ 0", "PROT P", "TYPE I"}) say(each);
    auto below = std::make_shared<session::Stream>();
    const session::Address at = passive();
    client.network().async_connect(
        at, [below](session::error_code, session::Stream stream) { *below = std::move(stream); });
    lab.run_for(100ms);
    say("STOR new");
    (void)below->shut_down_sending();
    lab.run_for(5s);
    EXPECT_EQ(control->took(), "426 The data connection was lost.\r\n");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
}

TEST_F(FtpTls, FromTheFirstByte) {
    options.implicit_tls = true;
    serve();
    client.network().async_connect(session::Address{Ipv4Address{10, 0, 0, 2}, 21},
                                   [this](session::error_code error, session::Stream stream) {
                                       if (!error) control = over(std::move(stream));
                                   });
    lab.run_for(1s);
    EXPECT_EQ(control->took(), "220 Strata FTP.\r\n");
    say("USER ftp");
    EXPECT_EQ(say("PASS x"), "230 Come in.\r\n");
    EXPECT_EQ(say("AUTH TLS"), "503 It is under TLS already.\r\n");
    open_protected_data();
    say("RETR hello");
    EXPECT_EQ(data->took(), "hello");
}

TEST_F(FtpTls, PasswordsAreTaken) {
    options.log_in = [](session::Network&, std::string user, std::string password,
                        session::Address) -> session::asio::awaitable<std::optional<LoggedIn>> {
        (void)password;
        LoggedIn he{user, nullptr};
        co_return he;
    };
    call(false);
    EXPECT_EQ(say("USER ann"), "530 Passwords are taken under TLS only: AUTH TLS first.\r\n");
    protect_control();
    EXPECT_EQ(say("USER ann"), "331 The password, please.\r\n");
    EXPECT_EQ(say("PASS x"), "230 Come in.\r\n");
    EXPECT_NE(say("STAT").find(" logged in as ann\r\n"), std::string::npos);
}

// RFC 4217 10.2. A session that this server knows, but of another's commands, shows nothing.
TEST_F(FtpTls, DataMayHaveToGoOnWithTheSessionOfItsCommands) {
    options.data_resumption = true;
    folder.write("empty", "");
    may(FileRights::all);
    const auto fresh = [] { return std::make_shared<presentation::TlsSession>(); };
    const auto log_in = [&] {
        manner.session = fresh();
        call(false);
        protect_control();
        for (const char* each : {"USER ftp", "PASS x", "PBSZ 0", "PROT P", "TYPE I"}) say(each);
        return manner.session;
    };
    const auto told = [&](const std::string& command) {
        open_protected_data();
        answer = say(command);
        lab.run_for(1s);
        data->send("what is put");
        lab.run_for(1s);
        data->end();
        lab.run_for(1s);
        answer += control->took();
        return answer.substr(answer.rfind("\r\n", answer.size() - 3) + 2, 3);
    };
    const auto others = log_in();
    const std::unique_ptr<Line> other = std::move(control);
    const auto own = log_in();
    for (const auto& session : {std::shared_ptr<presentation::TlsSession>(), fresh(), others, own}) {
        manner.session = session;
        const std::string code = session == own ? "226" : "522";
        for (const char* command : {"RETR big", "RETR empty", "STOR new", "MLSD"}) {
            EXPECT_EQ(told(command), code) << command;
            EXPECT_EQ(reports.back().code, session == own ? 226u : 522u);
        }
        EXPECT_EQ(std::filesystem::exists(folder.path() / "new"), session == own);
    }
    EXPECT_EQ(folder.read("new"), "what is put");
    manner.session = nullptr;
    options.data_resumption = false;
    serving.reset();
    log_in();
    manner.session = nullptr;
    EXPECT_EQ(told("RETR big"), "226");
}

// A hand that is not shaken is waited for as any other.
TEST_F(FtpTls, WhoeverSaysNoHelloIsPartedFrom) {
    options.login_timeout = 60s;
    call(false);
    say("AUTH TLS");
    lab.run_for(70s);
    EXPECT_EQ(serving->active(), 0u);
}

}  // namespace
}  // namespace strata::application::ftp
