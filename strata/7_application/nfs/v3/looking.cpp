// GETATTR, LOOKUP, ACCESS, READLINK (RFC 1813 3.3.1, 3.3.3 to 3.3.5).
#include <fcntl.h>
#include <unistd.h>

#include <climits>

#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

std::expected<Node, std::error_code> look_up(Work& work, const std::string& name) {
    const Node& folder = work.nodes[0];
    if (name == "..") return work.shared.tree.open_parent(folder);
    return work.shared.tree.open(folder, name);
}

bool may_by_mode(const Node& node, int how) {
    return ::faccessat(AT_FDCWD, name_of(node).c_str(), how, AT_EACCESS) == 0;
}

// By what the folder's rights and the disk allow whoever serves it: everybody is he.
std::uint32_t granted_for(Work& work, const Node& node) {
    using Right = AccessArguments;
    if (node.seen.is_link()) return Right::read;
    if (!node.seen.is_file() && !node.seen.is_folder()) return 0;
    const bool is_folder = node.seen.is_folder();
    std::uint32_t granted = 0;
    if (may_by_mode(node, R_OK)) granted |= Right::read;
    if (may_by_mode(node, X_OK)) granted |= is_folder ? Right::lookup : Right::execute;
    if (!may_by_mode(node, is_folder ? W_OK | X_OK : W_OK)) return granted;
    if (!is_folder) return work.may_change(node) == Status::ok ? granted | Right::modify | Right::extend : granted;
    // Linux makes no file in a folder without all three. Where files may only be added, who removes
    // one is refused then (the results are advisory, RFC 1813 3.3.4).
    if (work.may(FileRights::add) == Status::ok) granted |= Right::extend | Right::modify | Right::delete_entry;
    return granted;
}

}  // namespace

void getattr(Work& work, const OfOne& /*arguments*/, GetattrResults& results) {
    results.attributes = attributes_of(work.nodes[0].seen);
}

void lookup(Work& work, const PlaceArguments& arguments, LookupResults& results) {
    const Node& folder = work.nodes[0];
    results.folder = attributes_of(folder.seen);
    results.status = Status::notdir;
    if (!folder.seen.is_folder()) return;
    const std::string name(arguments.place.name);
    results.status = check_name(work.shared.root, name, Status::ok, Status::noent);
    if (results.status != Status::ok) return;
    if (name == ".") {
        results.object = arguments.place.folder;
        results.attributes = results.folder;
        return;
    }
    const auto found = look_up(work, name);
    if (!found) {
        results.status = status_of(found.error());
        return;
    }
    results.object = work.shared.key.seal(found->seen.id);
    results.attributes = attributes_of(found->seen);
}

void access(Work& work, const AccessArguments& arguments, AccessResults& results) {
    const Node& node = work.nodes[0];
    results.attributes = attributes_of(node.seen);
    results.granted = granted_for(work, node) & arguments.asked;
}

void readlink(Work& work, const OfOne& /*arguments*/, ReadlinkResults& results) {
    const Node& node = work.nodes[0];
    results.attributes = attributes_of(node.seen);
    results.status = Status::inval;
    if (!node.seen.is_link()) return;
    work.text.resize(PATH_MAX);
    const ssize_t size = ::readlinkat(node.at.get(), "", work.text.data(), work.text.size());
    results.status = size < 0 ? status_of_errno() : Status::ok;
    work.text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    results.text = std::string_view(work.text);
}

}  // namespace strata::application::nfs::v3::deeds
