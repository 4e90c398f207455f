// An FTP server in virtual time: its bounds, each to its end and one
// past it; and who wants more than his own.
#include <boost/asio/awaitable.hpp>
#include <set>

#include "tests/7_application/ftp/served.hpp"

namespace strata::application::ftp {
namespace {

using FtpBounds = FtpServed;

TEST_F(FtpBounds, ThoseBeyondThePlacesAreTold) {
    options.places =
        std::make_shared<Places>(PlacesOptions{.connections_max = 1, .per_address_max = 1, .leaving_max = 0});
    options.turned_away_max = 1;
    call();
    const session::Address at{Ipv4Address{10, 0, 0, 2}, 21};
    Line second(client.network(), at);
    Line third(client.network(), at);
    lab.run_for(50ms);
    const bool second_was_told = !second.error() || second.error() == session::asio::error::eof;
    const Line& reset = second_was_told ? third : second;
    EXPECT_EQ((second_was_told ? second : third).took(),
              "421 Too many connections from your address: close some of them.\r\n");
    EXPECT_EQ(reset.error(), session::asio::error::connection_reset);
    EXPECT_EQ(say("NOOP"), "200 Here I am.\r\n");
}

TEST_F(FtpBounds, WhoeverDoesNotLogInIsPartedFrom) {
    options.login_timeout = 60s;
    call(false);
    for (int i = 0; i < 11; ++i) {
        lab.run_for(5s);
        EXPECT_EQ(say("NOOP"), "200 Here I am.\r\n");
    }
    lab.run_for(8s);
    EXPECT_EQ(control->took(), "421 Nothing was said for too long.\r\n");
    EXPECT_EQ(serving->active(), 0u);
}

// RFC 1123 4.1.3.2. A transfer is no idleness.
TEST_F(FtpBounds, SilenceEndsAfterFiveMinutes) {
    EXPECT_EQ(ServerOptions{}.idle_timeout, 300s);
    call();
    lab.run_for(299s);
    EXPECT_EQ(say("NOOP"), "200 Here I am.\r\n");
    lab.run_for(299s);
    EXPECT_EQ(control->took(), "");
    lab.run_for(2s);
    EXPECT_EQ(control->took(), "421 Nothing was said for too long.\r\n");
    options.patience = {.stall_timeout = 1000s, .rate_min = 0};
    serving.reset();
    may(FileRights::all);
    call();
    say("TYPE I");
    open_data();
    say("STOR new");
    lab.run_for(400s);
    EXPECT_EQ(control->took(), "");
    data->end();
    lab.run_for(5s);
    EXPECT_EQ(control->took(), "226 It is there.\r\n");
    lab.run_for(301s);
    EXPECT_EQ(control->took(), "421 Nothing was said for too long.\r\n");
}

// Whoever works among them is served as ever.
TEST_F(FtpBounds, ACrowdThatSaysNothingIsPartedFrom) {
    constexpr std::size_t many = 300;
    options.places = std::make_shared<Places>(PlacesOptions{.connections_max = many + 1, .per_address_max = many + 1});
    call();
    std::vector<std::unique_ptr<Line>> crowd;
    for (std::size_t i = 0; i < many; ++i) {
        crowd.push_back(std::make_unique<Line>(client.network(), session::Address{Ipv4Address{10, 0, 0, 2}, 21}));
        lab.run_for(10ms);
        crowd.back()->send("USER ftp\r\nPASS x\r\n");
    }
    lab.run_for(1s);
    for (const auto& each : crowd) ASSERT_TRUE(each->took().ends_with("230 Come in.\r\n"));
    EXPECT_EQ(serving->active(), many + 1);
    lab.run_for(options.idle_timeout - 20s);
    say("TYPE I");
    EXPECT_EQ(fetch("RETR big").size(), 3u << 20);
    lab.run_for(20s);
    for (const auto& each : crowd) EXPECT_EQ(each->took(), "421 Nothing was said for too long.\r\n");
    EXPECT_EQ(serving->active(), 1u);
    EXPECT_EQ(say("NOOP"), "200 Here I am.\r\n");
}

TEST_F(FtpBounds, ADataConnectionThatDoesNotComeIsNotWaitedForForever) {
    options.data_timeout = 30s;
    call();
    (void)passive();
    EXPECT_EQ(say("RETR hello"), "150 Here it comes.\r\n");
    lab.run_for(29s);
    EXPECT_EQ(control->took(), "");
    lab.run_for(2s);
    EXPECT_EQ(control->took(), "425 The data connection did not come about.\r\n");
    say("PORT 10,0,0,1,19,137");
    EXPECT_EQ(say("RETR hello"), "150 Here it comes.\r\n425 The data connection did not come about.\r\n");
    EXPECT_EQ(say("NOOP"), "200 Here I am.\r\n");
}

TEST_F(FtpBounds, StrangersAtADataPortGetNothing) {
    bool strange = false;
    options.strangers_max = 3;
    options.client_behind = [&](const session::Address& at) {
        return strange ? session::Address{Ipv4Address{10, 9, 9, 9}, 5000} : at;
    };
    for (const std::size_t strangers : {2u, 3u}) {
        call();
        say("TYPE I");
        const session::Address at = passive();
        EXPECT_EQ(say("RETR hello"), "150 Here it comes.\r\n");
        strange = true;
        std::vector<std::unique_ptr<Line>> others;
        for (std::size_t i = 0; i < strangers; ++i) {
            others.push_back(std::make_unique<Line>(client.network(), at));
            lab.run_for(100ms);
            EXPECT_EQ(others.back()->took(), "");
            EXPECT_EQ(others.back()->error(), session::asio::error::connection_reset);
        }
        strange = false;
        Line own(client.network(), at);
        lab.run_for(1s);
        EXPECT_EQ(own.took(), strangers == 2 ? "hello" : "");
        EXPECT_EQ(control->took(),
                  strangers == 2 ? "226 It is there.\r\n" : "425 The data connection did not come about.\r\n");
    }
}

// RFC 2577 3.
TEST_F(FtpBounds, NobodyElseIsCalledAndNoService) {
    call();
    for (const char* other : {"PORT 10,0,0,9,19,137", "PORT 10,0,0,1,3,255", "EPRT |1|10.0.0.9|5001|",
                              "EPRT |1|10.0.0.1|1023|", "EPRT |2|2001:db8::1|5001|", "PORT 10,0,0,1,0,0"})
        EXPECT_EQ(say(other).substr(0, 3), "504") << other;
    EXPECT_EQ(say("RETR hello").substr(0, 3), "425");
    EXPECT_EQ(say("PORT 10,0,0,1,4,0").substr(0, 3), "200");
}

TEST_F(FtpBounds, AfterThreeWrongPasswordsItIsOver) {
    options.failed_logins_max = 3;
    options.insecure_login = true;
    options.log_in = [this](session::Network&, std::string user, std::string password,
                            session::Address from) -> session::asio::awaitable<std::optional<LoggedIn>> {
        EXPECT_EQ(from.endpoint().address.to_string(), "10.0.0.1");
        if (user != "ann" || password != "right") co_return std::nullopt;
        LoggedIn she{user, std::make_shared<const FileRoot>(
                               *FileRoot::open(folder.path() / "sub", {.rights = FileRights::all}))};
        co_return she;
    };
    call(false);
    for (const char* name : {"USER ann", "USER nobody"}) {
        EXPECT_EQ(say(name), "331 The password, please.\r\n");
        EXPECT_EQ(say("PASS wrong"), "530 That is not right.\r\n");
    }
    EXPECT_EQ(say("PASS right"), "503 USER comes first.\r\n");
    say("USER ann");
    EXPECT_EQ(say("PASS wrong"), "421 That is not right either.\r\n");
    lab.run_for(5s);
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(reports.size(), 3u);
    EXPECT_EQ(reports.back().request, "USER ann");
    call(false);
    say("USER ann");
    EXPECT_EQ(say("PASS right"), "230 Come in.\r\n");
    EXPECT_EQ(fetch("NLST"), "text\r\n");
    store("STOR mine", "x");
    EXPECT_EQ(folder.read("sub/mine"), "x");
    EXPECT_EQ(reports.back().user, "ann");
}

TEST_F(FtpBounds, PasswordsAreNotTakenInClear) {
    options.log_in = [](session::Network&, std::string, std::string,
                        session::Address) -> session::asio::awaitable<std::optional<LoggedIn>> {
        ADD_FAILURE() << "asked";
        co_return std::nullopt;
    };
    call(false);
    EXPECT_EQ(say("USER ann").substr(0, 3), "530");
    EXPECT_EQ(say("PASS secret").substr(0, 3), "503");
    options.anonymous = false;
    options.failed_logins_max = 1;
    serving.reset();
    call(false);
    say("USER anonymous");
    EXPECT_EQ(say("PASS x"), "421 That is not right either.\r\n");
}

TEST_F(FtpBounds, AClientThatTakesNothingLosesItsTransfer) {
    options.patience = {.stall_timeout = 60s, .rate_min = 1024, .rate_over = 120s};
    call();
    say("TYPE I");
    open_data();
    data->be_quiet();
    say("RETR big");
    lab.run_for(50s);
    EXPECT_EQ(control->took(), "");
    lab.run_for(20s);
    EXPECT_EQ(control->took(), "426 Too slow.\r\n");
    EXPECT_EQ(reports.back().ending, Ending::too_slow);
}

TEST_F(FtpBounds, AClientThatSendsNothingLosesItsTransfer) {
    options.patience = {.stall_timeout = 60s, .rate_min = 100, .rate_over = 120s};
    may(FileRights::all);
    call();
    say("TYPE I");
    open_data();
    say("STOR new");
    lab.run_for(59s);
    EXPECT_EQ(control->took(), "");
    lab.run_for(2s);
    EXPECT_EQ(control->took(), "426 Too slow.\r\n");
    open_data();
    say("STOR new");
    std::string told;
    for (int i = 0; i < 20 && told.empty(); ++i) {
        data->send("a byte or two");
        lab.run_for(20s);
        told = control->took();
    }
    EXPECT_EQ(told.substr(0, 3), "426");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
}

TEST_F(FtpBounds, AFileHasASize) {
    options.size_max = 10;
    may(FileRights::all);
    call();
    say("TYPE I");
    store("STOR new", "0123456789");
    EXPECT_EQ(folder.read("new"), "0123456789");
    EXPECT_EQ(store("STOR newer", "0123456789a"), "150 Send it.\r\n552 It is too large.\r\n");
    EXPECT_EQ(reports.back().ending, Ending::not_kept);
    EXPECT_EQ(store("APPE new", "a"), "150 Send it.\r\n552 It is too large.\r\n");
    EXPECT_EQ(folder.read("new"), "0123456789");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "newer"));
}

TEST_F(FtpBounds, ThereIsRoomOrItIsNotBegun) {
    root = *FileRoot::open(folder.path(), {.rights = FileRights::all, .keep_free = ~std::uint64_t{0} >> 1});
    call();
    EXPECT_EQ(store("STOR new", "x"), "452 There is no room for it.\r\n");
    may(FileRights::all);
    serving.reset();
    call();
    say("ALLO 9000000000000000000");
    EXPECT_EQ(store("STOR new", "x").substr(0, 3), "452");
    EXPECT_EQ(store("STOR new", "x").substr(0, 3), "150");  // it was for one transfer
}

TEST_F(FtpBounds, DataPortsAreOfARangeAndAtAnAddressThatIsSaid) {
    options.data_ports = {50000, 50001};
    options.public_address = Ipv4Address{192, 0, 2, 7};
    call();
    session::Address at;
    for (int i = 0; i < 4; ++i) {
        at = passive("PASV");
        EXPECT_EQ(at.endpoint().address.to_string(), "192.0.2.7");
        EXPECT_TRUE(number_of(at.endpoint().port) == 50000 || number_of(at.endpoint().port) == 50001);
    }
    const std::uint16_t held = number_of(at.endpoint().port);
    const session::Acceptor other =
        server.network().listen({Ipv4Address{10, 0, 0, 2}, static_cast<std::uint16_t>(50000 + 50001 - held)});
    EXPECT_EQ(number_of(passive().endpoint().port), held);
}

TEST_F(FtpBounds, DataPortsAreNotKnownFromTheOneBefore) {
    call();
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 20; ++i) ports.insert(number_of(passive().endpoint().port));
    EXPECT_GT(ports.size(), 18u);
    EXPECT_GE(*ports.begin(), 49152);
}

TEST_F(FtpBounds, WhenAllPortsOfTheRangeAreTakenItIsSaid) {
    options.data_ports = {50000, 50000};
    call();
    const session::Acceptor taken = server.network().listen({Ipv4Address{10, 0, 0, 2}, 50000});
    EXPECT_EQ(say("EPSV"), "425 No port can be opened.\r\n");
    EXPECT_EQ(say("PASV"), "425 No port can be opened.\r\n");
}

TEST_F(FtpBounds, BehindAGatewayTheDoorIsTold) {
    std::weak_ptr<void> door;
    options.open_door = [&](const session::Address& listens_at,
                            const session::Address& from) -> std::expected<DataDoor, session::error_code> {
        EXPECT_EQ(listens_at.endpoint().address.to_string(), "10.0.0.2");
        EXPECT_EQ(from.endpoint().address.to_string(), "10.0.0.1");
        const auto open = std::make_shared<int>();
        door = open;
        return DataDoor{{IpAddress{Ipv4Address{192, 0, 2, 9}}, PortNumber{7}}, open};
    };
    call();
    EXPECT_EQ(say("PASV"), "227 Entering Passive Mode (192,0,2,9,0,7).\r\n");
    EXPECT_EQ(say("EPSV"), "229 Entering Extended Passive Mode (|||7|)\r\n");
    EXPECT_FALSE(door.expired());
    say("QUIT");
    EXPECT_TRUE(door.expired());
    options.open_door = [](const session::Address&, const session::Address&) {
        return std::unexpected(session::error_code(session::asio::error::address_in_use));
    };
    serving.reset();
    call();
    EXPECT_EQ(say("PASV"), "425 No port can be opened.\r\n");
}

// Whoever comes beyond those at work waits, and is served then.
TEST_F(FtpBounds, ListingsAndDigestsAreMadeInTurn) {
    options.listings_at_once_max = 1;
    options.digests_at_once_max = 1;
    for (int i = 0; i < 3000; ++i) folder.write("many/" + std::to_string(i), "");
    call();
    const std::unique_ptr<Line> first = std::move(control);
    call();
    first->send("HASH big\r\nSTAT many\r\n");
    control->send("HASH big\r\nSTAT many\r\n");
    lab.run_for(10s);
    const std::string heard = first->took();
    EXPECT_TRUE(heard.starts_with("213 SHA-256 0-3145728 "));
    EXPECT_NE(heard.find("\r\n212 "), std::string::npos);
    EXPECT_EQ(control->took(), heard);
}

TEST_F(FtpBounds, APatternIsNoLongerThanAName) {
    call();
    EXPECT_EQ(fetch("NLST h*" + std::string(253, '*')), "hello\r\n");
    EXPECT_EQ(fetch("NLST h*" + std::string(254, '*')), "");
    EXPECT_EQ(answer, "501 That pattern is too long.\r\n");
}

// Commands that are not read are not answered: what was said to them waits for nobody's memory.
TEST_F(FtpBounds, AClientThatReadsNoRepliesIsNotReadFrom) {
    call();
    control->be_quiet();
    std::string flood;
    for (int i = 0; i < 200'000; ++i) flood += "HELP\r\n";
    control->send(flood);
    lab.run_for(30s);
    EXPECT_EQ(serving->active(), 1u);
    lab.run_for(120s);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(FtpBounds, AServerThatStopsTellsThoseThatAreIdle) {
    call();
    say("TYPE I");
    open_data();
    data->be_quiet();
    say("RETR big");
    const session::Address at{Ipv4Address{10, 0, 0, 2}, 21};
    Line idle(client.network(), at);
    lab.run_for(100ms);
    (void)idle.took();
    serving->stop();
    lab.run_for(1s);
    EXPECT_EQ(idle.took(), "421 The server is stopping.\r\n");
    EXPECT_EQ(control->took(), "");
    data->read_on();
    lab.run_for(10s);
    EXPECT_EQ(control->took(), "226 It is there.\r\n421 The server is stopping.\r\n");
    EXPECT_EQ(data->took().size(), 3u << 20);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(FtpBounds, OneThatIsAbortedCutsOffItsTransfer) {
    call();
    say("TYPE I");
    open_data();
    data->be_quiet();
    say("RETR big");
    serving->abort();
    lab.run_for(5s);
    data->read_on();
    lab.run_for(5s);
    EXPECT_EQ(data->error(), session::asio::error::connection_reset);
    EXPECT_EQ(reports.back().ending, Ending::by_server);
    EXPECT_EQ(serving->active(), 0u);
}

}  // namespace
}  // namespace strata::application::ftp
