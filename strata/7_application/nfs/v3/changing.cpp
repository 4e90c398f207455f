// SETATTR, REMOVE, RMDIR, RENAME (RFC 1813 3.3.2, 3.3.12 to 3.3.14).
#include <fcntl.h>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

Status set_attributes(Work& work, const SetattrArguments& arguments) {
    const Node& node = work.nodes[0];
    if (const Status may = work.may_change(node); may != Status::ok) return may;
    if (arguments.guard && *arguments.guard != cache_attributes_of(node.seen).ctime) return Status::not_sync;
    const Status status = apply(work, node, changes_of(arguments.attributes));
    if (status == Status::ok && work.settling.empty()) work.settle_file(node);
    return status;
}

}  // namespace

void setattr(Work& work, const SetattrArguments& arguments, Changed& results) {
    results.status = set_attributes(work, arguments);
    results.wcc = wcc_of(work.nodes[0]);
}

void remove(Work& work, const PlaceArguments& arguments, Changed& results) {
    results.status = acts::remove_file(work, work.nodes[0], std::string(arguments.place.name));
    results.wcc = wcc_of(work.nodes[0]);
}

void rmdir(Work& work, const PlaceArguments& arguments, Changed& results) {
    results.status = acts::remove_folder(work, work.nodes[0], std::string(arguments.place.name));
    results.wcc = wcc_of(work.nodes[0]);
}

void rename(Work& work, const RenameArguments& arguments, RenameResults& results) {
    const std::string from(arguments.from.name), to(arguments.to.name);
    results.status = acts::rename_entry(work, work.nodes[0], from, work.nodes[1], to);
    results.from = wcc_of(work.nodes[0]);
    results.to = wcc_of(work.nodes[1]);
}

}  // namespace strata::application::nfs::v3::deeds
