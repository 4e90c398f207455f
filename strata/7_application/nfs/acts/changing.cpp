// Names that go, or change (RFC 1813 3.3.12 to 3.3.14; RFC 7530 16.25, 16.27).
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "strata/7_application/files/writing/temporary.hpp"
#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/work/growth.hpp"

namespace strata::application::nfs::acts {
namespace {

// What may be removed, or renamed: others are left alone.
bool may_go(const Looked& seen) noexcept { return seen.is_file() || seen.is_folder() || seen.is_link(); }

std::expected<Looked, Status> find_old(Work& work, const Node& folder, const std::string& name, Status dots) {
    if (!folder.seen.is_folder()) return std::unexpected(Status::notdir);
    const Status named = check_name(work.shared.root, name, dots, Status::noent);
    if (named != Status::ok) return std::unexpected(named);
    if (const Status may = work.may(FileRights::all); may != Status::ok) return std::unexpected(may);
    const auto seen = look_in(folder.at.get(), name);
    if (!seen) return std::unexpected(status_of(seen.error()));
    if (!may_go(*seen)) return std::unexpected(Status::acces);
    return *seen;
}

void note_removed(Work& work, const Node& folder, const Looked& seen, const std::string& name) {
    work.shared.tree.is_gone(seen.id, {folder.seen.id, name});
    if (seen.is_file()) is_removed(work.shared.root, seen.facts.stx_size);
    work.settle_folder(folder);
}

}  // namespace

Status remove_file(Work& work, const Node& folder, const std::string& name) {
    const auto seen = find_old(work, folder, name, Status::inval);
    if (!seen) return seen.error();
    if (seen->is_folder()) return Status::isdir;
    if (::unlinkat(folder.at.get(), name.c_str(), 0) != 0) return status_of_errno();
    note_removed(work, folder, *seen, name);
    return Status::ok;
}

Status remove_folder(Work& work, const Node& folder, const std::string& name) {
    const auto seen = find_old(work, folder, name, name == "." ? Status::inval : Status::exist);
    if (!seen) return seen.error();
    if (!seen->is_folder()) return Status::notdir;
    const auto remove = [&] { return ::unlinkat(folder.at.get(), name.c_str(), AT_REMOVEDIR) == 0; };
    if (!remove()) {
        if (errno != ENOTEMPTY && errno != EEXIST) return status_of_errno();
        // What a server that was killed has left behind keeps no folder.
        const Descriptor inside{
            ::openat(folder.at.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!inside || sweep_temporaries(inside.get()) == 0 || !remove()) return Status::notempty;
    }
    note_removed(work, folder, *seen, name);
    return Status::ok;
}

Status rename_entry(Work& work, const Node& source, const std::string& from, const Node& target,
                    const std::string& to) {
    const auto seen = find_old(work, source, from, Status::inval);
    if (!seen) return seen.error();
    if (!target.seen.is_folder()) return Status::notdir;
    const Status named = check_name(work.shared.root, to, Status::inval, Status::acces);
    if (named != Status::ok) return named;
    const auto there = look_in(target.at.get(), to);
    if (there && !may_go(*there)) return Status::acces;
    // RFC 1813 3.3.14: both must be folders, or neither.
    if (there && there->is_folder() != seen->is_folder()) return Status::exist;
    if (::renameat(source.at.get(), from.c_str(), target.at.get(), to.c_str()) != 0) return status_of_errno();
    work.shared.root.was_renamed();
    // Of two names of one file both stay (rename(2)).
    if (there && !(there->id == seen->id)) note_removed(work, target, *there, to);
    if (!there || !(there->id == seen->id)) work.shared.tree.is_at(seen->id, {target.seen.id, to});
    work.settle_folder(source);
    work.settle_folder(target);
    return Status::ok;
}

}  // namespace strata::application::nfs::acts
