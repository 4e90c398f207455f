// TFTP's client in virtual time: against our server, and against servers that know less, or lie.
#include "strata/7_application/tftp/client/client.hpp"

#include "tests/7_application/tftp/served.hpp"

namespace strata::application::tftp {
namespace {

struct TftpClient : TftpServed {
    // What it threw, in words, when it has ended; "?" as long as it runs.
    void begin_get(const std::string& name, RequestOptions options = {}, OutputOptions output = {.force = true}) {
        failure = "?";
        out.emplace(folder.path() / "got", output);
        spawn(tftp::get(client.network(), {"10.0.0.2", server_port, name}, *out, note_progress(), options));
    }
    void begin_put(const std::string& text, RequestOptions options = {}) {
        failure = "?";
        from = std::make_shared<const TextReading>(text);
        spawn(tftp::put(client.network(), {"10.0.0.2", server_port, "put"}, from, note_progress(), options));
    }
    void spawn(session::asio::awaitable<void> task) {
        session::asio::co_spawn(lab.io(), std::move(task), [this](std::exception_ptr failed) {
            failure.clear();
            try {
                if (failed) std::rethrow_exception(failed);
                if (out) out->commit();
            } catch (const std::exception& error) {
                failure = error.what();
            }
        });
    }
    Progress note_progress() {
        return [this](std::uint64_t count, std::optional<std::uint64_t> all) {
            EXPECT_GT(count, done);
            done = count;
            total = all;
        };
    }
    std::string get(const std::string& name, RequestOptions options = {}) {
        begin_get(name, options);
        lab.run_for(5min);
        return failure;
    }
    std::string put(const std::string& text, RequestOptions options = {}) {
        begin_put(text, options);
        lab.run_for(5min);
        return failure;
    }
    bool got_nothing() const { return !std::filesystem::exists(folder.path() / "got"); }

    std::optional<OutputFile> out;
    std::shared_ptr<const Reading> from;
    std::string failure;
    std::uint64_t done = 0;
    std::optional<std::uint64_t> total;
};

TEST_F(TftpClient, GetsAFileAndSaysHowFarItIs) {
    serve();
    EXPECT_EQ(get("boot/big"), "");
    EXPECT_EQ(folder.read("got"), std::string(10000, 'b'));
    EXPECT_EQ(done, 10000u);
    EXPECT_EQ(total, 10000u);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(TftpClient, PutsAFile) {
    let_write(FileRights::add);
    serve();
    EXPECT_EQ(put(std::string(9999, 'p')), "");
    EXPECT_EQ(folder.read("put"), std::string(9999, 'p'));
    EXPECT_EQ(done, 9999u);
    done = 0;
    EXPECT_TRUE(put("again").contains("is there already"));
}

TEST_F(TftpClient, NetasciiBothWays) {
    let_write(FileRights::add);
    folder.write("lines", "a\nb\rc");
    serve();
    EXPECT_EQ(get("lines", {.mode = Mode::netascii}), "");
    EXPECT_EQ(folder.read("got"), "a\nb\rc");
    EXPECT_FALSE(total);
    done = 0;
    out.reset();
    EXPECT_EQ(put("x\n\ry", {.mode = Mode::netascii, .blksize = 8}), "");
    EXPECT_EQ(folder.read("put"), "x\n\ry");
}

TEST_F(TftpClient, AsksForWhatTheWayTakes) {
    Peer old(server.network(), server_port);
    begin_get("x");
    lab.run_for(100ms);
    EXPECT_EQ(old.took(), "RRQ");
    EXPECT_EQ(old.latest_request(),
              rrq("x", {{"blksize", "1468"}, {"windowsize", "16"}, {"tsize", "0"}, {"sliding", "1"}}));
    old.answer(ErrorMessage{ErrorCode::file_not_found, "no\x1b[2J"});
    lab.run_for(100ms);
    EXPECT_TRUE(failure.contains("there is no such file (\"no?[2J\")")) << failure;
    EXPECT_TRUE(got_nothing());
    begin_put("abc", {.blksize = 100, .windowsize = 1, .timeout = 2});
    lab.run_for(100ms);
    EXPECT_EQ(old.latest_request(), wrq("put", {{"blksize", "100"}, {"timeout", "2"}, {"tsize", "3"}}));
    lab.run_for(5min);
    begin_get("x", {.blksize = 1000, .window_bytes_max = 3999});
    lab.run_for(100ms);
    EXPECT_EQ(old.latest_request(),
              rrq("x", {{"blksize", "1000"}, {"windowsize", "3"}, {"tsize", "0"}, {"sliding", "1"}}));
    lab.run_for(5min);
    begin_get("x", {.ask_options = false});
    lab.run_for(100ms);
    EXPECT_EQ(old.latest_request(), rrq("x"));
    lab.run_for(5min);
    EXPECT_TRUE(failure.contains("no answer came")) << failure;
}

TEST_F(TftpClient, AServerThatKnowsNoOptionsAnswersWithout) {
    Peer old(server.network(), server_port);
    begin_get("x");
    lab.run_for(100ms);
    old.answer(Data{1, bytes_of(std::string(512, 'x'))});
    lab.run_for(100ms);
    old.answer(Data{2, bytes_of("end")});
    lab.run_for(100ms);
    EXPECT_EQ(old.took(), "RRQ, ACK 1, ACK 2");
    EXPECT_EQ(failure, "");
    EXPECT_EQ(folder.read("got"), std::string(512, 'x') + "end");
    out.reset();
    done = 0;
    begin_put(std::string(600, 'p'));
    lab.run_for(100ms);
    old.answer(Acknowledgment{0});
    lab.run_for(100ms);
    EXPECT_EQ(old.took(), "WRQ, DATA 1 (512)");
    old.answer(Acknowledgment{1});
    lab.run_for(100ms);
    old.answer(Acknowledgment{2});
    lab.run_for(100ms);
    EXPECT_EQ(failure, "");
}

TEST_F(TftpClient, AServerThatRefusesOptionsIsAskedWithout) {
    for (const ErrorCode code : {ErrorCode::bad_options, ErrorCode::illegal_operation}) {
        Peer old(server.network(), server_port);
        done = 0;
        begin_get("x");
        lab.run_for(100ms);
        old.answer(ErrorMessage{code, "options?"});
        lab.run_for(100ms);
        EXPECT_EQ(old.took(), "RRQ, RRQ");
        EXPECT_EQ(old.latest_request(), rrq("x"));
        old.answer(Data{1, bytes_of("end")});
        lab.run_for(100ms);
        EXPECT_EQ(failure, "");
        EXPECT_EQ(folder.read("got"), "end");
    }
    Peer old(server.network(), server_port);
    begin_get("x");
    for (int i = 0; i < 3; ++i) {
        lab.run_for(100ms);
        old.answer(ErrorMessage{ErrorCode::bad_options, "never"});
    }
    lab.run_for(100ms);
    EXPECT_EQ(old.took(), "RRQ, RRQ") << "once";
    EXPECT_TRUE(failure.contains("refuses")) << failure;
}

// RFC 2347: what is not an answer to the question ends it by ERROR 8.
TEST_F(TftpClient, AnAnswerWithMoreThanWasAskedIsRefused) {
    for (const Option& wrong :
         {Option{"blksize", "1469"}, Option{"windowsize", "17"}, Option{"timeout", "1"},
          Option{"multicast", "224.1.2.3,1758,1"}, Option{"blksize", "x"}, Option{"sliding", "2"}}) {
        Peer liar(server.network(), server_port);
        begin_get("x");
        lab.run_for(100ms);
        liar.answer(OptionAcknowledgment{{wrong}});
        lab.run_for(100ms);
        EXPECT_EQ(liar.took(), "RRQ, ERROR 8") << wrong.name;
        EXPECT_TRUE(failure.contains(wrong.name)) << failure;
        EXPECT_TRUE(got_nothing());
    }
}

// A server that ignores an option of several.
TEST_F(TftpClient, HoldsToWhatWasAgreedOn) {
    Peer peer(server.network(), server_port);
    begin_get("x", {.windowsize = 3});
    lab.run_for(100ms);
    peer.answer(OptionAcknowledgment{{{"windowsize", "2"}}});
    lab.run_for(100ms);
    const std::string block(512, 'x');
    for (const std::uint16_t number : std::initializer_list<std::uint16_t>{1, 2, 3})
        peer.answer(Data{number, bytes_of(block)});
    lab.run_for(100ms);
    EXPECT_EQ(peer.took(), "RRQ, ACK 0, ACK 2");
    peer.answer(Data{4, bytes_of("")});
    lab.run_for(100ms);
    EXPECT_EQ(peer.took(), "ACK 4");
    EXPECT_EQ(failure, "");
    EXPECT_EQ(folder.read("got").size(), 3 * 512u);
}

TEST_F(TftpClient, APartIsNeverAWhole) {
    for (const char* tsize : {"4", "6"}) {
        Peer peer(server.network(), server_port);
        begin_get("x");
        lab.run_for(100ms);
        peer.answer(OptionAcknowledgment{{{"tsize", tsize}}});
        lab.run_for(100ms);
        peer.answer(Data{1, bytes_of("12345")});
        lab.run_for(100ms);
        EXPECT_EQ(peer.took(), "RRQ, ACK 0, ERROR 0");
        EXPECT_TRUE(failure.contains("not as long as was said")) << failure;
        EXPECT_TRUE(got_nothing());
        out.reset();
        std::filesystem::remove(folder.path() / "got.part");
    }
    Peer silent(server.network(), server_port);
    begin_get("x");
    lab.run_for(100ms);
    silent.answer(Data{1, bytes_of(std::string(512, 'x'))});
    lab.run_for(5min);
    EXPECT_TRUE(failure.contains("nothing came any more")) << failure;
    EXPECT_TRUE(got_nothing());
}

TEST_F(TftpClient, AStrangerIsToldSoAndChangesNothing) {
    Peer peer(server.network(), server_port);
    begin_get("x");
    lab.run_for(100ms);
    const session::Address at_client = peer.from();
    Peer stranger(server.network());
    stranger.send(Data{2, bytes_of("late")}, at_client);
    lab.run_for(100ms);
    EXPECT_EQ(stranger.took(), "") << "it is no answer to the request";
    peer.answer(Data{1, bytes_of(std::string(512, 'x'))});
    lab.run_for(100ms);
    stranger.send(Data{1, bytes_of("forged")}, at_client);
    stranger.send(ErrorMessage{ErrorCode::disk_full, "forged"}, at_client);
    lab.run_for(100ms);
    EXPECT_EQ(stranger.took(), "ERROR 5");
    // strangers_burst_max
    for (int i = 0; i < 100; ++i) stranger.send(Data{2, bytes_of("forged")}, at_client);
    lab.run_for(100ms);
    EXPECT_LE(std::ranges::count(stranger.took(), 'E'), 11);
    peer.answer(Data{2, bytes_of("end")});
    lab.run_for(100ms);
    EXPECT_EQ(failure, "");
    EXPECT_EQ(folder.read("got"), std::string(512, 'x') + "end");
}

TEST_F(TftpClient, RepeatsItsRequestUntilItGivesUp) {
    Peer silent(server.network(), server_port);
    begin_get("x");
    lab.run_for(29s);
    EXPECT_EQ(failure, "?");
    lab.run_for(15s);
    EXPECT_TRUE(failure.contains("no answer came")) << failure;
    EXPECT_GE(std::ranges::count(silent.took(), 'Q'), 5);
    EXPECT_TRUE(got_nothing());
}

TEST_F(TftpClient, DalliesAfterItHasReturned) {
    Peer peer(server.network(), server_port);
    begin_get("x");
    lab.run_for(100ms);
    peer.answer(Data{1, bytes_of("end")});
    lab.run_for(100ms);
    EXPECT_EQ(failure, "");
    out.reset();
    peer.answer(Data{1, bytes_of("end")});
    lab.run_for(100ms);
    EXPECT_EQ(peer.took(), "RRQ, ACK 1, ACK 1");
    lab.run_for(5s);
    peer.answer(Data{1, bytes_of("end")});
    lab.run_for(100ms);
    EXPECT_EQ(peer.took(), "");
}

TEST_F(TftpClient, APartOfBeforeIsComparedWithWhatComes) {
    serve();
    folder.write("got.part", std::string(5000, 'b'));
    begin_get("boot/big", {}, {.resume = true});
    lab.run_for(1min);
    EXPECT_EQ(failure, "");
    EXPECT_EQ(folder.read("got"), std::string(10000, 'b'));
    std::filesystem::remove(folder.path() / "got");
    folder.write("got.part", std::string(3000, 'b') + std::string(9000, 'c'));
    done = 0;
    begin_get("boot/big", {}, {.resume = true});
    lab.run_for(1min);
    EXPECT_EQ(failure, "");
    EXPECT_EQ(folder.read("got"), std::string(10000, 'b'));
}

TEST_F(TftpClient, SaysWhatNoRequestHasRoomFor) {
    EXPECT_TRUE(get(std::string(500, 'n')).contains("400 bytes"));
    EXPECT_TRUE(get("").contains("400 bytes"));
    spawn(tftp::get(client.network(), {"no.such.host", server_port, "x"}, *out));
    lab.run_for(1s);
    EXPECT_TRUE(failure.contains("check the host's name")) << failure;
}

}  // namespace
}  // namespace strata::application::tftp
