// Files, folders, links and names that are made (RFC 1813 3.3.8 to
// 3.3.11, 3.3.15; RFC 7530 16.4, 16.9, 16.16).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/work/growth.hpp"

namespace strata::application::nfs::acts {
namespace {

// Of exclusive creation, before the client sets it.
constexpr mode_t mode_at_first = 0600, mode_of_files = 0666, mode_of_folders = 0777;

Status check_place(const Work& work, const Node& folder, std::string_view name) {
    if (!folder.seen.is_folder()) return Status::notdir;
    if (const Status named = check_name(work.shared.root, name, Status::exist, Status::acces); named != Status::ok)
        return named;
    return work.may(FileRights::add);
}
Status check_new(const Work& work, const Node& folder, std::string_view name) {
    if (const Status may = check_place(work, folder, name); may != Status::ok) return may;
    return status_of(check_free(work.shared.root, folder.at.get(), 0));
}

// RFC 1813 3.3.8: the verifier is kept in the times, so that it is there after a restart. Without
// the highest bit each half is a time that every file system can keep.
std::array<std::uint32_t, 2> seconds_of(const CreationVerifier& verifier) noexcept {
    return {load_be32(verifier.data()) & 0x7fff'ffffu, load_be32(verifier.data() + 4) & 0x7fff'ffffu};
}
bool was_made_by(const Looked& seen, const CreationVerifier& verifier) noexcept {
    const auto [first, second] = seconds_of(verifier);
    return seen.is_file() && seen.facts.stx_size == 0 && seen.facts.stx_atime.tv_sec == first &&
           seen.facts.stx_mtime.tv_sec == second;
}
Changes changes_with(const CreationVerifier& verifier) {
    const auto [first, second] = seconds_of(verifier);
    Changes changes;
    changes.accessed = {NewTime::How::clients, first, 0};
    changes.modified = {NewTime::How::clients, second, 0};
    return changes;
}

// What is set of something new beside its mode: whose it is was decided.
Changes without_owner(Changes changes) {
    changes.uid.reset();
    changes.gid.reset();
    if (changes.size == 0u) changes.size.reset();
    return changes;
}

// It is there now: which it is.
std::expected<Node, Status> find_made(Work& work, const Node& folder, const std::string& name, const Changes& changes) {
    auto made = work.shared.tree.open(folder, name);
    if (!made) return std::unexpected(status_of(made.error()));
    work.shared.created.add(made->seen.id);
    const Status set = apply(work, *made, without_owner(changes));
    work.settle_folder(folder);
    if (set != Status::ok) return std::unexpected(set);
    return std::move(*made);
}

// A file of that name is there already.
std::expected<Made, Status> find_there(Work& work, const Node& folder, const std::string& name, Creation how,
                                       const Changes& changes, const CreationVerifier& verifier) {
    auto there = work.shared.tree.open(folder, name);
    if (!there) return std::unexpected(status_of(there.error()));
    const bool is_unchecked = how == Creation::unchecked && there->seen.is_file();
    const bool is_again = how == Creation::exclusive && was_made_by(there->seen, verifier);
    if (!is_unchecked && !is_again) return std::unexpected(Status::exist);
    if (is_unchecked && changes.size && *changes.size != there->seen.facts.stx_size) {
        if (const Status may = work.may_change(*there); may != Status::ok) return std::unexpected(may);
        const Status resized = resize(work, *there, *changes.size);
        if (resized != Status::ok) return std::unexpected(resized);
    }
    return Made{std::move(*there), false};
}

}  // namespace

std::expected<Made, Status> make_file(Work& work, const Node& folder, const std::string& name, Creation how,
                                      const Changes& changes, const CreationVerifier& verifier) {
    if (const Status may = check_place(work, folder, name); may != Status::ok) return std::unexpected(may);
    if (const std::error_code full = check_free(work.shared.root, folder.at.get(), 0)) {
        // One that is there needs no room: it may be opened, and made shorter.
        if (!look_in(folder.at.get(), name)) return std::unexpected(status_of(full));
        return find_there(work, folder, name, how, changes, verifier);
    }
    const bool is_exclusive = how == Creation::exclusive;
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const Descriptor made{::openat(folder.at.get(), name.c_str(), flags, is_exclusive ? mode_at_first : mode_of_files)};
    if (!made && errno != EEXIST) return std::unexpected(status_of_errno());
    if (!made) return find_there(work, folder, name, how, changes, verifier);
    auto node = find_made(work, folder, name, is_exclusive ? changes_with(verifier) : changes);
    if (!node) return std::unexpected(node.error());
    return Made{std::move(*node), true};
}

std::expected<Node, Status> make_folder(Work& work, const Node& folder, const std::string& name, Changes changes) {
    if (const Status may = check_new(work, folder, name); may != Status::ok) return std::unexpected(may);
    if (::mkdirat(folder.at.get(), name.c_str(), mode_of_folders) != 0) return std::unexpected(status_of_errno());
    changes.size.reset();
    return find_made(work, folder, name, changes);
}

std::expected<Node, Status> make_link(Work& work, const Node& folder, const std::string& name,
                                      const std::string& text) {
    if (const Status may = check_new(work, folder, name); may != Status::ok) return std::unexpected(may);
    if (text.empty() || text.contains('\0')) return std::unexpected(Status::inval);
    if (text.size() >= PATH_MAX) return std::unexpected(Status::nametoolong);
    if (::symlinkat(text.c_str(), folder.at.get(), name.c_str()) != 0) return std::unexpected(status_of_errno());
    return find_made(work, folder, name, {});
}

Status make_name(Work& work, const Node& node, const Node& folder, const std::string& name) {
    if (const Status may = check_new(work, folder, name); may != Status::ok) return may;
    if (!node.seen.is_file() && !node.seen.is_link()) return Status::inval;
    const std::uint64_t size = node.seen.is_file() ? node.seen.facts.stx_size : 0;
    Growth growth(work.shared.root, 0);
    if (const std::error_code full = growth.to(size, 0, folder.at.get())) return status_of(full);
    if (::linkat(AT_FDCWD, name_of(node).c_str(), folder.at.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0)
        return status_of_errno();
    growth.is(size);
    work.settle_folder(folder);
    return Status::ok;
}

}  // namespace strata::application::nfs::acts
