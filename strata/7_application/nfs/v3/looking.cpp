// GETATTR, LOOKUP, ACCESS, READLINK (RFC 1813 3.3.1, 3.3.3 to 3.3.5).
#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

std::expected<Node, std::error_code> look_up(Work& work, const std::string& name) {
    const Node& folder = work.nodes[0];
    if (name == "..") return work.shared.tree.open_parent(folder);
    return work.shared.tree.open(folder, name);
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
    results.granted = acts::granted_for(work, node) & arguments.asked;
}

void readlink(Work& work, const OfOne& /*arguments*/, ReadlinkResults& results) {
    const Node& node = work.nodes[0];
    results.attributes = attributes_of(node.seen);
    const auto text = acts::text_of_link(node);
    results.status = text ? Status::ok : text.error();
    if (text) work.text = *text;
    results.text = std::string_view(work.text);
}

}  // namespace strata::application::nfs::v3::deeds
