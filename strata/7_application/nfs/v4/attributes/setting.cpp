// Attributes that are to be set.
#include <charconv>

#include "strata/7_application/nfs/v4/attributes/attributes.hpp"

namespace strata::application::nfs::v4 {
namespace {

// settime4: time_how4 has no "leave it alone", and other numbers.
TimeChange time_in(xdr::Reader& in) {
    const std::uint32_t how = in.unsigned_int();
    if (how > 1) in.refuse();
    if (how != 1) return {NewTime::How::servers, 0, 0};
    TimeChange time{NewTime::How::clients, 0, 0};
    in(time.seconds, time.nanoseconds);
    return time;
}

// RFC 7530 5.9: a number as text is the user's number. Names are of a
// domain that is not asked here.
std::optional<std::uint32_t> id_in(xdr::Reader& in, Status4& status) {
    const std::string_view text = text_of(in.opaque(opaque_max));
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error == std::errc{} && end == text.data() + text.size() && !text.empty()) return id;
    status = Status4::badowner;
    return std::nullopt;
}

}  // namespace

bool may_be_set(Attribute attribute) noexcept {
    switch (attribute) {
        case Attribute::size:
        case Attribute::mode:
        case Attribute::owner:
        case Attribute::owner_group:
        case Attribute::time_access_set:
        case Attribute::time_modify_set: return true;
        default: return false;
    }
}

std::expected<Wanted, Status4> wanted_in(const Fattr& attributes) {
    Wanted wanted{{}, attributes.mask};
    Changes& changes = wanted.changes;
    xdr::Reader in(attributes.values);
    Status4 status = Status4::ok;
    (void)for_each(attributes.mask, [&](Attribute attribute) {
        if (!is_supported(attribute))
            status = Status4::attrnotsupp;
        else if (!may_be_set(attribute))
            status = Status4::inval;
        switch (attribute) {
            case Attribute::size: changes.size = in.unsigned_hyper(); break;
            case Attribute::mode: changes.mode = in.unsigned_int(); break;
            case Attribute::owner: changes.uid = id_in(in, status); break;
            case Attribute::owner_group: changes.gid = id_in(in, status); break;
            case Attribute::time_access_set: changes.accessed = time_in(in); break;
            case Attribute::time_modify_set: changes.modified = time_in(in); break;
            default: break;
        }
        return status == Status4::ok;
    });
    if (!in.ok()) return std::unexpected(Status4::badxdr);
    if (status != Status4::ok) return std::unexpected(status);
    if (in.finish()) return std::unexpected(Status4::badxdr);
    if (changes.mode.value_or(0) > 07777u) return std::unexpected(Status4::inval);
    return wanted;
}

}  // namespace strata::application::nfs::v4
