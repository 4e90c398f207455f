// Which file is meant: PUTROOTFH, PUTPUBFH, PUTFH, GETFH, SAVEFH, RESTOREFH, LOOKUP, LOOKUPP,
// SECINFO, OPENATTR (RFC 7530 16.8, 16.13, 16.14, 16.17, 16.20 to 16.22, 16.29 to 16.31).
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

std::expected<Node, Status4> find_entry(Work& work, std::string_view component) {
    if (const Status4 seen = work.look_folder(); seen != Status4::ok) return std::unexpected(seen);
    if (const Status4 named = check_component(component); named != Status4::ok) return std::unexpected(named);
    const std::string name(component);
    if (work.shared.root.hides(name)) return std::unexpected(Status4::noent);
    auto found = work.shared.tree.open(work.node(), name);
    if (!found) return std::unexpected(status4_of(found.error()));
    return std::move(*found);
}

}  // namespace

void putrootfh(Work& work, const None& /*arguments*/, Ended& results) {
    auto root = work.shared.tree.open_root();
    if (!root) {
        results.status = status4_of(root.error());
        return;
    }
    work.current = std::make_shared<Node>(std::move(*root));
}

// It was found before, or `results` says why not.
void putfh(Work& /*work*/, const PutfhArguments& /*arguments*/, Ended& /*results*/) {}

void getfh(Work& work, const None& /*arguments*/, GetfhResults& results) {
    results.status = work.look();
    if (results.status == Status4::ok) results.object = work.shared.key.seal(work.node().seen.id);
}

void savefh(Work& work, const None& /*arguments*/, Ended& results) {
    results.status = work.look();
    if (results.status == Status4::ok) work.saved = work.current;
}

void restorefh(Work& work, const None& /*arguments*/, Ended& results) {
    if (!work.saved) results.status = Status4::restorefh;
    if (work.saved) work.current = work.saved;
}

void lookup(Work& work, const NameArguments& arguments, Ended& results) {
    auto found = find_entry(work, arguments.name);
    results.status = found ? Status4::ok : found.error();
    if (found) work.current = std::make_shared<Node>(std::move(*found));
}

void lookupp(Work& work, const None& /*arguments*/, Ended& results) {
    results.status = work.look_folder();
    if (results.status != Status4::ok) return;
    const auto root = work.shared.tree.open_root();
    const bool is_root = root && root->seen.id == work.node().seen.id;
    auto parent = work.shared.tree.open_parent(work.node());
    if (is_root || !parent) results.status = Status4::noent;
    if (results.status == Status4::ok) work.current = std::make_shared<Node>(std::move(*parent));
}

// Whoever calls is believed nothing, and may say nothing as well.
void secinfo(Work& work, const NameArguments& arguments, SecinfoResults& results) {
    constexpr std::uint32_t auth_none = 0, auth_sys = 1;
    const auto found = find_entry(work, arguments.name);
    results.status = found ? Status4::ok : found.error();
    results.flavors = {auth_sys, auth_none};
}

void openattr(Work& work, const OpenattrArguments& /*arguments*/, Ended& results) {
    results.status = work.look();
    if (results.status == Status4::ok) results.status = Status4::notsupp;
}

}  // namespace strata::application::nfs::v4::ops
