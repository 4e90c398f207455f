// ACCESS, GETATTR, VERIFY, NVERIFY, READLINK, READDIR (RFC 7530 16.1,
// 16.7, 16.15, 16.24, 16.25, 16.35).
#include <algorithm>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

using acts::Right;
constexpr std::uint32_t of_folders = Right::read | Right::lookup | Right::modify | Right::extend | Right::delete_entry;
constexpr std::uint32_t of_files = Right::read | Right::modify | Right::extend | Right::execute;
// Bytes of a list without entries: status, verifier, the end of the
// list; and of an entry without name and attributes.
constexpr std::size_t list_size = 4 + 8 + 4 + 4, entry_size = 4 + 8 + 4 + 4 + 4;

// Whether the attributes are those, or why that cannot be said.
Status4 compare(Work& work, const Fattr& attributes, Status4 if_same, Status4 if_not) {
    if (const Status4 seen = work.look(); seen != Status4::ok) return seen;
    const auto same = is_same(work, work.node(), attributes);
    if (!same) return same.error();
    return *same ? if_same : if_not;
}

Status4 check_list(Work& work, const ReaddirArguments& arguments) {
    if (const Status4 seen = work.look_folder(); seen != Status4::ok) return seen;
    if (!knows_cookies(work, arguments)) return Status4::not_same;
    if (arguments.cookie == Listing::self || arguments.cookie == Listing::parent) return Status4::bad_cookie;
    return status4_of(work.names.status);
}

// An entry, or nothing: it is gone meanwhile.
std::optional<Entry> tell_entry(Work& work, const Listing::Name& name, const Bitmap& asked, Status4& status) {
    const auto seen = work.shared.tree.look(work.node(), name.text);
    if (!seen) return std::nullopt;
    auto told = tell(work, *seen, work.node(), asked);
    if (!told) {
        status = told.error();
        return std::nullopt;
    }
    work.told.push_back(std::move(*told));
    return Entry{name.cookie, std::string_view(name.text), work.told.back().fattr()};
}

std::size_t size_of(const Entry& entry) noexcept {
    return entry_size + entry.name.size() + xdr::padding_of(entry.name.size()) + 4 * entry.attributes.mask.size() +
           entry.attributes.values.size();
}

}  // namespace

void access(Work& work, const AccessArguments& arguments, AccessResults& results) {
    results.status = work.look();
    if ((arguments.asked & ~(of_folders | of_files)) != 0) results.status = Status4::inval;
    if (results.status != Status4::ok) return;
    results.supported = arguments.asked & (work.node().seen.is_folder() ? of_folders : of_files);
    results.granted = acts::granted_for(work, work.node()) & results.supported;
}

void getattr(Work& work, const GetattrArguments& arguments, GetattrResults& results) {
    results.status = work.look();
    if (results.status != Status4::ok) return;
    auto told = tell(work, work.node().seen, work.node(), arguments.asked);
    results.status = told ? Status4::ok : told.error();
    if (told) results.attributes = work.told.emplace_back(std::move(*told)).fattr();
}

void verify(Work& work, const VerifyArguments& arguments, Ended& results) {
    results.status = compare(work, arguments.attributes, Status4::ok, Status4::not_same);
}
void nverify(Work& work, const VerifyArguments& arguments, Ended& results) {
    results.status = compare(work, arguments.attributes, Status4::same, Status4::ok);
}

void readlink(Work& work, const None& /*arguments*/, ReadlinkResults& results) {
    results.status = work.look();
    if (results.status != Status4::ok) return;
    auto text = acts::text_of_link(work.node());
    results.status = text ? Status4::ok : status4_of(text.error());
    if (text) work.text = std::move(*text);
    results.text = std::string_view(work.text);
}

bool knows_cookies(const Work& work, const ReaddirArguments& arguments) noexcept {
    return arguments.cookie == 0 || arguments.verifier == Verifier{} ||
           arguments.verifier == work.shared.cookie_verifier;
}

void readdir(Work& work, const ReaddirArguments& arguments, ReaddirResults& results) {
    results.status = check_list(work, arguments);
    if (results.status != Status4::ok) return;
    results.verifier = work.shared.cookie_verifier;
    const std::size_t most =
        std::min<std::size_t>({arguments.count, work.room, work.shared.options.listing.listing_reply_max});
    std::size_t left = most - std::min(most, list_size);
    const auto& names = work.names.listing->names;
    auto at = std::ranges::upper_bound(names, arguments.cookie, {}, &Listing::Name::cookie);
    for (; at != names.end(); ++at) {
        const auto entry = tell_entry(work, *at, arguments.asked, results.status);
        if (results.status != Status4::ok) return;
        if (!entry) continue;
        if (size_of(*entry) > left) break;
        left -= size_of(*entry);
        results.entries.push_back(*entry);
    }
    results.end = at == names.end() && work.names.listing->to_the_end;
    if (results.entries.empty() && (at != names.end() || most < list_size)) results.status = Status4::toosmall;
}

}  // namespace strata::application::nfs::v4::ops
