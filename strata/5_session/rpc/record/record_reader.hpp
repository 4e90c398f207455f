// Record marking (RFC 5531 11): how messages are told apart in a stream. A record is one or more
// fragments, each behind a word: the highest bit says that it is the last, the others how long it
// is.
//
// A machine without I/O: bytes go in, records come out. What a mark says is not believed: memory is
// taken as bytes arrive, and a record has its bound in bytes and in fragments.
#pragma once

#include <array>
#include <memory>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/spare_blocks.hpp"

namespace strata::session::rpc {

struct RecordOptions {
    std::size_t record_max = (1 << 20) + (64 << 10);  // bytes of a record: a megabyte of data, and its arguments
    // Of one record: a sender that cuts a message into pieces of 8 KiB, as old ones do, needs 136.
    // Empty ones count.
    std::size_t fragments_max = 512;
};

// The bytes of one message.
class Record {
public:
    Record() = default;
    explicit Record(Bytes copied);
    [[nodiscard]] Bytes bytes() const noexcept { return {memory_.get(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    friend class RecordReader;
    void move_to(SpareBlocks::Block memory, std::size_t capacity);

    SpareBlocks::Block memory_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

class RecordReader {
public:
    // `spare`: where long records have their memory, as long as a block is large enough.
    explicit RecordReader(const RecordOptions& options = {}, std::shared_ptr<SpareBlocks> spare = nullptr)
        : options_(options), spare_(std::move(spare)) {}

    // Takes bytes off the beginning until a record is whole: true, then it must be taken before
    // anything else. Errors, after which nothing more can be read: message_too_long, limit_reached
    // (too many fragments), malformed (a record without a byte).
    [[nodiscard]] Result<bool> feed(Bytes& bytes);
    // Where the next bytes of the stream may be put, so that they are not copied; empty if it does
    // not pay. What was put there is told: as feed().
    [[nodiscard]] MutableBytes room();
    [[nodiscard]] bool filled(std::size_t count);
    [[nodiscard]] Record take();
    // Of memory, for what has come of a record.
    [[nodiscard]] std::size_t held() const noexcept { return record_.capacity_; }
    // Nothing of a record has come.
    [[nodiscard]] bool is_between_records() const noexcept { return mark_size_ == 0 && fragments_ == 0; }

private:
    [[nodiscard]] Result<bool> mark_read();
    void make_room();
    [[nodiscard]] bool is_whole() const noexcept { return last_ && left_ == 0; }

    RecordOptions options_;
    std::shared_ptr<SpareBlocks> spare_;
    Record record_;
    std::array<std::byte, 4> mark_{};
    std::size_t mark_size_ = 0;  // how much of a mark has come
    std::size_t left_ = 0;       // of the fragment
    std::size_t fragments_ = 0;
    bool last_ = false;
};

}  // namespace strata::session::rpc
