// READDIR, READDIRPLUS (RFC 1813 3.3.16, 3.3.17).
#include <algorithm>

#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

// Bytes of the results: status, attributes, verifier, the end of the list; of an entry without its
// name; and what READDIRPLUS has of it beside that.
constexpr std::size_t list_size = 4 + 88 + 8 + 4 + 4, entry_size = 24, plus_size = 88 + 8 + 40;

std::size_t name_size(std::string_view name) noexcept { return name.size() + xdr::padding_of(name.size()); }

// How much more a reply may have.
struct PageRoom {
    std::size_t all;
    std::size_t names;
    bool took_one = false;

    bool take(std::string_view name, std::size_t more) {
        const std::size_t size = entry_size + name_size(name) + more, of_names = size - more - 4;
        if (all < size || (took_one && names < of_names)) return false;
        all -= size;
        names -= std::min(names, of_names);
        took_one = true;
        return true;
    }
};

PageRoom room_for(const Work& work, std::uint32_t count, std::uint32_t names_size) {
    const std::size_t most = std::min<std::size_t>(
        {count, work.call.results_room, work.shared.options.listing.listing_reply_max, work.data_max()});
    return {most - std::min(most, list_size), names_size};
}

Status check_listing(const Work& work, std::uint64_t cookie, const Verifier& verifier) {
    if (!work.nodes[0].seen.is_folder()) return Status::notdir;
    if (cookie != 0 && verifier != work.shared.cookie_verifier) return Status::bad_cookie;
    return work.listing_status;
}

std::uint64_t inode_above(Work& work) {
    const auto parent = work.shared.tree.open_parent(work.nodes[0]);
    return parent ? parent->seen.id.inode : work.nodes[0].seen.id.inode;
}

// Those behind the cookie, until one is not taken. True: there are no others.
template <typename Take>
bool take_behind(Work& work, std::uint64_t cookie, Take take) {
    if (cookie < Listing::self && !take(Name("."), Listing::self, work.nodes[0].seen.id.inode)) return false;
    if (cookie < Listing::parent && !take(Name(".."), Listing::parent, inode_above(work))) return false;
    const auto& names = work.listing->names;
    auto at = std::ranges::upper_bound(names, cookie, {}, &Listing::Name::cookie);
    for (; at != names.end(); ++at) {
        if (!take(Name(std::string_view(at->text)), at->cookie, at->inode)) return false;
    }
    return work.listing->to_the_end;
}

std::expected<Looked, std::error_code> look_at_entry(const Work& work, std::string_view name, std::uint64_t cookie) {
    const Node& folder = work.nodes[0];
    if (cookie == Listing::self) return folder.seen;
    if (cookie != Listing::parent) return work.shared.tree.look(folder, std::string(name));
    auto above = work.shared.tree.open_parent(folder);
    if (!above) return std::unexpected(above.error());
    return above->seen;
}

}  // namespace

void readdir(Work& work, const ReaddirArguments& arguments, ReaddirResults& results) {
    results.folder = attributes_of(work.nodes[0].seen);
    results.status = check_listing(work, arguments.cookie, arguments.verifier);
    if (results.status != Status::ok) return;
    results.verifier = work.shared.cookie_verifier;
    PageRoom room = room_for(work, arguments.count, arguments.count);
    results.end = take_behind(work, arguments.cookie, [&](Name name, std::uint64_t cookie, std::uint64_t inode) {
        if (!room.take(name, 0)) return false;
        results.entries.push_back({inode, name, cookie});
        return true;
    });
    if (results.entries.empty() && !results.end) results.status = Status::toosmall;
}

void readdirplus(Work& work, const ReaddirplusArguments& arguments, ReaddirplusResults& results) {
    const Node& folder = work.nodes[0];
    results.folder = attributes_of(folder.seen);
    results.status = check_listing(work, arguments.cookie, arguments.verifier);
    if (results.status != Status::ok) return;
    results.verifier = work.shared.cookie_verifier;
    PageRoom room = room_for(work, arguments.count, arguments.names_size);
    results.end = take_behind(work, arguments.cookie, [&](Name name, std::uint64_t cookie, std::uint64_t inode) {
        if (!room.take(name, plus_size)) return false;
        EntryPlus& entry = results.entries.emplace_back(EntryPlus{inode, name, cookie, {}, {}});
        const auto seen = look_at_entry(work, name, cookie);
        if (!seen) return true;  // it is gone meanwhile
        entry.fileid = seen->id.inode;
        entry.attributes = attributes_of(*seen);
        entry.object = work.shared.key.seal(seen->id);
        return true;
    });
    if (results.entries.empty() && !results.end) results.status = Status::toosmall;
}

}  // namespace strata::application::nfs::v3::deeds
