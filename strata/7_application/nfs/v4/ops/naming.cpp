// CREATE, LINK, REMOVE, RENAME (RFC 7530 16.4, 16.9, 16.26, 16.27). Locks and opens are of files,
// not of names: nothing of them is asked here.
#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v4/ops/ops.hpp"

namespace strata::application::nfs::v4::ops {
namespace {

// Where the current filehandle is to be a folder with this entry, or without it.
Status4 check_place(Work& work, std::string_view name) {
    const Status4 seen = work.look_folder();
    if (seen == Status4::symlink) return Status4::notdir;
    return seen == Status4::ok ? check_component(name) : seen;
}

Status4 look_saved(Work& work) {
    if (!work.saved) return Status4::nofilehandle;
    const auto seen = look_at(work.saved->at.get());
    if (!seen) return status4_of(seen.error());
    work.saved->seen = *seen;
    return Status4::ok;
}

Status4 make(Work& work, const CreateArguments& arguments, CreateResults& results) {
    if (const Status4 place = check_place(work, arguments.name); place != Status4::ok) return place;
    const auto wanted = wanted_in(arguments.attributes);
    if (!wanted) return wanted.error();
    // Devices, sockets and FIFOs are not made; files are by OPEN.
    if (arguments.type != Type4::folder && arguments.type != Type4::link) return Status4::badtype;
    const std::string name(arguments.name), text(arguments.link);
    const std::uint64_t before = change_of(work.node().seen);
    auto made = arguments.type == Type4::folder ? acts::make_folder(work, work.node(), name, wanted->changes)
                                                : acts::make_link(work, work.node(), name, text);
    if (!made) return status4_of(made.error());
    results.folder = changed_since(before, work.node());
    // A link has no attributes of its own here; whose it is was decided.
    if (arguments.type == Type4::folder && wanted->changes.mode) add(results.set, Attribute::mode);
    work.current = std::make_shared<Node>(std::move(*made));
    return Status4::ok;
}

Status4 make_other_name(Work& work, const NameArguments& arguments, ChangedResults& results) {
    if (const Status4 saved = look_saved(work); saved != Status4::ok) return saved;
    if (const Status4 place = check_place(work, arguments.name); place != Status4::ok) return place;
    if (work.saved->seen.is_folder()) return Status4::isdir;
    const std::uint64_t before = change_of(work.node().seen);
    const Status status = acts::make_name(work, *work.saved, work.node(), std::string(arguments.name));
    if (status == Status::ok) results.folder = changed_since(before, work.node());
    return status4_of(status);
}

Status4 remove_entry(Work& work, const NameArguments& arguments, ChangedResults& results) {
    if (const Status4 place = check_place(work, arguments.name); place != Status4::ok) return place;
    const std::string name(arguments.name);
    const std::uint64_t before = change_of(work.node().seen);
    const auto seen = look_in(work.node().at.get(), name);
    const Status status = seen && seen->is_folder() ? acts::remove_folder(work, work.node(), name)
                                                    : acts::remove_file(work, work.node(), name);
    if (status == Status::ok) results.folder = changed_since(before, work.node());
    return status4_of(status);
}

Status4 rename_name(Work& work, const RenameArguments& arguments, RenameResults& results) {
    if (const Status4 saved = look_saved(work); saved != Status4::ok) return saved;
    if (!work.saved->seen.is_folder()) return Status4::notdir;
    if (const Status4 place = check_place(work, arguments.to); place != Status4::ok) return place;
    if (const Status4 named = check_component(arguments.from); named != Status4::ok) return named;
    const std::uint64_t before = change_of(work.saved->seen), target_before = change_of(work.node().seen);
    const Status status =
        acts::rename_entry(work, *work.saved, std::string(arguments.from), work.node(), std::string(arguments.to));
    if (status != Status::ok) return status4_of(status);
    results.source = changed_since(before, *work.saved);
    results.target = changed_since(target_before, work.node());
    return Status4::ok;
}

}  // namespace

void create(Work& work, const CreateArguments& arguments, CreateResults& results) {
    results.status = make(work, arguments, results);
}
void link(Work& work, const NameArguments& arguments, ChangedResults& results) {
    results.status = make_other_name(work, arguments, results);
}
void remove(Work& work, const NameArguments& arguments, ChangedResults& results) {
    results.status = remove_entry(work, arguments, results);
}
void rename(Work& work, const RenameArguments& arguments, RenameResults& results) {
    results.status = rename_name(work, arguments, results);
}

}  // namespace strata::application::nfs::v4::ops
