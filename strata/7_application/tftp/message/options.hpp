// The options of TFTP (RFC 2347): a name and a value, both text, behind a request or in an OACK.
//
//     blksize     8 to 65464     bytes of a block                                  RFC 2348
//     timeout     1 to 255       seconds before something is repeated              RFC 2349
//     tsize       0 and up       bytes of the file; 0 where it is asked for        RFC 2349
//     windowsize  1 to 65535     blocks that leave before one is acknowledged      RFC 7440
//     sliding     1              the window slides: each ACK is one of progress    ours alone
//     multicast   (empty)        RFC 2090, experimental: read, never agreed to
//
// Names are the same in capitals and in small letters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::application::tftp {

struct Option {
    std::string name;
    std::string value;
    bool operator==(const Option&) const = default;
};
using OptionList = std::vector<Option>;

inline constexpr std::uint32_t blksize_default = 512;  // RFC 1350 2
inline constexpr std::uint32_t blksize_least = 8;
inline constexpr std::uint32_t blksize_most = 65464;
inline constexpr std::uint32_t windowsize_most = 65535;
inline constexpr std::uint32_t timeout_most = 255;  // seconds
inline constexpr std::size_t options_most = 32;     // of one packet that are read

// The values that are known here, as far as they are lawful. Of an option that is there twice,
// which none may be (RFC 2347), the first one counts.
struct OptionValues {
    std::optional<std::uint32_t> blksize{};
    std::optional<std::uint32_t> windowsize{};
    std::optional<std::uint32_t> timeout{};  // seconds
    std::optional<std::uint64_t> tsize{};    // bytes
    bool sliding = false;                    // where there is a windowsize, too
    bool operator==(const OptionValues&) const = default;

    [[nodiscard]] bool empty() const noexcept { return *this == OptionValues{}; }
};

// Of a request. What is not lawful is as if it were not there; a blksize that is larger than any is
// the largest, since an answer may be smaller than what was asked for.
[[nodiscard]] OptionValues values_of(const OptionList& options);
// As they are written, in one order.
[[nodiscard]] OptionList list_of(const OptionValues& values);
// What is wrong with an OACK, in words, to those who asked for `asked` (RFC 2347: one that was not
// asked for; RFC 2348, RFC 7440: a larger value; RFC 2349: another timeout), and what it agrees to.
struct CheckedAnswer {
    OptionValues values;
    std::string problem;  // empty: there is none
};
[[nodiscard]] CheckedAnswer check_answer(const OptionList& answer, const OptionValues& asked);

}  // namespace strata::application::tftp
