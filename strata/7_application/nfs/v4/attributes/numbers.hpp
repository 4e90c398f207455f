// The attributes of version 4 that are told here, by their numbers (RFC 7530 5), and sets of them.
#pragma once

#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::v4 {

enum class Attribute : std::uint32_t {
    supported_attrs = 0,
    type,
    fh_expire_type,
    change,
    size,
    link_support,
    symlink_support,
    named_attr,
    fsid,
    unique_handles,
    lease_time,
    rdattr_error,
    aclsupport = 13,
    cansettime = 15,
    case_insensitive,
    case_preserving,
    chown_restricted,
    filehandle,
    fileid,
    files_avail,
    files_free,
    files_total,
    homogeneous = 26,
    maxfilesize,
    maxlink,
    maxname,
    maxread,
    maxwrite,
    mode = 33,
    no_trunc,
    numlinks,
    owner,
    owner_group,
    rawdev = 41,
    space_avail,
    space_free,
    space_total,
    space_used,
    time_access = 47,
    time_access_set,
    time_delta = 51,
    time_metadata,
    time_modify,
    time_modify_set,
    mounted_on_fileid,
};

[[nodiscard]] constexpr bool has(const Bitmap& mask, Attribute attribute) {
    const auto number = static_cast<std::uint32_t>(attribute);
    return number / 32 < mask.size() && (mask[number / 32] >> number % 32 & 1u) != 0;
}
constexpr void add(Bitmap& mask, Attribute attribute) {
    const auto number = static_cast<std::uint32_t>(attribute);
    if (mask.size() <= number / 32) mask.resize(number / 32 + 1);
    mask[number / 32] |= 1u << number % 32;
}
// In the order of their numbers, which is the order of their values.
// `what` returns whether to go on.
template <typename What>
bool for_each(const Bitmap& mask, What what) {
    for (std::uint32_t number = 0; number < 32 * mask.size(); ++number) {
        const auto attribute = static_cast<Attribute>(number);
        if (has(mask, attribute) && !what(attribute)) return false;
    }
    return true;
}

// Told, or set; told alone; set alone.
[[nodiscard]] bool is_supported(Attribute attribute) noexcept;
[[nodiscard]] bool may_be_set(Attribute attribute) noexcept;
[[nodiscard]] constexpr bool may_be_read(Attribute attribute) noexcept {
    return attribute != Attribute::time_access_set && attribute != Attribute::time_modify_set;
}
[[nodiscard]] Bitmap supported_attributes();

}  // namespace strata::application::nfs::v4
