// CREATE, MKDIR, SYMLINK, MKNOD, LINK (RFC 1813 3.3.8 to 3.3.11, 3.3.15).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "strata/7_application/nfs/v3/deeds.hpp"
#include "strata/7_application/nfs/v3/growth.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

// Of exclusive creation, before the client sets it.
constexpr mode_t mode_at_first = 0600, mode_of_files = 0666, mode_of_folders = 0777;

Status check_new(Work& work, const Node& folder, std::string_view name) {
    if (!folder.seen.is_folder()) return Status::notdir;
    if (const Status named = check_name(work.shared.root, name, Status::exist, Status::acces); named != Status::ok)
        return named;
    if (const Status may = work.may(FileRights::add); may != Status::ok) return may;
    return status_of(check_free(work.shared.root, folder.at.get(), 0));
}

// RFC 1813 3.3.8: the verifier is kept in the times, so that it is there after a restart. Without
// the highest bit each half is a time that every file system can keep.
std::array<std::uint32_t, 2> seconds_of(const Verifier& verifier) noexcept {
    return {load_be32(verifier.data()) & 0x7fff'ffffu, load_be32(verifier.data() + 4) & 0x7fff'ffffu};
}
bool was_made_by(const Looked& seen, const Verifier& verifier) noexcept {
    const auto [first, second] = seconds_of(verifier);
    return seen.is_file() && seen.facts.stx_size == 0 && seen.facts.stx_atime.tv_sec == first &&
           seen.facts.stx_mtime.tv_sec == second;
}
NewAttributes attributes_with(const Verifier& verifier) {
    const auto [first, second] = seconds_of(verifier);
    NewAttributes attributes;
    attributes.atime = {NewTime::How::clients, {first, 0}};
    attributes.mtime = {NewTime::How::clients, {second, 0}};
    return attributes;
}

// What is set of something new beside its mode: whose it is was decided.
NewAttributes without_owner(NewAttributes attributes) {
    attributes.uid.reset();
    attributes.gid.reset();
    if (attributes.size == 0u) attributes.size.reset();
    return attributes;
}

// It is there now: tells which it is.
Status tell_made(Work& work, const std::string& name, const NewAttributes& attributes, CreateResults& results) {
    const Node& folder = work.nodes[0];
    auto made = work.shared.tree.open(folder, name);
    if (!made) return status_of(made.error());
    work.shared.created.add(made->seen.id);
    const Status set = apply(work, *made, without_owner(attributes));
    results.object = work.shared.key.seal(made->seen.id);
    results.attributes = attributes_now(made->at.get());
    work.settle_folder(folder);
    return set;
}

// A file of that name is there already.
Status tell_there(Work& work, const std::string& name, const CreateArguments& arguments, CreateResults& results) {
    const auto there = work.shared.tree.open(work.nodes[0], name);
    if (!there) return status_of(there.error());
    const bool is_unchecked = arguments.how == CreateArguments::How::unchecked && there->seen.is_file();
    const bool is_again =
        arguments.how == CreateArguments::How::exclusive && was_made_by(there->seen, arguments.verifier);
    if (!is_unchecked && !is_again) return Status::exist;
    if (is_unchecked && arguments.attributes.size && *arguments.attributes.size != there->seen.facts.stx_size) {
        if (const Status may = work.may_change(*there); may != Status::ok) return may;
        const Status resized = resize(work, *there, *arguments.attributes.size);
        if (resized != Status::ok) return resized;
    }
    results.object = work.shared.key.seal(there->seen.id);
    results.attributes = attributes_now(there->at.get());
    return Status::ok;
}

Status make_file(Work& work, const CreateArguments& arguments, CreateResults& results) {
    const std::string name(arguments.place.name);
    if (const Status may = check_new(work, work.nodes[0], name); may != Status::ok) return may;
    const bool is_exclusive = arguments.how == CreateArguments::How::exclusive;
    constexpr int how = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    const Descriptor made{
        ::openat(work.nodes[0].at.get(), name.c_str(), how, is_exclusive ? mode_at_first : mode_of_files)};
    if (made) {
        const NewAttributes set = is_exclusive ? attributes_with(arguments.verifier) : arguments.attributes;
        return tell_made(work, name, set, results);
    }
    return errno == EEXIST ? tell_there(work, name, arguments, results) : status_of_errno();
}

Status make_folder(Work& work, const MkdirArguments& arguments, CreateResults& results) {
    const std::string name(arguments.place.name);
    if (const Status may = check_new(work, work.nodes[0], name); may != Status::ok) return may;
    if (::mkdirat(work.nodes[0].at.get(), name.c_str(), mode_of_folders) != 0) return status_of_errno();
    NewAttributes attributes = arguments.attributes;
    attributes.size.reset();
    return tell_made(work, name, attributes, results);
}

// The text is kept as it is: it is the client's, and nothing here follows it.
Status make_link(Work& work, const SymlinkArguments& arguments, CreateResults& results) {
    const std::string name(arguments.place.name), text(arguments.text);
    if (const Status may = check_new(work, work.nodes[0], name); may != Status::ok) return may;
    if (text.empty() || text.contains('\0')) return Status::inval;
    if (text.size() >= PATH_MAX) return Status::nametoolong;
    if (::symlinkat(text.c_str(), work.nodes[0].at.get(), name.c_str()) != 0) return status_of_errno();
    return tell_made(work, name, {}, results);
}

Status make_name(Work& work, const LinkArguments& arguments) {
    const Node& node = work.nodes[0];
    const Node& folder = work.nodes[1];
    const std::string name(arguments.to.name);
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

}  // namespace

void create(Work& work, const CreateArguments& arguments, CreateResults& results) {
    results.status = make_file(work, arguments, results);
    results.folder = wcc_of(work.nodes[0]);
}

void mkdir(Work& work, const MkdirArguments& arguments, CreateResults& results) {
    results.status = make_folder(work, arguments, results);
    results.folder = wcc_of(work.nodes[0]);
}

void symlink(Work& work, const SymlinkArguments& arguments, CreateResults& results) {
    results.status = make_link(work, arguments, results);
    results.folder = wcc_of(work.nodes[0]);
}

// Devices, sockets and FIFOs are not made.
void mknod(Work& work, const MknodArguments& /*arguments*/, CreateResults& results) {
    results.status = Status::notsupp;
    results.folder = wcc_of(work.nodes[0]);
}

void link(Work& work, const LinkArguments& arguments, LinkResults& results) {
    results.status = make_name(work, arguments);
    results.attributes = attributes_now(work.nodes[0].at.get());
    results.folder = wcc_of(work.nodes[1]);
}

}  // namespace strata::application::nfs::v3::deeds
