// BufferList: the non-empty buffers of any Asio buffer sequence, as one type that can cross a
// virtual call. Stream makes one of what it is given and hands it to its implementation; it is
// itself a buffer sequence, so Asio's operations take it as it is. It does not own the memory the
// buffers point to.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <vector>

namespace strata::session {

namespace asio = boost::asio;

// A few buffers are kept in place; a longer sequence is kept on the heap as a whole, because a head
// of many fields must not become one segment per field.
template <typename Buffer>
class BufferList {
public:
    static constexpr std::size_t few = 8;
    template <typename Sequence>
    explicit BufferList(const Sequence& sequence) {
        const auto end = asio::buffer_sequence_end(sequence);
        for (auto buffer = asio::buffer_sequence_begin(sequence); buffer != end; ++buffer) add(*buffer);
    }
    [[nodiscard]] const Buffer* begin() const noexcept { return many_.empty() ? few_.data() : many_.data(); }
    [[nodiscard]] const Buffer* end() const noexcept { return begin() + count_; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    // As Asio's buffer sequences want it.
    using value_type = Buffer;
    using const_iterator = const Buffer*;

private:
    void add(const Buffer& buffer) {
        if (buffer.size() == 0) return;
        if (count_ == few) many_.assign(few_.begin(), few_.end());
        if (count_ >= few) many_.push_back(buffer);
        if (count_ < few) few_[count_] = buffer;
        ++count_;
    }
    std::array<Buffer, few> few_{};
    std::vector<Buffer> many_;
    std::size_t count_ = 0;
};
using MutableBufferList = BufferList<asio::mutable_buffer>;
using ConstBufferList = BufferList<asio::const_buffer>;

}  // namespace strata::session
