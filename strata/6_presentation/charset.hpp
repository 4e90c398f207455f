// Charset: text in one of the world's encodings, read and written a
// piece at a time (iconv, POSIX.1).
//
// Inside Strata all text is UTF-8. Decoder turns what arrives into it, Encoder turns it into what a
// peer wants. Both keep the bytes of a character that was cut between two reads. Called by fetch
// (file names) and talk (messages).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "strata/0_foundation/bytes.hpp"

namespace strata::presentation {

// What to do with bytes that are no character, or a character that the encoding does not have.
enum class OnInvalid {
    replace,  // U+FFFD when decoding, '?' when encoding
    fail,     // std::errc::illegal_byte_sequence
};

class Charset {
public:
    // One direction. After an error it begins anew with the next call.
    class Converter {
    public:
        Converter(Converter&& other) noexcept;
        Converter& operator=(Converter&& other) noexcept;
        ~Converter();

        // What is whole of the bytes so far. A cut character waits for the rest.
        [[nodiscard]] std::expected<std::string, std::error_code> convert(std::string_view bytes);
        // At the end: a cut character is invalid; an encoding with states returns to its first.
        [[nodiscard]] std::expected<std::string, std::error_code> flush();
        [[nodiscard]] bool has_cut_character() const noexcept { return kept_size_ != 0; }
        // How many replacements it has made.
        [[nodiscard]] std::uint64_t replaced() const noexcept { return replaced_; }

    private:
        friend class Charset;
        struct Handle;
        Converter(std::unique_ptr<Handle> handle, OnInvalid on_invalid, bool from_utf8);
        [[nodiscard]] std::errc convert_whole(std::string& out, std::string_view& in);
        void reset() noexcept;

        static constexpr std::size_t kept_size_max = 16;  // longer than any character of iconv's encodings
        std::unique_ptr<Handle> handle_;
        OnInvalid on_invalid_;
        bool from_utf8_;
        std::string_view replacement_;
        std::array<char, kept_size_max> kept_{};
        std::size_t kept_size_ = 0;
        std::uint64_t replaced_ = 0;
    };
    using Decoder = Converter;
    using Encoder = Converter;

    // "UTF-8", "GBK", "ISO-8859-1", … as iconv names them, in any case. Error: invalid_argument for
    // a name that iconv does not know.
    [[nodiscard]] static std::expected<Charset, std::error_code> find(std::string_view name);
    // The same, for those who are made with an encoding's name. Throws std::invalid_argument.
    [[nodiscard]] static Charset named(const std::string& name);
    [[nodiscard]] static Charset utf8() { return Charset{"UTF-8"}; }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] Decoder decoder(OnInvalid on_invalid = OnInvalid::replace) const;
    [[nodiscard]] Encoder encoder(OnInvalid on_invalid = OnInvalid::fail) const;

    // A whole text at once.
    [[nodiscard]] std::expected<std::string, std::error_code> decode(std::string_view bytes,
                                                                     OnInvalid on_invalid = OnInvalid::fail) const;
    [[nodiscard]] std::expected<std::string, std::error_code> encode(std::string_view utf8,
                                                                     OnInvalid on_invalid = OnInvalid::fail) const;

private:
    explicit Charset(std::string name) : name_(std::move(name)) {}
    std::string name_;
};

}  // namespace strata::presentation
