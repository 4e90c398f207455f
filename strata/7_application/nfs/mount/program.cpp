#include "strata/7_application/nfs/mount/program.hpp"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/nfs/handles/hides.hpp"

namespace strata::application::nfs::mount {
namespace {

namespace rpc = session::rpc;
namespace xdr = presentation::xdr;
using rpc::Outcome;
using rpc::Reply;

constexpr std::size_t name_size_max = 255;

std::string host_of(const rpc::Call& call) {
    return call.client.is_unix() ? "localhost" : call.client.endpoint().address.to_string();
}

bool may_hear_much(const rpc::Call& call) {
    return call.transport == rpc::Transport::stream || call.client.is_unix() ||
           call.client.endpoint().address.is_loopback();
}

// What is between the slashes; nothing if a part leads up, or has a NUL.
std::optional<std::vector<std::string>> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part == ".." || part.contains('\0')) return std::nullopt;
        if (!part.empty() && part != ".") parts.emplace_back(part);
    }
    return parts;
}

std::string path_of(const std::vector<std::string>& parts) {
    std::string path;
    for (const std::string& part : parts) path += "/" + part;
    return path.empty() ? "/" : path;
}

Status mount_status_of(const std::error_code& error) noexcept {
    switch (error.value()) {
        case EPERM: return Status::perm;
        case ENOENT: return Status::noent;
        case EACCES: return Status::acces;
        case ENOTDIR: return Status::notdir;
        case ENAMETOOLONG: return Status::nametoolong;
        default: return Status::io;
    }
}

// Name by name: a link, and whatever else is no folder, leads nowhere.
std::expected<FileId, Status> find_folder(Shared& shared, const std::vector<std::string>& parts) {
    auto at = shared.tree.open_root();
    for (const std::string& part : parts) {
        if (part.size() > name_size_max) return std::unexpected(Status::nametoolong);
        if (hides(shared.root, part)) return std::unexpected(Status::noent);
        if (at) at = shared.tree.open(*at, part);
        if (at && !at->seen.is_folder()) return std::unexpected(Status::notdir);
    }
    if (!at) return std::unexpected(mount_status_of(at.error()));
    return at->seen.id;
}

}  // namespace

session::asio::awaitable<Reply> Mount3::handle(const Call& call) {
    switch (call.target.procedure) {
        case Procedure::mnt: co_return mount(call);
        case Procedure::dump: co_return tell_mounts(call);
        case Procedure::umnt: co_return unmount(call);
        case Procedure::umntall: co_return unmount_all(call);
        case Procedure::export_list: co_return tell_exports(call);
        default: co_return Reply::refused(Outcome::procedure_unavailable);
    }
}

Reply Mount3::mount(const Call& call) {
    const auto path = xdr::arguments_of<Path>(call);
    if (!path) return Reply::refused(Outcome::garbage_arguments);
    MountResults results;
    const auto parts = parts_of(*path);
    const auto found = parts ? find_folder(*shared_, *parts) : std::unexpected(Status::acces);
    if (shared_->options.log) shared_->options.log({call.client, std::string(*path), found.has_value()});
    if (!found) {
        results.status = found.error();
        return xdr::reply_of(call, results);
    }
    results.handle = shared_->key.seal(*found);
    // Whoever calls is believed nothing, and may say nothing as well.
    results.flavors = {MountResults::auth_sys, MountResults::auth_none};
    shared_->mounts.add({host_of(call), path_of(*parts)});
    return xdr::reply_of(call, results);
}

Reply Mount3::unmount(const Call& call) {
    const auto path = xdr::arguments_of<Path>(call);
    if (!path) return Reply::refused(Outcome::garbage_arguments);
    if (const auto parts = parts_of(*path)) shared_->mounts.remove({host_of(call), path_of(*parts)});
    return xdr::reply_of(call, xdr::Void{});
}

Reply Mount3::unmount_all(const Call& call) {
    if (!call.arguments.empty()) return Reply::refused(Outcome::garbage_arguments);
    shared_->mounts.remove_all_of(host_of(call));
    return xdr::reply_of(call, xdr::Void{});
}

Reply Mount3::tell_mounts(const Call& call) const {
    if (!call.arguments.empty()) return Reply::refused(Outcome::garbage_arguments);
    if (!may_hear_much(call)) return Reply::refused(Outcome::procedure_unavailable);
    MountList list;
    for (const Mount& one : shared_->mounts.all())
        list.push_back({std::string_view(one.host), std::string_view(one.folder)});
    return xdr::reply_of(call, list);
}

Reply Mount3::tell_exports(const Call& call) {
    if (!call.arguments.empty()) return Reply::refused(Outcome::garbage_arguments);
    const Exports exports{Export{"/", {}}};
    return xdr::reply_of(call, exports);
}

}  // namespace strata::application::nfs::mount
