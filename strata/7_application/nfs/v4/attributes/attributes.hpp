// fattr4: attributes as version 4 tells and takes them (RFC 7530 5, RFC 7531): a set of numbers,
// and the values in their order.
#pragma once

#include <deque>

#include "strata/7_application/nfs/v4/attributes/numbers.hpp"
#include "strata/7_application/nfs/work/work.hpp"

namespace strata::application::nfs::v4 {

// The attribute `change`: the time at which something was last changed, in nanoseconds.
[[nodiscard]] std::uint64_t change_of(const Looked& seen) noexcept;

// Which of those that are asked for there are, and their values.
struct Told {
    Bitmap mask;
    std::vector<std::byte> values;
    [[nodiscard]] Fattr fattr() const { return {mask, Bytes(values)}; }
};
// What it is, and something on the same disk: itself, or the folder
// that it is in. Error: INVAL, of what is only set.
[[nodiscard]] std::expected<Told, Status4> tell(const Work& work, const Looked& seen, const Node& beside,
                                                const Bitmap& asked);

// What is to be set. Errors: ATTRNOTSUPP, INVAL (it is only told), BADXDR, BADOWNER (not a number).
struct Wanted {
    Changes changes{};
    Bitmap mask{};
};
[[nodiscard]] std::expected<Wanted, Status4> wanted_in(const Fattr& attributes);

// Whether it has these. Errors: ATTRNOTSUPP, INVAL.
[[nodiscard]] std::expected<bool, Status4> is_same(const Work& work, const Node& node, const Fattr& attributes);

}  // namespace strata::application::nfs::v4
