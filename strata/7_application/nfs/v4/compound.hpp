// What a COMPOUND says (RFC 7530 15.2), taken apart before anything of it is done: a tag, a minor
// version, and operations one behind the other.
#pragma once

#include <vector>

#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::v4 {

struct Operation {
    Op op = Op::illegal;       // also of one that there is not
    std::uint32_t number = 0;  // as it was said
    bool is_whole = true;      // else BADXDR: it and what is behind it could not be read
    Bytes arguments{};
};

struct Compound {
    std::string_view tag{};
    std::uint32_t minor_version = 0;
    std::uint32_t count = 0;              // as it was said
    std::vector<Operation> operations{};  // at most so many as were asked for
};

// Views into the arguments. Nothing: they are none, by their
// beginning or by what is behind the last operation.
[[nodiscard]] std::optional<Compound> parse_compound(Bytes arguments, std::size_t operations_max,
                                                     std::uint32_t tag_max);
// Whether to do it twice is as good as once.
[[nodiscard]] bool is_idempotent(const Compound& compound) noexcept;

}  // namespace strata::application::nfs::v4
