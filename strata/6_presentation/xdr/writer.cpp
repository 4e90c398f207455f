#include "strata/6_presentation/xdr/writer.hpp"

namespace strata::presentation::xdr {

void Writer::refuse(Error why) noexcept {
    if (!error_) error_ = make_error_code(why);
    into_.resize(begin_);
    outside_ = {};
}

std::byte* Writer::extend(std::size_t size) {
    if (error_) return nullptr;
    if (ended_) {
        refuse(Error::invalid_argument);
        return nullptr;
    }
    if (size > room()) {
        refuse(Error::message_too_long);
        return nullptr;
    }
    into_.resize(into_.size() + size);
    return into_.data() + into_.size() - size;
}

void Writer::unsigned_int(std::uint32_t value) {
    if (std::byte* to = extend(4)) store_be32(to, value);
}

void Writer::unsigned_hyper(std::uint64_t value) {
    if (std::byte* to = extend(8)) store_big_endian(to, value);
}

// What extend() gives is zero: the padding is there.
void Writer::fixed_opaque(Bytes bytes) {
    if (bytes.size() > any_length) return refuse(Error::limit_reached);
    std::byte* to = extend(bytes.size() + padding_of(bytes.size()));
    if (to != nullptr && !bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
}

void Writer::opaque(Bytes bytes, std::uint32_t size_max) {
    if (bytes.size() > size_max) return refuse(Error::limit_reached);
    unsigned_int(static_cast<std::uint32_t>(bytes.size()));
    fixed_opaque(bytes);
}

void Writer::trailing_opaque(Bytes bytes, std::uint32_t size_max) {
    if (bytes.size() > size_max) return refuse(Error::limit_reached);
    unsigned_int(static_cast<std::uint32_t>(bytes.size()));
    if (!ok()) return;
    if (bytes.size() + padding_of(bytes.size()) > room()) return refuse(Error::message_too_long);
    outside_ = bytes;
    ended_ = true;
}

}  // namespace strata::presentation::xdr
