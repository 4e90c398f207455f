#include "strata/5_session/rpc/record/record_reader.hpp"

#include <algorithm>
#include <utility>

namespace strata::session::rpc {
namespace {

constexpr std::uint32_t last_fragment_bit = 0x8000'0000;
constexpr std::size_t first_capacity = 64 << 10;  // what a mark alone can make us take
constexpr std::size_t worth_reading_into = 4096;  // bytes that are missing

}  // namespace

Record::Record(Bytes copied) {
    move_to(SpareBlocks::plain(copied.size()), copied.size());
    std::ranges::copy(copied, memory_.get());
    size_ = copied.size();
}

void Record::move_to(SpareBlocks::Block memory, std::size_t capacity) {
    std::copy_n(memory_.get(), size_, memory.get());
    memory_ = std::move(memory);
    capacity_ = capacity;
}

Result<bool> RecordReader::mark_read() {
    const std::uint32_t mark = load_be32(mark_.data());
    mark_size_ = 0;
    last_ = (mark & last_fragment_bit) != 0;
    left_ = mark & ~last_fragment_bit;
    if (left_ > options_.record_max - record_.size()) return fail(Error::message_too_long);
    if (++fragments_ > options_.fragments_max) return fail(Error::limit_reached);
    if (is_whole() && record_.size() == 0) return fail(Error::malformed);
    return is_whole();
}

// Twice as much as has come, so that many small fragments are not copied again and again; but no
// more than is known to be the record's length. Memory that is there already is taken at once.
void RecordReader::make_room() {
    if (record_.size_ < record_.capacity_) return;
    const std::size_t most = last_ ? record_.size_ + left_ : options_.record_max;
    const std::size_t needed = std::min(most, std::max(2 * record_.size_, first_capacity));
    const std::size_t known = last_ ? most : record_.size_ + left_;
    const bool fits = spare_ && known <= spare_->block_size() && needed <= spare_->block_size();
    const bool is_there = fits && known > first_capacity && spare_->spare() > 0;
    const bool is_near = fits && needed > spare_->block_size() / 2;
    if (is_there || is_near) return record_.move_to(spare_->take(), spare_->block_size());
    record_.move_to(SpareBlocks::plain(needed), needed);
}

Result<bool> RecordReader::feed(Bytes& bytes) {
    while (!bytes.empty()) {
        if (left_ == 0) {
            mark_.at(mark_size_++) = bytes.front();
            bytes = bytes.subspan(1);
            if (mark_size_ < mark_.size()) continue;
            const Result<bool> whole = mark_read();
            if (!whole || *whole) return whole;
            continue;
        }
        make_room();
        const std::size_t count = std::min({left_, bytes.size(), record_.capacity_ - record_.size_});
        std::copy_n(bytes.data(), count, record_.memory_.get() + record_.size_);
        bytes = bytes.subspan(count);
        if (filled(count)) return true;
    }
    return false;
}

MutableBytes RecordReader::room() {
    if (left_ < worth_reading_into) return {};
    make_room();
    return {record_.memory_.get() + record_.size_, std::min(left_, record_.capacity_ - record_.size_)};
}

bool RecordReader::filled(std::size_t count) {
    record_.size_ += count;
    left_ -= count;
    return is_whole();
}

Record RecordReader::take() {
    fragments_ = 0;
    last_ = false;
    return std::exchange(record_, {});
}

}  // namespace strata::session::rpc
