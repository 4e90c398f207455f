// Text in foreign encodings, cut anywhere: what comes out is UTF-8, and the cuts don't show.
//
// Byte 0 chooses the encoding, byte 1 where to cut; the rest is text.
// links: presentation
#include <array>
#include <cstdlib>

#include "strata/6_presentation/charset.hpp"

using strata::presentation::Charset;
using strata::presentation::OnInvalid;

namespace {

constexpr std::array names{"UTF-8", "GBK", "GB18030", "ISO-8859-1", "BIG5", "SHIFT_JIS", "UTF-16LE"};

// In pieces of `step` bytes.
std::string in_pieces(Charset::Converter converter, std::string_view text, std::size_t step) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += step) out += converter.convert(text.substr(at, step)).value();
    out += converter.flush().value();
    if (converter.has_cut_character()) std::abort();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Charset charset = Charset::find(names.at(data[0] % names.size())).value();
    const std::size_t step = data[1] % 16 + 1u;
    const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);

    const std::string whole = charset.decode(text, OnInvalid::replace).value();
    if (in_pieces(charset.decoder(), text, step) != whole) std::abort();
    // What came out is UTF-8: nothing is left to replace.
    if (Charset::utf8().decode(whole).value_or("") != whole) std::abort();
    // Strictly, it is the same or an error.
    if (const auto strict = charset.decode(text); strict && *strict != whole) std::abort();

    const std::string bytes = charset.encode(text, OnInvalid::replace).value();
    if (in_pieces(charset.encoder(OnInvalid::replace), text, step) != bytes) std::abort();

    (void)Charset::find(text);
    return 0;
}
