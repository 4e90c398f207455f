// Record marking (RFC 5531 11): records however they are cut, and marks that lie.
#include <gtest/gtest.h>

#include <algorithm>

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/rpc/message/words.hpp"
#include "strata/5_session/rpc/record/record_reader.hpp"
#include "strata/5_session/rpc/record/send_queue.hpp"

namespace strata::session::rpc {
namespace {

using Octets = std::vector<std::byte>;

void append_fragment(Octets& to, bool last, std::string_view text) {
    append_word(to, (last ? 0x80000000u : 0u) | static_cast<std::uint32_t>(text.size()));
    const Bytes bytes = bytes_of(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// All of it, as far as it can be read: the records' texts, and how it ended.
struct Read {
    std::vector<std::string> records;
    std::error_code error;
};
Read read(RecordReader& reader, Bytes bytes) {
    Read all;
    while (!bytes.empty()) {
        const auto whole = reader.feed(bytes);
        if (!whole) {
            all.error = whole.error();
            return all;
        }
        if (*whole) all.records.emplace_back(text_of(reader.take().bytes()));
    }
    return all;
}
Read read(const Octets& bytes, const RecordOptions& options = {}) {
    RecordReader reader(options);
    return read(reader, bytes);
}

TEST(RpcRecord, FragmentsAreOneRecord) {
    Octets bytes;
    append_fragment(bytes, false, "one ");
    append_fragment(bytes, false, "");
    append_fragment(bytes, true, "record");
    append_fragment(bytes, true, "another");
    append_fragment(bytes, false, "a third");
    append_fragment(bytes, true, "");
    const std::vector<std::string> expected{"one record", "another", "a third"};
    EXPECT_EQ(read(bytes).records, expected);
    // Cut at every place.
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        RecordReader reader;
        Read first = read(reader, Bytes(bytes).first(cut));
        const Read second = read(reader, Bytes(bytes).subspan(cut));
        first.records.insert(first.records.end(), second.records.begin(), second.records.end());
        EXPECT_EQ(first.records, expected) << cut;
        EXPECT_TRUE(reader.is_between_records());
    }
}

TEST(RpcRecord, ItIsKnownWhetherSomethingOfARecordHasCome) {
    Octets bytes;
    append_fragment(bytes, false, "");
    RecordReader reader;
    EXPECT_TRUE(reader.is_between_records());
    Bytes one = Bytes(bytes).first(1);
    (void)reader.feed(one);
    EXPECT_FALSE(reader.is_between_records());
    Bytes others = Bytes(bytes).subspan(1);
    (void)reader.feed(others);
    EXPECT_FALSE(reader.is_between_records());
}

TEST(RpcRecord, RecordMax) {
    const RecordOptions options{.record_max = 10};
    Octets bytes;
    append_fragment(bytes, false, "12345");
    append_fragment(bytes, true, "67890");
    EXPECT_EQ(read(bytes, options).records.size(), 1u);
    Octets longer;
    append_fragment(longer, false, "12345");
    append_fragment(longer, true, "678901");
    EXPECT_EQ(read(longer, options).error, Error::message_too_long);
    for (const std::uint32_t lie : {0xffffffffu, 0x7fffffffu, 0x8000000bu, 11u}) {
        Octets lying;
        append_word(lying, lie);
        EXPECT_EQ(read(lying, options).error, Error::message_too_long) << lie;
    }
}

TEST(RpcRecord, FragmentsMax) {
    const RecordOptions options{.fragments_max = 3};
    Octets bytes;
    for (int i = 0; i < 2; ++i) append_fragment(bytes, false, "");
    Octets one_more = bytes;
    append_fragment(bytes, true, "x");
    EXPECT_EQ(read(bytes, options).records, std::vector<std::string>{"x"});
    append_fragment(one_more, false, "");
    append_fragment(one_more, true, "x");
    EXPECT_EQ(read(one_more, options).error, Error::limit_reached);
}

TEST(RpcRecord, ARecordWithoutAByteIsNone) {
    Octets bytes;
    append_fragment(bytes, false, "");
    append_fragment(bytes, true, "");
    EXPECT_EQ(read(bytes).error, Error::malformed);
}

TEST(RpcRecord, MuchIsReadInPlaceAndMemoryIsTakenAsItComes) {
    const std::string large(1 << 20, 'l');
    Octets bytes;
    append_fragment(bytes, true, large);
    RecordReader reader;
    EXPECT_TRUE(reader.room().empty()) << "nothing is known";
    Bytes mark = Bytes(bytes).first(4);
    EXPECT_FALSE(reader.feed(mark).value());
    Bytes rest = Bytes(bytes).subspan(4);
    EXPECT_EQ(reader.room().size(), 64u << 10) << "not a megabyte on the word of a mark";
    bool whole = false;
    while (!whole) {
        const MutableBytes room = reader.room();
        if (room.empty()) {
            whole = reader.feed(rest).value();
            continue;
        }
        const std::size_t count = std::min<std::size_t>(room.size(), 10000);
        std::copy_n(rest.data(), count, room.data());
        rest = rest.subspan(count);
        whole = reader.filled(count);
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_TRUE(text_of(reader.take().bytes()) == large);
}

TEST(RpcRecord, LongOnesAreReadIntoMemoryThatIsThere) {
    const auto spare = std::make_shared<SpareBlocks>(RecordOptions{}.record_max, 8);
    RecordReader reader({}, spare);
    const std::string large(1 << 20, 'l');
    Octets bytes;
    append_fragment(bytes, true, large);
    for (int round = 0; round < 3; ++round) {
        Bytes rest = bytes;
        Bytes mark = rest.first(4);
        EXPECT_FALSE(reader.feed(mark).value());
        EXPECT_EQ(reader.room().size(), round == 0 ? 64u << 10 : 1u << 20) << "no word of a mark is believed otherwise";
        rest = rest.subspan(4);
        ASSERT_TRUE(reader.feed(rest).value());
        const Record record = reader.take();
        EXPECT_TRUE(text_of(record.bytes()) == large);
        EXPECT_EQ(spare->spare(), 0u);
    }
    EXPECT_EQ(spare->spare(), 1u);
    Octets small;
    append_fragment(small, true, "small");
    Bytes rest = small;
    ASSERT_TRUE(reader.feed(rest).value());
    EXPECT_EQ(spare->spare(), 1u) << "short ones are not worth it";
}

TEST(RpcRecord, AnyCutsOfAnyRecordsComeBack) {
    SeededEntropy entropy(7);
    for (int round = 0; round < 50; ++round) {
        Octets bytes;
        std::vector<std::string> expected;
        expected.reserve(5);
        for (int i = 0; i < 5; ++i) {
            std::string record;
            for (bool last = false; !last;) {
                const std::string part(static_cast<std::size_t>(entropy.below(9000)) + 1, static_cast<char>('a' + i));
                last = entropy.chance(0.4);
                append_fragment(bytes, last, part);
                record += part;
            }
            expected.push_back(record);
        }
        RecordReader reader;
        Bytes rest = bytes;
        std::vector<std::string> found;
        while (!rest.empty()) {
            Bytes piece = rest.first(std::min<std::size_t>(rest.size(), 1 + entropy.below(5000)));
            rest = rest.subspan(piece.size());
            const Read some = read(reader, piece);
            ASSERT_FALSE(some.error);
            found.insert(found.end(), some.records.begin(), some.records.end());
        }
        EXPECT_TRUE(found == expected) << round;
    }
}

TEST(RpcSendQueue, WhatWasTakenInPartGoesOnWhereItStopped) {
    SendQueue queue;
    Octets all;
    for (std::uint32_t xid = 1; xid <= 20; ++xid) {
        Body body;
        for (std::uint32_t i = 0; i < xid; ++i) append_word(body.head, i);
        const auto message = Outgoing::reply(xid, {}, std::move(body));
        append_word(all, 0x80000000u | static_cast<std::uint32_t>(message->size()));
        message->append_message(all);
        queue.push(message);
    }
    EXPECT_EQ(queue.bytes(), all.size() - 20 * Outgoing::mark_size);
    Octets sent;
    for (std::size_t step = 1; !queue.empty(); step = step % 37 + 1) {
        Octets pieces(asio::buffer_size(queue.pieces()));
        asio::buffer_copy(asio::buffer(pieces), queue.pieces());
        const std::size_t count = std::min(step, pieces.size());
        sent.insert(sent.end(), pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(count));
        queue.consume(count);
    }
    EXPECT_EQ(sent, all);
    EXPECT_EQ(queue.bytes(), 0u);
    queue.push(Outgoing::reply(1, {}));
    queue.consume(3);
    queue.clear();
    EXPECT_TRUE(queue.empty() && queue.pieces().empty());
}

}  // namespace
}  // namespace strata::session::rpc
