// The end of a transfer that wants the file, against a peer that is told what to say; and both ends
// with each other.
#include "strata/7_application/tftp/transfer/receiving.hpp"

#include <deque>

#include "strata/7_application/tftp/transfer/sending.hpp"
#include "tests/7_application/tftp/bench.hpp"

namespace strata::application::tftp {
namespace {

struct TftpReceiving : TransferBench {
    // As a server that was sent a WRQ.
    void begin(Agreement agreement = {}, Mode mode = Mode::octet) {
        file = std::make_unique<TextWriting>();
        transfer = std::make_unique<Receiving>(outbox, *file, mode, options, entropy);
        transfer->agree(agreement);
        transfer->begin(serialize(Acknowledgment{0}), now);
    }
    std::unique_ptr<TextWriting> file;
    const std::string block = std::string(512, 'b');
};

TEST_F(TftpReceiving, AcknowledgesEachBlockAndTheLastWhenAllIsWritten) {
    begin();
    data(1, block);
    EXPECT_EQ(outbox.took(), "ACK 0, ACK 1");
    EXPECT_TRUE(transfer->is_proven());
    EXPECT_EQ(file->commits, 0);
    data(2, "end");
    EXPECT_EQ(file->commits, 1);
    EXPECT_EQ(outbox.took(), "ACK 2");
    EXPECT_EQ(how(), Outcome::How::whole);
    EXPECT_EQ(file->text, block + "end");
    EXPECT_EQ(transfer->bytes(), 515u);
}

TEST_F(TftpReceiving, DalliesForWhoDidNotHearTheEnd) {
    begin();
    data(1, "all");
    (void)outbox.took();
    for (int i = 0; i < 3; ++i) data(1, "all");
    EXPECT_EQ(outbox.took(), "ACK 1, ACK 1, ACK 1");
    EXPECT_EQ(file->commits, 1);
    EXPECT_EQ(file->text, "all");
    data(2, "more");
    EXPECT_EQ(outbox.took(), "");
    wait(options.dally_time - 1ns);
    EXPECT_FALSE(transfer->is_over());
    wait(1ns);
    EXPECT_TRUE(transfer->is_over());
    data(1, "all");
    EXPECT_EQ(outbox.took(), "");
}

TEST_F(TftpReceiving, AnErrorWhileItDalliesChangesNothing) {
    begin();
    data(1, "all");
    transfer->hear(ErrorMessage{ErrorCode::unknown_transfer_id, ""}, now);
    EXPECT_EQ(how(), Outcome::How::whole);
    EXPECT_TRUE(transfer->is_over());
}

TEST_F(TftpReceiving, WhatItHasComesAgainAndIsWrittenOnce) {
    begin();
    data(1, block);
    data(1, block);
    data(2, block);
    data(1, block);
    EXPECT_EQ(outbox.took(), "ACK 0, ACK 1, ACK 1, ACK 2");
    EXPECT_EQ(file->text.size(), 1024u);
    data(0, block);
    data(65535, block);
    data(40000, block);
    EXPECT_EQ(outbox.took(), "");
}

// RFC 7440 4.
TEST_F(TftpReceiving, AcknowledgesTheLastOfAWindowAndAGapOnce) {
    begin({.windowsize = 4});
    (void)outbox.took();
    for (const std::uint16_t number : std::initializer_list<std::uint16_t>{1, 2, 3}) data(number, block);
    EXPECT_EQ(outbox.took(), "");
    data(4, block);
    EXPECT_EQ(outbox.took(), "ACK 4");
    data(5, block);
    data(7, block);
    EXPECT_EQ(outbox.took(), "ACK 5");
    data(8, block);
    EXPECT_EQ(outbox.took(), "");
    data(6, block);
    data(7, block);
    data(8, block);
    data(9, block);
    EXPECT_EQ(outbox.took(), "ACK 9");
    data(14, block);
    EXPECT_EQ(outbox.took(), "") << "further ahead than the window";
    data(11, block);
    EXPECT_EQ(outbox.took(), "ACK 9");
    EXPECT_EQ(file->text.size(), 9 * 512u);
}

TEST_F(TftpReceiving, AcknowledgesAQuarterOfASlidingWindowAndAGapTwice) {
    begin({.windowsize = 8, .sliding = true});
    (void)outbox.took();
    for (const std::uint16_t number : std::initializer_list<std::uint16_t>{1, 2, 3, 4, 5}) data(number, block);
    EXPECT_EQ(outbox.took(), "ACK 2, ACK 4");
    data(7, block);
    EXPECT_EQ(outbox.took(), "ACK 5, ACK 5") << "the first one is of progress";
    data(8, block);
    EXPECT_EQ(outbox.took(), "");
    data(6, block);
    data(7, block);
    EXPECT_EQ(outbox.took(), "ACK 7");
    data(9, block);
    EXPECT_EQ(outbox.took(), "ACK 7") << "that was told as progress already";
}

TEST_F(TftpReceiving, TheFirstBlockOfAllMayBeMissing) {
    begin({.windowsize = 4});
    data(2, block);
    EXPECT_EQ(outbox.took(), "ACK 0, ACK 0");
    EXPECT_TRUE(file->text.empty());
}

// dallied_again_max: he repeats it further and further apart, but not for ever.
TEST_F(TftpReceiving, DalliesLongerForWhoAsksAgain) {
    begin();
    data(1, "all");
    for (int i = 0; i < 8; ++i) {
        wait(options.dally_time - 1ns);
        ASSERT_FALSE(transfer->is_over()) << i;
        data(1, "all");
    }
    (void)outbox.took();
    wait(options.dally_time - 1ns);
    data(1, "all");
    EXPECT_EQ(outbox.took(), "ACK 1");
    wait(1ns);
    EXPECT_TRUE(transfer->is_over()) << "one more does not make it longer";
    EXPECT_EQ(how(), Outcome::How::whole);
}

// What is handed to a disk is not there yet: until it is nothing is
// acknowledged, and nobody gives up.
TEST_F(TftpReceiving, TheLastAcknowledgmentWaitsForTheDisk) {
    begin();
    file->on_commit = std::make_error_code(std::errc::operation_in_progress);
    data(1, "end");
    (void)outbox.took();
    EXPECT_EQ(file->text, "end");
    EXPECT_FALSE(transfer->outcome());
    data(1, "end");
    now += 1h;
    transfer->deadline_reached(now);
    EXPECT_EQ(outbox.took(), "");
    transfer->kept({}, now);
    EXPECT_EQ(outbox.took(), "ACK 1");
    EXPECT_EQ(how(), Outcome::How::whole);
    transfer->kept(std::make_error_code(std::errc::no_space_on_device), now);
    EXPECT_EQ(how(), Outcome::How::whole);
    begin();
    file->on_commit = std::make_error_code(std::errc::operation_in_progress);
    data(1, "end");
    (void)outbox.took();
    transfer->kept(std::make_error_code(std::errc::no_space_on_device), now);
    EXPECT_EQ(outbox.took(), "ERROR 3");
    EXPECT_EQ(how(), Outcome::How::broken);
    begin();
    file->on_commit = std::make_error_code(std::errc::operation_in_progress);
    data(1, "end");
    transfer->abort(ErrorCode::not_defined, "the server is stopped");
    (void)outbox.took();
    transfer->kept({}, now);
    EXPECT_EQ(outbox.took(), "") << "it was broken off";
}

TEST_F(TftpReceiving, RepeatsItsAcknowledgmentAndGivesUp) {
    begin({.windowsize = 4});
    data(1, block);
    (void)outbox.took();
    wait_for_deadline();
    EXPECT_EQ(outbox.took(), "ACK 1");
    while (!transfer->outcome()) wait_for_deadline();
    EXPECT_EQ(how(), Outcome::How::silent);
    EXPECT_EQ(file->commits, 0);
    EXPECT_EQ(outbox.sent.back(), "ERROR 0");
}

TEST_F(TftpReceiving, ABlockThatIsTooLongEndsIt) {
    begin({.blksize = 8});
    data(1, "12345678");
    data(2, "123456789");
    EXPECT_EQ(how(), Outcome::How::broken);
    EXPECT_EQ(outbox.took(), "ACK 0, ACK 1, ERROR 4");
    EXPECT_EQ(file->text, "12345678");
}

TEST_F(TftpReceiving, WhatCannotBeWrittenIsNotAcknowledged) {
    begin();
    file->on_write = std::make_error_code(std::errc::no_space_on_device);
    data(1, block);
    EXPECT_EQ(how(), Outcome::How::broken);
    EXPECT_EQ(outbox.took(), "ACK 0, ERROR 3");
    begin();
    file->on_commit = std::make_error_code(std::errc::file_exists);
    data(1, "all");
    EXPECT_EQ(how(), Outcome::How::broken);
    EXPECT_EQ(outbox.took(), "ACK 0, ERROR 6");
}

TEST_F(TftpReceiving, NetasciiIsTranslatedOverTheBordersOfBlocks) {
    begin({.blksize = 8}, Mode::netascii);
    data(1, "1234567\r");
    data(2, "\nabcdef\r");
    data(3, std::string_view("\0z", 2));
    EXPECT_EQ(file->text, "1234567\nabcdef\rz");
    begin({.blksize = 8}, Mode::netascii);
    data(1, "1234567\r");
    data(2, "");
    EXPECT_EQ(file->text, "1234567\r");
}

// What follows 65535: seen where each block is acknowledged; 0 in
// larger windows, unless it is said.
TEST_F(TftpReceiving, RecognisesHowBlockNumbersRollOver) {
    const auto to_the_last = [&](Agreement agreement) {
        begin(agreement);
        for (std::uint32_t number = 1; number <= block_number_last; ++number)
            data(static_cast<std::uint16_t>(number), "12345678");
        (void)outbox.took();
    };
    to_the_last({.blksize = 8});
    data(0, "12345678");
    data(1, "end");
    EXPECT_EQ(outbox.took(), "ACK 0, ACK 1");
    EXPECT_EQ(how(), Outcome::How::whole);
    to_the_last({.blksize = 8});
    data(1, "12345678");
    data(1, "12345678");
    data(2, "end");
    EXPECT_EQ(outbox.took(), "ACK 1, ACK 1, ACK 2");
    EXPECT_EQ(how(), Outcome::How::whole);
    to_the_last({.blksize = 8, .windowsize = 5});
    data(1, "after 0!");
    EXPECT_EQ(outbox.took(), "ACK 65535") << "the one before it was lost";
    data(0, "12345678");
    data(1, "end");
    EXPECT_EQ(how(), Outcome::How::whole);
    EXPECT_EQ(transfer->bytes(), 8u * 65536 + 3);
    options.rollover = Rollover::to_one;
    to_the_last({.blksize = 8, .windowsize = 5});
    data(1, "end");
    EXPECT_EQ(outbox.took(), "ACK 1");
    EXPECT_EQ(how(), Outcome::How::whole);
}

TEST_F(TftpReceiving, AnOackThatComesAgainIsAcknowledgedAgain) {
    begin();
    transfer->proceed(now);
    EXPECT_EQ(outbox.took(), "ACK 0, ACK 0");
    transfer->hear(OptionAcknowledgment{}, now);
    EXPECT_EQ(outbox.took(), "ACK 0");
    data(1, block);
    (void)outbox.took();
    transfer->hear(OptionAcknowledgment{}, now);
    EXPECT_EQ(outbox.took(), "");
}

TEST(TftpErrorFor, SaysWhatFailed) {
    using std::errc;
    const std::vector<std::pair<errc, ErrorCode>> table{{errc::no_such_file_or_directory, ErrorCode::file_not_found},
                                                        {errc::not_a_directory, ErrorCode::file_not_found},
                                                        {errc::is_a_directory, ErrorCode::access_violation},
                                                        {errc::permission_denied, ErrorCode::access_violation},
                                                        {errc::operation_not_permitted, ErrorCode::access_violation},
                                                        {errc::read_only_file_system, ErrorCode::access_violation},
                                                        {errc::file_exists, ErrorCode::file_already_exists},
                                                        {errc::no_space_on_device, ErrorCode::disk_full},
                                                        {errc::file_too_large, ErrorCode::disk_full},
                                                        {errc::filename_too_long, ErrorCode::access_violation},
                                                        {errc::invalid_argument, ErrorCode::access_violation},
                                                        {errc::too_many_files_open, ErrorCode::not_defined},
                                                        {errc::message_size, ErrorCode::not_defined},
                                                        {errc::io_error, ErrorCode::not_defined}};
    for (const auto& [error, code] : table) {
        EXPECT_EQ(error_for(std::make_error_code(error)).code, code) << static_cast<int>(error);
        EXPECT_FALSE(error_for(std::make_error_code(error)).text.empty());
    }
    EXPECT_EQ(error_for(std::error_code(EDQUOT, std::generic_category())).code, ErrorCode::disk_full);
}

// Both ends of ours, with a network that changes the order and loses and doubles as a seed says.
class Way final : public Outbox {
public:
    explicit Way(std::uint64_t seed) : entropy_(seed) {}
    void send(std::span<const Bytes> datagrams) override {
        for (const Bytes datagram : datagrams) {
            if (entropy_.chance(0.1)) continue;
            const std::size_t place = queue.size() - entropy_.below(std::min<std::size_t>(queue.size(), 3) + 1);
            std::vector<std::byte> copy(datagram.begin(), datagram.end());
            queue.insert(queue.begin() + static_cast<std::ptrdiff_t>(place), copy);
            if (entropy_.chance(0.1)) queue.push_back(std::move(copy));
        }
    }
    MutableBytes room(std::size_t at_least) override {
        room_.resize(std::max<std::size_t>(at_least, 1000));
        return room_;
    }
    std::deque<std::vector<std::byte>> queue;

private:
    SeededEntropy entropy_;
    std::vector<std::byte> room_;
};

void converse(std::uint64_t seed, Mode mode, std::uint64_t windowsize, bool sliding) {
    SCOPED_TRACE(std::to_string(seed) + ", window " + std::to_string(windowsize));
    SeededEntropy entropy(seed);
    std::string text(entropy.below(3000), '\0');
    for (char& letter : text) letter = "\r\n\0a"[entropy.below(4)];
    const TextReading from(text);
    TextWriting to;
    Way there(seed + 1), back(seed + 2);
    Sending sending(there, from, mode, {}, entropy);
    Receiving receiving(back, to, mode, {}, entropy);
    Instant now{};
    sending.agree({.blksize = 16, .windowsize = windowsize, .sliding = sliding});
    receiving.agree({.blksize = 16, .windowsize = windowsize, .sliding = sliding});
    receiving.begin(serialize(Acknowledgment{0}), now);
    sending.begin(serialize(Request{true, "f", "octet"}), now);
    while (!sending.outcome() && now < Instant{1h}) {
        bool moved = false;
        const auto carry = [&](Way& way, Transfer& end) {
            if (way.queue.empty()) return;
            moved = true;
            const auto packet = std::move(way.queue.front());
            way.queue.pop_front();
            end.hear(*parse(packet), now);
        };
        carry(there, receiving);
        carry(back, sending);
        now += 1ms;
        if (moved) continue;
        now = std::max(now, std::min(sending.deadline(), receiving.deadline()));
        sending.deadline_reached(now);
        receiving.deadline_reached(now);
    }
    ASSERT_TRUE(receiving.outcome());
    EXPECT_EQ(receiving.outcome()->how, Outcome::How::whole);
    EXPECT_EQ(to.commits, 1);
    EXPECT_EQ(to.text, text);
}

TEST(TftpEnds, AgreeOnTheFileWhateverTheWayDoes) {
    for (std::uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) {
        for (const std::uint64_t windowsize : {1ul, 2ul, 7ul, 64ul}) {
            for (const bool sliding : {false, true}) {
                converse(seed, Mode::octet, windowsize, sliding);
                converse(seed, Mode::netascii, windowsize, sliding);
            }
        }
    }
}

}  // namespace
}  // namespace strata::application::tftp
