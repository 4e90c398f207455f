#include "strata/7_application/nfs/work/work.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <limits>

#include "strata/7_application/nfs/handles/hides.hpp"
#include "strata/7_application/nfs/work/growth.hpp"

namespace strata::application::nfs {
namespace {

timespec timespec_of(const TimeChange& time) noexcept {
    switch (time.how) {
        case NewTime::How::servers: return {0, UTIME_NOW};
        case NewTime::How::clients: return {static_cast<time_t>(time.seconds), time.nanoseconds};
        case NewTime::How::keep: break;
    }
    return {0, UTIME_OMIT};
}

bool is_a_time(const TimeChange& time) noexcept {
    return time.how != NewTime::How::clients || time.nanoseconds < 1'000'000'000;
}

Status set_mode(const Node& node, std::uint32_t mode) {
    // Nobody is given the rights of who serves it: of the mode the lower nine bits alone.
    return ::fchmodat(AT_FDCWD, name_of(node).c_str(), mode & 0777u, 0) == 0 ? Status::ok : status_of_errno();
}

Status set_owner(const Node& node, const Changes& changes) {
    constexpr auto same = std::uint32_t(-1);
    return ::fchownat(node.at.get(), "", changes.uid.value_or(same), changes.gid.value_or(same), AT_EMPTY_PATH) == 0
               ? Status::ok
               : status_of_errno();
}

Status set_times(const Node& node, const TimeChange& accessed, const TimeChange& modified) {
    const std::array<timespec, 2> times{timespec_of(accessed), timespec_of(modified)};
    return ::utimensat(AT_FDCWD, name_of(node).c_str(), times.data(), 0) == 0 ? Status::ok : status_of_errno();
}

}  // namespace

Status Work::may(FileRights needed) const noexcept {
    if (shared.root.rights() == FileRights::read) return Status::rofs;
    return shared.root.rights() < needed ? Status::acces : Status::ok;
}

Status Work::may_change(const Node& node) const noexcept {
    const Status all = may(FileRights::all);
    return all == Status::acces && shared.created.contains(node.seen.id) ? Status::ok : all;
}

void Work::settle(Descriptor file, bool data_alone) {
    if (shared.options.sync && file) settling.push_back({std::move(file), data_alone});
}

void Work::settle_folder(const Node& folder) {
    const ActingAsServer server(caller);
    settle(Descriptor{::openat(folder.at.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)});
}

void Work::settle_file(const Node& file) {
    const ActingAsServer server(caller);
    auto opened = reopen(file, O_RDONLY);
    if (!opened) opened = reopen(file, O_WRONLY);
    if (opened) settle(std::move(*opened));
}

std::expected<Descriptor, std::error_code> reopen_for(const Work& work, const Node& node, int flags) {
    auto opened = reopen(node, flags);
    if (opened || opened.error().value() != EACCES || !work.is_owner_of(node)) return opened;
    const ActingAsServer server(work.caller);
    return reopen(node, flags);
}

std::string name_of(const Node& node) { return "/proc/self/fd/" + std::to_string(node.at.get()); }

std::expected<Descriptor, std::error_code> reopen(const Node& node, int flags) {
    if (!node.seen.is_file() && !node.seen.is_folder())
        return std::unexpected(std::make_error_code(std::errc::invalid_argument));
    Descriptor opened{::open(name_of(node).c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!opened) return std::unexpected(std::error_code(errno, std::generic_category()));
    return opened;
}

Status check_name(const FileRoot& root, std::string_view name, Status dots, Status hidden) {
    if (name.empty()) return Status::acces;
    if (name.size() > name_size_max) return Status::nametoolong;
    if (name.find('/') != std::string_view::npos || name.find('\0') != std::string_view::npos) return Status::inval;
    if (name == "." || name == "..") return dots;
    return hides(root, name) ? hidden : Status::ok;
}

Status resize(Work& work, const Node& node, std::uint64_t size) {
    if (node.seen.is_folder()) return Status::isdir;
    if (!node.seen.is_file()) return Status::inval;
    if (size > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return Status::fbig;
    Growth growth(work.shared.root, node.seen.facts.stx_size);
    // What makes room is done on a full disk above all.
    if (size > node.seen.facts.stx_size) {
        if (const std::error_code full = growth.to(size, 0, node.at.get())) return status_of(full);
    }
    auto file = reopen_for(work, node, O_WRONLY);
    if (!file) return status_of(file.error());
    if (::ftruncate(file->get(), static_cast<off_t>(size)) != 0)
        return errno == EINVAL ? Status::fbig : status_of_errno();
    growth.is(size);
    work.settle(std::move(*file));
    return Status::ok;
}

Changes changes_of(const NewAttributes& attributes) noexcept {
    const auto time_of = [](const NewTime& time) {
        return TimeChange{time.how, time.time.seconds, time.time.nanoseconds};
    };
    return {attributes.mode,           attributes.uid,           attributes.gid, attributes.size,
            time_of(attributes.atime), time_of(attributes.mtime)};
}

Status apply(Work& work, const Node& node, const Changes& changes) {
    const struct statx& facts = node.seen.facts;
    const bool owner_changes =
        changes.uid.value_or(facts.stx_uid) != facts.stx_uid || changes.gid.value_or(facts.stx_gid) != facts.stx_gid;
    if (owner_changes && !work.caller) return Status::perm;
    if (!is_a_time(changes.accessed) || !is_a_time(changes.modified)) return Status::inval;
    if (changes.size) {
        if (const Status status = resize(work, node, *changes.size); status != Status::ok) return status;
    }
    if (owner_changes) {
        if (const Status status = set_owner(node, changes); status != Status::ok) return status;
    }
    if (changes.mode) {
        if (const Status status = set_mode(node, *changes.mode); status != Status::ok) return status;
    }
    if (changes.accessed.how == NewTime::How::keep && changes.modified.how == NewTime::How::keep) return Status::ok;
    return set_times(node, changes.accessed, changes.modified);
}

}  // namespace strata::application::nfs
