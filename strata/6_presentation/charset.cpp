#include "strata/6_presentation/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "strata/0_foundation/utf8.hpp"

namespace strata::presentation {

struct Charset::Converter::Handle {
    explicit Handle(iconv_t opened) : conversion(opened) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { iconv_close(conversion); }
    iconv_t conversion;
};

namespace {

constexpr std::size_t name_size_max = 64;
constexpr std::string_view replacement_character = "\xef\xbf\xbd";  // U+FFFD

iconv_t open_conversion(const std::string& to, const std::string& from) { return iconv_open(to.c_str(), from.c_str()); }

bool is_open(iconv_t conversion) { return conversion != reinterpret_cast<iconv_t>(-1); }  // NOLINT: POSIX says so

std::unexpected<std::error_code> fail_with(std::errc error) { return std::unexpected(std::make_error_code(error)); }

}  // namespace

std::expected<Charset, std::error_code> Charset::find(std::string_view name) {
    // A '/' would be glibc's "//TRANSLIT" and its kin: options, not names.
    const bool plausible = !name.empty() && name.size() <= name_size_max && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.' || c == ':' || c == '+';
    });
    if (!plausible) return fail_with(std::errc::invalid_argument);
    Charset charset{std::string(name)};
    for (iconv_t opened : {open_conversion("UTF-8", charset.name_), open_conversion(charset.name_, "UTF-8")}) {
        if (!is_open(opened)) return fail_with(std::errc::invalid_argument);
        iconv_close(opened);
    }
    return charset;
}

Charset Charset::named(const std::string& name) {
    auto charset = find(name);
    if (!charset)
        throw std::invalid_argument("the encoding '" + name +
                                    "' is not known here; UTF-8 and GBK are among those that are");
    return std::move(*charset);
}

Charset::Decoder Charset::decoder(OnInvalid on_invalid) const {
    return {std::make_unique<Converter::Handle>(open_conversion("UTF-8", name_)), on_invalid, false};
}

Charset::Encoder Charset::encoder(OnInvalid on_invalid) const {
    return {std::make_unique<Converter::Handle>(open_conversion(name_, "UTF-8")), on_invalid, true};
}

std::expected<std::string, std::error_code> Charset::decode(std::string_view bytes, OnInvalid on_invalid) const {
    Decoder whole = decoder(on_invalid);
    auto text = whole.convert(bytes);
    if (!text) return text;
    auto rest = whole.flush();
    if (!rest) return rest;
    return std::move(*text) + *rest;
}

std::expected<std::string, std::error_code> Charset::encode(std::string_view utf8, OnInvalid on_invalid) const {
    Encoder whole = encoder(on_invalid);
    auto bytes = whole.convert(utf8);
    if (!bytes) return bytes;
    auto rest = whole.flush();
    if (!rest) return rest;
    return std::move(*bytes) + *rest;
}

Charset::Converter::Converter(std::unique_ptr<Handle> handle, OnInvalid on_invalid, bool from_utf8)
    : handle_(std::move(handle)),
      on_invalid_(on_invalid),
      from_utf8_(from_utf8),
      replacement_(from_utf8 ? std::string_view("?") : replacement_character) {}
Charset::Converter::Converter(Converter&& other) noexcept = default;
Charset::Converter& Charset::Converter::operator=(Converter&& other) noexcept = default;
Charset::Converter::~Converter() = default;

void Charset::Converter::reset() noexcept {
    kept_size_ = 0;
    iconv(handle_->conversion, nullptr, nullptr, nullptr, nullptr);
}

// Converts as much as it can; `in` is then what is left. Returns why
// it stopped: no error at the end of the input.
std::errc Charset::Converter::convert_whole(std::string& out, std::string_view& in) {
    std::array<char, 4096> chunk;  // NOLINT: filled by iconv
    for (;;) {
        char* from = const_cast<char*>(in.data());
        std::size_t from_left = in.size();
        char* to = chunk.data();
        std::size_t to_left = chunk.size();
        const std::size_t result = iconv(handle_->conversion, &from, &from_left, &to, &to_left);
        const int why = errno;
        out.append(chunk.data(), chunk.size() - to_left);
        in.remove_prefix(in.size() - from_left);
        if (result != static_cast<std::size_t>(-1)) return {};
        if (why != E2BIG) return static_cast<std::errc>(why);
    }
}

std::expected<std::string, std::error_code> Charset::Converter::convert(std::string_view bytes) {
    std::string joined;
    std::string_view in = bytes;
    if (kept_size_ != 0) {
        joined.assign(kept_.data(), kept_size_);
        joined.append(bytes);
        in = joined;
        kept_size_ = 0;
    }
    std::string out;
    while (!in.empty()) {
        const std::errc why = convert_whole(out, in);
        if (why == std::errc{}) break;
        const bool cut = why == std::errc::invalid_argument && in.size() <= kept_size_max;
        if (cut) {
            std::memcpy(kept_.data(), in.data(), in.size());
            kept_size_ = in.size();
            break;
        }
        if (on_invalid_ == OnInvalid::fail) {
            reset();
            return fail_with(std::errc::illegal_byte_sequence);
        }
        out += replacement_;
        ++replaced_;
        // A character that the encoding does not have is one; of
        // bytes that are no character, each is.
        in.remove_prefix(from_utf8_ ? first_utf8_character(in).size : 1);
    }
    return out;
}

std::expected<std::string, std::error_code> Charset::Converter::flush() {
    std::string out;
    if (kept_size_ != 0) {
        if (on_invalid_ == OnInvalid::fail) {
            reset();
            return fail_with(std::errc::illegal_byte_sequence);
        }
        out = replacement_;
        ++replaced_;
        kept_size_ = 0;
    }
    std::array<char, 64> chunk;  // NOLINT: filled by iconv
    char* to = chunk.data();
    std::size_t to_left = chunk.size();
    iconv(handle_->conversion, nullptr, nullptr, &to, &to_left);
    out.append(chunk.data(), chunk.size() - to_left);
    return out;
}

}  // namespace strata::presentation
