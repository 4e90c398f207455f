// xdr::Writer: appends values in XDR (RFC 4506) to a buffer, up to a bound.
//
// The first error is kept, and what was appended is taken back then: whoever writes asks once, at
// the end. Large data at a message's end may stay outside (TrailingOpaque): only its length is
// written, and the caller sends head, data and padding as pieces.
#pragma once

#include <array>
#include <optional>
#include <system_error>
#include <type_traits>

#include "strata/0_foundation/error.hpp"
#include "strata/6_presentation/xdr/types.hpp"

namespace strata::presentation::xdr {

class Writer {
public:
    // Appends at most so many bytes, with what stays outside and its padding. The buffer outlives
    // the writer.
    Writer(std::vector<std::byte>& into, std::size_t size_max)
        : into_(into), begin_(into.size()), size_max_(size_max) {}
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Writes them, in this order.
    template <typename... Fields>
    void operator()(const Fields&... fields) {
        (item(fields), ...);
    }

    [[nodiscard]] bool ok() const noexcept { return !error_; }
    // Errors: message_too_long (there is no room), limit_reached (longer
    // than its declaration says), malformed (an enum that is not
    // declared), invalid_argument (written behind what stays outside).
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    // For a description: there is no such arm of the union.
    void refuse(Error why = Error::malformed) noexcept;
    // The bytes that belong behind what was written, followed by zeros to a multiple of four.
    [[nodiscard]] Bytes outside() const noexcept { return outside_; }

    void unsigned_int(std::uint32_t value);
    void unsigned_hyper(std::uint64_t value);
    void fixed_opaque(Bytes bytes);
    void opaque(Bytes bytes, std::uint32_t size_max);
    void trailing_opaque(Bytes bytes, std::uint32_t size_max);

private:
    void item(std::uint32_t value) { unsigned_int(value); }
    void item(std::int32_t value) { unsigned_int(static_cast<std::uint32_t>(value)); }
    void item(std::uint64_t value) { unsigned_hyper(value); }
    void item(std::int64_t value) { unsigned_hyper(static_cast<std::uint64_t>(value)); }
    void item(bool value) { unsigned_int(value ? 1 : 0); }
    template <std::size_t size>
    void item(const std::array<std::byte, size>& bytes) {
        fixed_opaque(bytes);
    }
    template <std::uint32_t size_max>
    void item(const Opaque<size_max>& bytes) {
        opaque(bytes, size_max);
    }
    template <std::uint32_t size_max>
    void item(const TrailingOpaque<size_max>& bytes) {
        trailing_opaque(bytes, size_max);
    }
    template <std::uint32_t size_max>
    void item(const Text<size_max>& text) {
        opaque(bytes_of(text), size_max);
    }
    template <typename Item, std::size_t count>
    void item(const std::array<Item, count>& items) {
        for (const Item& one : items) item(one);
    }
    template <typename Item>
    void item(const std::optional<Item>& value) {
        item(value.has_value());
        if (value) item(*value);
    }
    template <typename Item, std::uint32_t count_max>
    void item(const List<Item, count_max>& items) {
        if (items.size() > count_max) return refuse(Error::limit_reached);
        unsigned_int(static_cast<std::uint32_t>(items.size()));
        for (const Item& one : items) item(one);
    }
    template <typename Item, std::uint32_t count_max>
    void item(const Chain<Item, count_max>& items) {
        if (items.size() > count_max) return refuse(Error::limit_reached);
        for (const Item& one : items) {
            item(true);
            item(one);
        }
        item(false);
    }
    template <typename Value>
    void item(const Value& value) {
        if constexpr (std::is_enum_v<Value>) {
            static_assert(sizeof(Value) == 4, "an enum of XDR has 32 bits");
            if constexpr (requires { declared(value); }) {
                if (!declared(value)) return refuse(Error::malformed);
            }
            unsigned_int(static_cast<std::uint32_t>(value));
        } else {
            Value::fields(*this, value);
        }
    }

    // Room for so many bytes more; null, and the error kept, if there is none.
    [[nodiscard]] std::byte* extend(std::size_t size);
    [[nodiscard]] std::size_t room() const noexcept { return size_max_ - (into_.size() - begin_); }

    std::vector<std::byte>& into_;
    std::size_t begin_;
    std::size_t size_max_;
    Bytes outside_;
    bool ended_ = false;  // by what stays outside
    std::error_code error_;
};

}  // namespace strata::presentation::xdr
