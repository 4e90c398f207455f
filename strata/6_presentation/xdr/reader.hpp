// xdr::Reader: the values of a message in XDR (RFC 4506), one after the other.
//
// Opaque data and strings are views into the message. The first error is kept, and from then on
// everything reads as zero, or empty: whoever reads asks once, at the end. No length is believed:
// what the message is too short for is refused before anything is allocated.
#pragma once

#include <array>
#include <optional>
#include <system_error>
#include <type_traits>

#include "strata/0_foundation/error.hpp"
#include "strata/6_presentation/xdr/types.hpp"

namespace strata::presentation::xdr {

class Reader {
public:
    // The message outlives the reader, and the views that were read.
    explicit Reader(Bytes message) noexcept : rest_(message) {}

    // Reads them, in this order.
    template <typename... Fields>
    void operator()(Fields&... fields) {
        (item(fields), ...);
    }

    [[nodiscard]] bool ok() const noexcept { return !error_; }
    // Errors: truncated (the message ends before the value does), malformed (a bool that is
    // neither, an enum that is not declared, bytes behind the last value), limit_reached (longer
    // than its declaration says).
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    // The message must be at its end.
    [[nodiscard]] std::error_code finish() noexcept {
        if (!rest_.empty()) refuse(Error::malformed);
        return error_;
    }
    // For a description: there is no such arm of the union.
    void refuse(Error why = Error::malformed) noexcept;
    // What was not read yet; nothing after an error.
    [[nodiscard]] Bytes rest() const noexcept { return rest_; }

    [[nodiscard]] std::uint32_t unsigned_int() noexcept;
    [[nodiscard]] std::uint64_t unsigned_hyper() noexcept;
    [[nodiscard]] bool boolean() noexcept;
    // Opaque of a fixed length, with its padding. The padding is not looked at: RFC 4506 wants
    // zeros, but some senders leave there what was, and nobody has ever refused them.
    [[nodiscard]] Bytes fixed_opaque(std::size_t size) noexcept;
    [[nodiscard]] Bytes opaque(std::uint32_t size_max) noexcept;

private:
    void item(std::uint32_t& value) noexcept { value = unsigned_int(); }
    void item(std::int32_t& value) noexcept { value = static_cast<std::int32_t>(unsigned_int()); }
    void item(std::uint64_t& value) noexcept { value = unsigned_hyper(); }
    void item(std::int64_t& value) noexcept { value = static_cast<std::int64_t>(unsigned_hyper()); }
    void item(bool& value) noexcept { value = boolean(); }
    template <std::size_t size>
    void item(std::array<std::byte, size>& bytes) noexcept {
        const Bytes found = fixed_opaque(size);
        bytes = {};
        if (!found.empty()) std::memcpy(bytes.data(), found.data(), size);
    }
    template <std::uint32_t size_max>
    void item(Opaque<size_max>& bytes) noexcept {
        bytes = opaque(size_max);
    }
    template <std::uint32_t size_max>
    void item(TrailingOpaque<size_max>& bytes) noexcept {
        bytes = opaque(size_max);
    }
    template <std::uint32_t size_max>
    void item(Text<size_max>& text) noexcept {
        text = text_of(opaque(size_max));
    }
    template <typename Item, std::size_t count>
    void item(std::array<Item, count>& items) {
        for (Item& one : items) item(one);
    }
    template <typename Item>
    void item(std::optional<Item>& value) {
        value.reset();
        if (boolean()) item(value.emplace());
        if (!ok()) value.reset();
    }
    template <typename Item, std::uint32_t count_max>
    void item(List<Item, count_max>& items) {
        items.clear();
        // Grows as items are read: at most by what the message has.
        for (std::uint32_t count = list_count(count_max); count > 0 && ok(); --count) item(items.emplace_back());
        if (!ok()) items.clear();
    }
    template <typename Item, std::uint32_t count_max>
    void item(Chain<Item, count_max>& items) {
        items.clear();
        while (boolean()) {
            if (items.size() == count_max) refuse(Error::limit_reached);
            if (ok()) item(items.emplace_back());
        }
        if (!ok()) items.clear();
    }
    template <typename Value>
    void item(Value& value) {
        if constexpr (std::is_enum_v<Value>) {
            static_assert(sizeof(Value) == 4, "an enum of XDR has 32 bits");
            value = static_cast<Value>(unsigned_int());
            if constexpr (requires { declared(value); }) {
                if (!declared(value)) refuse(Error::malformed);
            }
        } else {
            Value::fields(*this, value);
        }
    }

    [[nodiscard]] std::uint32_t list_count(std::uint32_t count_max) noexcept;

    Bytes rest_;
    std::error_code error_;
};

}  // namespace strata::presentation::xdr
