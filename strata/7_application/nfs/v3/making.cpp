// CREATE, MKDIR, SYMLINK, MKNOD, LINK (RFC 1813 3.3.8 to 3.3.11, 3.3.15).
#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

acts::Creation creation_of(CreateArguments::How how) noexcept {
    switch (how) {
        case CreateArguments::How::guarded: return acts::Creation::guarded;
        case CreateArguments::How::exclusive: return acts::Creation::exclusive;
        case CreateArguments::How::unchecked: break;
    }
    return acts::Creation::unchecked;
}

void tell_made(const Work& work, const Node& made, CreateResults& results) {
    results.object = work.shared.key.seal(made.seen.id);
    results.attributes = attributes_now(made.at.get());
}

void tell_made(const Work& work, const std::expected<Node, Status>& made, CreateResults& results) {
    if (made) tell_made(work, *made, results);
    results.status = made ? Status::ok : made.error();
    results.folder = wcc_of(work.nodes[0]);
}

}  // namespace

void create(Work& work, const CreateArguments& arguments, CreateResults& results) {
    const auto made = acts::make_file(work, work.nodes[0], std::string(arguments.place.name),
                                      creation_of(arguments.how), changes_of(arguments.attributes), arguments.verifier);
    if (made) tell_made(work, made->node, results);
    results.status = made ? Status::ok : made.error();
    results.folder = wcc_of(work.nodes[0]);
}

void mkdir(Work& work, const MkdirArguments& arguments, CreateResults& results) {
    const std::string name(arguments.place.name);
    tell_made(work, acts::make_folder(work, work.nodes[0], name, changes_of(arguments.attributes)), results);
}

void symlink(Work& work, const SymlinkArguments& arguments, CreateResults& results) {
    const std::string name(arguments.place.name), text(arguments.text);
    tell_made(work, acts::make_link(work, work.nodes[0], name, text), results);
}

// Devices, sockets and FIFOs are not made.
void mknod(Work& work, const MknodArguments& /*arguments*/, CreateResults& results) {
    results.status = Status::notsupp;
    results.folder = wcc_of(work.nodes[0]);
}

void link(Work& work, const LinkArguments& arguments, LinkResults& results) {
    results.status = acts::make_name(work, work.nodes[0], work.nodes[1], std::string(arguments.to.name));
    results.attributes = attributes_now(work.nodes[0].at.get());
    results.folder = wcc_of(work.nodes[1]);
}

}  // namespace strata::application::nfs::v3::deeds
