#include "strata/6_presentation/xdr/reader.hpp"

namespace strata::presentation::xdr {

void Reader::refuse(Error why) noexcept {
    if (!error_) error_ = make_error_code(why);
    rest_ = {};
}

std::uint32_t Reader::unsigned_int() noexcept {
    if (rest_.size() < 4) {
        refuse(Error::truncated);
        return 0;
    }
    const std::uint32_t value = load_be32(rest_.data());
    rest_ = rest_.subspan(4);
    return value;
}

std::uint64_t Reader::unsigned_hyper() noexcept {
    if (rest_.size() < 8) {
        refuse(Error::truncated);
        return 0;
    }
    const auto value = load_big_endian<std::uint64_t>(rest_.data());
    rest_ = rest_.subspan(8);
    return value;
}

bool Reader::boolean() noexcept {
    const std::uint32_t value = unsigned_int();
    if (value > 1) refuse(Error::malformed);
    return value == 1;
}

Bytes Reader::fixed_opaque(std::size_t size) noexcept {
    // In this order: a size near the largest there is overflows with its padding.
    if (size > rest_.size() || padding_of(size) > rest_.size() - size) {
        refuse(Error::truncated);
        return {};
    }
    const Bytes bytes = rest_.first(size);
    rest_ = rest_.subspan(size + padding_of(size));
    return bytes;
}

Bytes Reader::opaque(std::uint32_t size_max) noexcept {
    const std::uint32_t size = unsigned_int();
    if (size <= size_max) return fixed_opaque(size);
    refuse(Error::limit_reached);
    return {};
}

// Whatever is in a list takes four bytes at least: of nothing there are no lists.
std::uint32_t Reader::list_count(std::uint32_t count_max) noexcept {
    const std::uint32_t count = unsigned_int();
    if (count > count_max) refuse(Error::limit_reached);
    if (count > rest_.size() / 4) refuse(Error::truncated);
    return ok() ? count : 0;
}

}  // namespace strata::presentation::xdr
