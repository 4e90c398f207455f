// TFTP's server in virtual time: requests, options, strangers, and peers that lie.
#include <deque>

#include "tests/7_application/tftp/served.hpp"

namespace strata::application::tftp {
namespace {

TEST_F(TftpServed, GivesAFileFromAPortOfItsOwn) {
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big")), "DATA 1 (512)");
    EXPECT_NE(peer.from(), at_server);
    for (std::uint16_t block = 1; block < 20; ++block) (void)answer(peer, Acknowledgment{block});
    EXPECT_EQ(answer(peer, Acknowledgment{20}), "");
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].name, "boot/big");
    EXPECT_EQ(reports[0].bytes, 10000u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_TRUE(reports[0].begun);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(TftpServed, NamesMayBeThoseOfOtherRootsAndSystems) {
    serve();
    for (const char* name : {"/hello", "\\hello", "//hello", "./hello", "boot\\..\\..\\hello", "/boot/big"}) {
        Peer peer(client.network());
        const bool leads_out = std::string_view(name).contains("..");
        EXPECT_TRUE(ask(peer, rrq(name)).starts_with(leads_out ? "ERROR 2" : "DATA 1")) << name;
        peer.answer(ErrorMessage{});
        lab.run_for(1s);
    }
}

struct Refused {
    Request request;
    const char* answer;
};

TEST_F(TftpServed, SaysWhyNot) {
    serve();
    const auto of_mode = [](std::string mode) { return Request{false, "hello", std::move(mode)}; };
    for (const Refused& one :
         {Refused{rrq("missing"), "ERROR 1"}, Refused{rrq("hello/x"), "ERROR 1"}, Refused{rrq("boot"), "ERROR 2"},
          Refused{rrq("../x"), "ERROR 2"}, Refused{rrq(""), "ERROR 2"}, Refused{rrq("a\nb"), "ERROR 2"},
          Refused{rrq(std::string(1100, 'a')), "ERROR 2"}, Refused{rrq("\xff\xfe"), "ERROR 2"},
          Refused{of_mode("mail"), "ERROR 4"}, Refused{of_mode("binary"), "ERROR 4"}, Refused{wrq("new"), "ERROR 2"}}) {
        Peer peer(client.network());
        EXPECT_EQ(ask(peer, one.request), one.answer) << one.request.file;
        EXPECT_FALSE(peer.latest_text().empty());
        ASSERT_FALSE(reports.empty());
        EXPECT_FALSE(reports.back().begun);
        EXPECT_FALSE(reports.back().reason.empty());
        lab.run_for(1s);
    }
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
}

TEST_F(TftpServed, AgreesToOptionsAndToNoMoreThanWasAsked) {
    serve();
    Peer peer(client.network());
    const Request all = rrq("boot/big", {{"blksize", "1024"},
                                         {"WindowSize", "4"},
                                         {"timeout", "7"},
                                         {"tsize", "0"},
                                         {"multicast", ""},
                                         {"unknown", "x"}});
    EXPECT_EQ(ask(peer, all), "OACK");
    EXPECT_EQ(peer.options(),
              (OptionList{{"blksize", "1024"}, {"windowsize", "4"}, {"timeout", "7"}, {"tsize", "10000"}}));
    EXPECT_EQ(answer(peer, Acknowledgment{0}), "DATA 1 (1024), DATA 2 (1024), DATA 3 (1024), DATA 4 (1024)");
    EXPECT_EQ(answer(peer, Acknowledgment{4}), "DATA 5 (1024), DATA 6 (1024), DATA 7 (1024), DATA 8 (1024)");
    EXPECT_EQ(answer(peer, Acknowledgment{8}), "DATA 9 (1024), DATA 10 (784)");
    (void)answer(peer, Acknowledgment{10});
    EXPECT_EQ(reports.at(0).ending, Ending::whole);
}

// Of a window of one there is nothing to slide.
TEST_F(TftpServed, AWindowSlidesWhereThatIsAskedFor) {
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big", {{"blksize", "1024"}, {"windowsize", "4"}, {"sliding", "1"}})), "OACK");
    EXPECT_EQ(peer.options(), (OptionList{{"blksize", "1024"}, {"windowsize", "4"}, {"sliding", "1"}}));
    EXPECT_EQ(answer(peer, Acknowledgment{0}), "DATA 1 (1024), DATA 2 (1024), DATA 3 (1024), DATA 4 (1024)");
    EXPECT_EQ(answer(peer, Acknowledgment{2}), "DATA 5 (1024), DATA 6 (1024)");
    Peer other(client.network());
    EXPECT_EQ(ask(other, rrq("boot/big", {{"windowsize", "1"}, {"sliding", "1"}})), "OACK");
    EXPECT_EQ(other.options(), (OptionList{{"windowsize", "1"}}));
    Peer third(client.network());
    EXPECT_EQ(ask(third, rrq("boot/big", {{"sliding", "1"}})), "DATA 1 (512)");
}

// blksize_max, windowsize_max, and the way to the client, whose MTU is 1,500.
TEST_F(TftpServed, AgreesToNoMoreThanItsBounds) {
    serve({.limits = {.windowsize_max = 3}});
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big", {{"blksize", "65464"}, {"windowsize", "4"}})), "OACK");
    EXPECT_EQ(peer.options(), (OptionList{{"blksize", "1468"}, {"windowsize", "3"}}));
    peer.answer(ErrorMessage{});
    lab.run_for(1s);
    serving.reset();
    lab.run_for(1s);
    serve({.limits = {.blksize_max = 700}});
    EXPECT_EQ(ask(peer, rrq("boot/big", {{"blksize", "1000"}, {"windowsize", "3"}})), "OACK");
    EXPECT_EQ(peer.options(), (OptionList{{"blksize", "700"}, {"windowsize", "3"}}));
}

// window_bytes_max: a window that no socket holds is lost again and again.
TEST_F(TftpServed, AWindowHasNoMoreBytesThanASocketHolds) {
    serve({.limits = {.windowsize_max = 64, .window_bytes_max = 2999}});
    for (const char* blksize : {"1000", "999"}) {
        Peer peer(client.network());
        EXPECT_EQ(ask(peer, rrq("boot/big", {{"blksize", blksize}, {"windowsize", "64"}})), "OACK");
        EXPECT_EQ(peer.options().at(1).value, blksize == std::string("1000") ? "2" : "3");
    }
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big", {{"blksize", "1400"}, {"windowsize", "1"}})), "OACK");
    EXPECT_EQ(peer.options().at(1).value, "1");
}

TEST_F(TftpServed, WithoutALawfulOptionThereIsNoOack) {
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big", {{"blksize", "7"}, {"windowsize", "0"}, {"timeout", "0"}, {"multicast", ""}})),
              "DATA 1 (512)");
    peer.answer(ErrorMessage{});
    lab.run_for(1s);
    EXPECT_EQ(ask(peer, {Request{false, "hello", "netascii", {{"tsize", "0"}}}}), "DATA 1 (5)") << "nobody knows it";
}

TEST_F(TftpServed, OptionsWithoutAValueAreNoRequest) {
    serve();
    Peer peer(client.network());
    auto bytes = serialize(rrq("hello", {{"blksize", "512"}}));
    bytes.resize(bytes.size() - 4);
    peer.send_bytes(bytes, at_server);
    EXPECT_EQ(hear(peer), "ERROR 4");
}

// RFC 1350 4.
TEST_F(TftpServed, AStrangerIsToldSoAndDisturbsNothing) {
    serve();
    Peer peer(client.network());
    Peer stranger(client.network());
    (void)ask(peer, rrq("boot/big"));
    stranger.send(Acknowledgment{1}, peer.from());
    EXPECT_EQ(hear(stranger), "ERROR 5");
    stranger.send(ErrorMessage{}, peer.from());
    EXPECT_EQ(hear(stranger), "") << "nobody answers an ERROR";
    EXPECT_EQ(answer(peer, Acknowledgment{1}), "DATA 2 (512)");
    // refusals_burst_max
    for (int i = 0; i < 100; ++i) stranger.send(Acknowledgment{1}, peer.from());
    lab.run_for(1ms);
    const std::string many = hear(stranger);
    EXPECT_LE(std::ranges::count(many, 'E'), 21);
    EXPECT_EQ(answer(peer, Acknowledgment{2}), "DATA 3 (512)");
}

TEST_F(TftpServed, WhoHasNoTransferIsToldSo) {
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, Acknowledgment{1}), "ERROR 5");
    EXPECT_EQ(ask(peer, Data{}), "ERROR 5");
    EXPECT_EQ(ask(peer, ErrorMessage{}), "");
    peer.send_bytes({std::byte{9}}, at_server);
    EXPECT_EQ(hear(peer), "ERROR 4");
}

TEST_F(TftpServed, BySinglePortAllComesFromThere) {
    serve({.single_port = true});
    Peer peer(client.network());
    Peer other(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big")), "DATA 1 (512)");
    EXPECT_EQ(peer.from(), at_server);
    EXPECT_EQ(ask(other, rrq("hello")), "DATA 1 (5)");
    EXPECT_EQ(answer(peer, Acknowledgment{1}), "DATA 2 (512)");
    EXPECT_EQ(answer(other, Acknowledgment{1}), "");
    EXPECT_EQ(answer(other, Acknowledgment{1}), "ERROR 5");
    EXPECT_EQ(answer(peer, Acknowledgment{2}), "DATA 3 (512)");
    EXPECT_EQ(reports.size(), 1u);
}

TEST_F(TftpServed, ARequestThatComesAgainBeginsNothingAnew) {
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("boot/big")), "DATA 1 (512)");
    const auto from = peer.from();
    EXPECT_EQ(ask(peer, rrq("boot/big")), "DATA 1 (512)");
    EXPECT_EQ(peer.from(), from);
    (void)answer(peer, Acknowledgment{1});
    EXPECT_EQ(ask(peer, rrq("boot/big")), "") << "it has answered already";
    EXPECT_EQ(serving->active(), 1u);
    EXPECT_EQ(ask(peer, rrq("hello")), "DATA 1 (5)") << "it began anew";
    EXPECT_NE(peer.from(), from);
    EXPECT_EQ(serving->active(), 1u);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::by_client);
}

// repeats_unproven_max: who never answers is sent four packets, whatever it asks.
TEST_F(TftpServed, AForgedAddressIsSentAFewPackets) {
    serve();
    Peer peer(client.network());
    for (int i = 0; i < 50; ++i) peer.send(rrq("boot/big"), at_server);
    lab.run_for(10s);
    EXPECT_EQ(peer.octets(), 4 * 516u);
    lab.run_for(1min);
    EXPECT_EQ(peer.octets(), 4 * 516u);
    EXPECT_EQ(serving->active(), 0u);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::too_slow);
    EXPECT_EQ(reports[0].bytes, 0u);
}

TEST_F(TftpServed, AForgedAddressIsSentNoWindow) {
    serve();
    Peer peer(client.network());
    peer.send(rrq("boot/big", {{"blksize", "1468"}, {"windowsize", "64"}}), at_server);
    lab.run_for(1min);
    EXPECT_EQ(peer.took(), "OACK, OACK, OACK, OACK");
}

// unproven_per_address_max
TEST_F(TftpServed, AnAddressHasFewTransfersThatNobodyAnswered) {
    serve();
    std::deque<Peer> peers;
    for (int i = 0; i < 17; ++i) peers.emplace_back(client.network()).send(rrq("boot/big"), at_server);
    lab.run_for(100ms);
    EXPECT_EQ(serving->active(), 16u);
    EXPECT_EQ(peers[15].took(), "DATA 1 (512)");
    EXPECT_EQ(peers[16].took(), "") << "it asks again, and then there may be room";
    EXPECT_EQ(answer(peers[0], Acknowledgment{1}), "DATA 1 (512), DATA 2 (512)");
    EXPECT_EQ(ask(peers[16], rrq("boot/big")), "DATA 1 (512)");
}

// Bounds of an address are the client's, not those of the gateway that all come through; a gateway
// may have forgotten a client by the time its transfer ends.
TEST_F(TftpServed, BehindAGatewayEachClientHasBoundsOfItsOwn) {
    bool remembers = true;
    serve({.client_behind = [&remembers](const session::Address& from) {
        const std::uint16_t port = number_of(from.endpoint().port);
        const auto number = static_cast<std::uint8_t>(port % 2);
        return remembers ? session::Address{Ipv4Address{192, 0, 2, number}, port} : from;
    }});
    std::deque<Peer> peers;
    for (int i = 0; i < 34; ++i) peers.emplace_back(client.network()).send(rrq("boot/big"), at_server);
    lab.run_for(100ms);
    EXPECT_GT(serving->active(), 16u);
    EXPECT_LE(serving->active(), 32u);
    remembers = false;
    lab.run_for(1min);
    EXPECT_EQ(serving->active(), 0u);
    remembers = true;
    Peer even(client.network()), odd(client.network());
    EXPECT_EQ(ask(even, rrq("boot/big")), "DATA 1 (512)") << "and nothing is counted twice";
    EXPECT_EQ(ask(odd, rrq("boot/big")), "DATA 1 (512)");
}

TEST_F(TftpServed, BehindAGatewayNobodyUsesUpTheRefusalsOfAnother) {
    serve({.client_behind = [](const session::Address& from) {
        const std::uint16_t port = number_of(from.endpoint().port);
        return session::Address{Ipv4Address{192, 0, 2, static_cast<std::uint8_t>(port == 7000 ? 1 : 2)}, port};
    }});
    std::deque<Peer> flood;
    for (int i = 0; i < 40; ++i) flood.emplace_back(client.network()).send(rrq("none"), at_server);
    lab.run_for(1ms);
    EXPECT_EQ(flood.back().took(), "") << "one client's are used up";
    Peer other(client.network(), 7000);
    EXPECT_EQ(ask(other, rrq("none")), "ERROR 1");
}

TEST_F(TftpServed, TransfersHaveABound) {
    serve({.places = std::make_shared<Places>(PlacesOptions{.connections_max = 2, .per_address_max = 2})});
    Peer first(client.network()), second(client.network()), third(client.network());
    for (Peer* peer : {&first, &second}) {
        (void)ask(*peer, rrq("boot/big"));
        EXPECT_EQ(answer(*peer, Acknowledgment{1}), "DATA 2 (512)");
    }
    EXPECT_EQ(ask(third, rrq("hello")), "ERROR 0");
    first.answer(ErrorMessage{});
    lab.run_for(100ms);
    EXPECT_EQ(serving->active(), 1u);
    EXPECT_EQ(ask(third, rrq("hello")), "DATA 1 (5)");
    Peer fourth(client.network());
    EXPECT_EQ(ask(fourth, rrq("hello")), "DATA 1 (5)") << "who has answered nothing makes room";
    EXPECT_EQ(serving->active(), 2u);
    EXPECT_EQ(answer(third, Acknowledgment{1}), "") << "its port is closed";
}

TEST_F(TftpServed, AThousandAtOnce) {
    serve({.places = std::make_shared<Places>(PlacesOptions{.connections_max = 1000, .per_address_max = 1000})});
    std::deque<Peer> peers;
    for (int i = 0; i < 1000; ++i) {
        Peer& peer = peers.emplace_back(client.network());
        peer.send(rrq("boot/big"), at_server);
        lab.run_for(1ms);
        peer.acknowledge(1);
        lab.run_for(1ms);
    }
    EXPECT_EQ(serving->active(), 1000u);
    for (std::uint16_t block = 2; block <= 20; ++block) {
        for (Peer& peer : peers) {
            peer.acknowledge(block);
            lab.run_for(50us);
        }
        lab.run_for(1ms);
    }
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(std::ranges::count(reports, Ending::whole, &TransferReport::ending), 1000);
}

TEST_F(TftpServed, StopFinishesWhatThereIs) {
    serve();
    Peer peer(client.network());
    (void)ask(peer, rrq("boot/big"));
    serving->stop();
    Peer late(client.network());
    EXPECT_EQ(ask(late, rrq("hello")), "");
    for (std::uint16_t block = 1; block <= 20; ++block) (void)answer(peer, Acknowledgment{block});
    EXPECT_EQ(reports.at(0).ending, Ending::whole);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(TftpServed, AbortSaysSo) {
    serve();
    Peer peer(client.network());
    (void)ask(peer, rrq("boot/big"));
    serving->abort();
    EXPECT_EQ(hear(peer), "ERROR 0");
    EXPECT_EQ(reports.at(0).ending, Ending::by_server);
    EXPECT_EQ(serving->active(), 0u);
}

TEST_F(TftpServed, AFileThatBecomesShorterIsNotWhole) {
    files = std::make_shared<FolderFiles>(root, FolderFilesOptions{.cached_file_max = 0});
    serve();
    Peer peer(client.network());
    (void)ask(peer, rrq("boot/big"));
    std::filesystem::resize_file(folder.path() / "boot/big", 600);
    EXPECT_EQ(answer(peer, Acknowledgment{1}), "ERROR 0");
    EXPECT_EQ(reports.at(0).ending, Ending::file_short);
}

TEST_F(TftpServed, NamesMayBeInAnotherEncoding) {
    folder.write("说明", "text");
    serve({.encoding = "GBK"});
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, rrq("\xcb\xb5\xc3\xf7")), "DATA 1 (4)");
    (void)answer(peer, Acknowledgment{1});
    EXPECT_EQ(reports.at(0).name, "说明");
    EXPECT_THROW(Server(server.network(), files, {}, {.encoding = "KLINGON"}), std::invalid_argument);
}

TEST_F(TftpServed, TakesAFileWhereItMay) {
    let_write(FileRights::add);
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, wrq("new", {{"tsize", "515"}, {"blksize", "512"}})), "OACK");
    EXPECT_EQ(peer.options(), (OptionList{{"blksize", "512"}, {"tsize", "515"}}));
    EXPECT_EQ(answer(peer, Data{1, bytes_of(std::string(512, 'n'))}), "ACK 1");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    EXPECT_EQ(answer(peer, Data{2, bytes_of("end")}), "ACK 2");
    EXPECT_EQ(folder.read("new"), std::string(512, 'n') + "end");
    // The last block again, and the request itself: one file.
    EXPECT_EQ(answer(peer, Data{2, bytes_of("end")}), "ACK 2");
    EXPECT_EQ(ask(peer, wrq("new", {{"tsize", "515"}, {"blksize", "512"}})), "");
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_TRUE(reports[0].write);
    lab.run_for(6s);
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(ask(peer, wrq("new")), "ERROR 6") << "it is there, and may not be replaced";
    EXPECT_EQ(ask(peer, wrq("boot")), "ERROR 2");
    EXPECT_EQ(ask(peer, wrq("nowhere/new")), "ERROR 1");
    EXPECT_EQ(ask(peer, wrq("../new")), "ERROR 2");
}

TEST_F(TftpServed, ReplacesWhereItMay) {
    let_write(FileRights::all);
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, wrq("hello")), "ACK 0");
    EXPECT_EQ(answer(peer, Data{1, bytes_of("other")}), "ACK 1");
    EXPECT_EQ(folder.read("hello"), "other");
    Peer reader(client.network());
    EXPECT_EQ(ask(reader, rrq("hello")), "DATA 1 (5)");
    EXPECT_EQ(reader.latest_text(), "other");
}

TEST_F(TftpServed, AFileOfAnotherLengthThanWasSaidIsNotKept) {
    let_write(FileRights::add);
    serve();
    for (const char* tsize : {"4", "6"}) {
        Peer peer(client.network());
        EXPECT_EQ(ask(peer, wrq("new", {{"tsize", tsize}})), "OACK");
        EXPECT_EQ(answer(peer, Data{1, bytes_of("12345")}), "ERROR 0");
        EXPECT_EQ(reports.back().ending, Ending::not_kept);
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new"));
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, wrq("new", {{"tsize", "0"}})), "OACK") << "who cannot tell says 0";
    EXPECT_EQ(answer(peer, Data{1, bytes_of("12345")}), "ACK 1");
}

TEST_F(TftpServed, AWriterThatFallsSilentLeavesNothing) {
    let_write(FileRights::add);
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, wrq("new")), "ACK 0");
    EXPECT_EQ(answer(peer, Data{1, bytes_of(std::string(512, 'n'))}), "ACK 1");
    lab.run_for(2min);
    EXPECT_EQ(serving->active(), 0u);
    EXPECT_EQ(reports.at(0).ending, Ending::too_slow);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2) << "hello and boot";
    // Who is forged leaves no trace at all.
    Peer forged(client.network());
    EXPECT_EQ(ask(forged, wrq("new")), "ACK 0");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST_F(TftpServed, NetasciiBothWays) {
    let_write(FileRights::add);
    folder.write("lines", "a\nb\r");
    serve();
    Peer peer(client.network());
    EXPECT_EQ(ask(peer, Request{false, "lines", "NetASCII"}), "DATA 1 (6)");
    EXPECT_EQ(peer.latest_text(), std::string("a\r\nb\r\0", 6));
    (void)answer(peer, Acknowledgment{1});
    EXPECT_EQ(ask(peer, Request{true, "new", "netascii"}), "ACK 0");
    EXPECT_EQ(answer(peer, Data{1, bytes_of("a\r\nb\r\n")}), "ACK 1");
    EXPECT_EQ(folder.read("new"), "a\nb\n");
}

}  // namespace
}  // namespace strata::application::tftp
