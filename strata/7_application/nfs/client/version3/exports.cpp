#include "strata/7_application/nfs/client/version3/exports.hpp"

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/nfs/mount/message.hpp"

namespace strata::application::nfs::client {

namespace rpc = session::rpc;
using session::asio::awaitable;

namespace {

static_assert(mount_program_number == mount::program_number && mount_version == mount::version);

constexpr std::size_t named_max = 8;  // exports in a sentence

// exports of anybody: longer lists, and more groups, than ours has.
struct AnyExport {
    mount::Path folder;
    xdr::Chain<mount::Name, 4096> groups;
    static void fields(auto& codec, auto& self) { codec(self.folder, self.groups); }
};
using AnyExports = xdr::Chain<AnyExport, 4096>;

// What is tried, in this order.
ExportList to_try(const ExportList& exports, const Path& path, unsigned tries_max) {
    ExportList found;
    for (const Path& one : exports) {
        if (begins_with(path, one)) found.push_back(one);
    }
    std::ranges::sort(found, std::ranges::greater{}, &Path::size);
    const std::size_t least = path.size() + 1 - std::min<std::size_t>(path.size() + 1, tries_max);
    if (found.empty()) {
        for (std::size_t names = path.size() + 1; names-- > least;)
            found.emplace_back(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(names));
    }
    if (found.size() > tries_max) found.resize(tries_max);
    return found;
}

bool leads_higher(mount::Status status) noexcept {
    using enum mount::Status;
    return status == noent || status == notdir || status == acces || status == inval;
}

std::string named(const ExportList& exports) {
    std::string text;
    for (std::size_t i = 0; i < std::min(exports.size(), named_max); ++i)
        text += (i == 0 ? "" : ", ") + printable(text_of_path(exports[i]));
    return exports.size() > named_max ? text + ", ..." : text;
}

[[noreturn]] void refuse(mount::Status status, const ExportList& exports) {
    using enum mount::Status;
    std::string why =
        "the server does not let it be mounted (MNT3ERR " + std::to_string(static_cast<std::uint32_t>(status)) + ")";
    if (status == noent) why = "there is no such folder to mount (MNT3ERR_NOENT)";
    if (status == acces) why = "the server does not let us mount it (MNT3ERR_ACCES)";
    const std::string there = exports.empty() ? "" : ": there are " + named(exports);
    throw Failure(std::move(why), "check the path" + there + "; or let whoever runs the server allow it");
}

void check_flavors(const mount::MountResults& said) {
    constexpr auto ours = mount::MountResults::auth_sys, nobody = mount::MountResults::auth_none;
    const auto& flavors = said.flavors;
    const auto is_possible = [](std::uint32_t flavor) { return flavor == ours || flavor == nobody; };
    if (!flavors.empty() && std::ranges::none_of(flavors, is_possible))
        throw Failure("the server wants Kerberos, or another proof of who calls", "let it allow sec=sys as well");
    if (said.handle.bytes().empty()) throw nonsense("the server mounts a folder without giving a handle of it");
}

}  // namespace

awaitable<ExportList> exports_of(rpc::Client& server, const rpc::CallOptions& calls) {
    const rpc::Target target{mount_program_number, mount_version, mount::Procedure::export_list};
    const xdr::Void nothing;
    const auto called = co_await xdr::call<AnyExports>(server, target, nothing, calls);
    ExportList found;
    for (const AnyExport& one : called.value) found.push_back(path_of_text(one.folder));
    co_return found;
}

awaitable<Session::Mounted> mount_one(rpc::Client& server, const ExportList& exports, const Path& path,
                                      unsigned tries_max, const rpc::CallOptions& calls) {
    const rpc::Target target{mount_program_number, mount_version, mount::Procedure::mnt};
    const ExportList all = to_try(exports, path, tries_max);
    mount::Status why = mount::Status::noent;
    for (const Path& one : all) {
        const std::string text = text_of_path(one);
        const mount::Path folder{std::string_view(text)};
        xdr::Called<mount::MountResults> called;
        try {
            called = co_await xdr::call<mount::MountResults>(server, target, folder, calls);
        } catch (const boost::system::system_error& error) {
            if (error.code() == session::asio::error::operation_aborted) throw;
            throw failure_of(error);
        }
        if (called.value.status == mount::Status::ok) {
            check_flavors(called.value);
            Session::Mounted mounted;
            mounted.folder = one;
            mounted.root = called.value.handle;
            co_return mounted;
        }
        // Of several reasons that it is not allowed is the one to be told.
        if (why != mount::Status::acces) why = called.value.status;
        if (!leads_higher(called.value.status)) break;
    }
    refuse(why, exports);
}

awaitable<void> tell_unmounted(rpc::Client& server, const Path& folder, const rpc::CallOptions& calls) {
    const rpc::Target target{mount_program_number, mount_version, mount::Procedure::umnt};
    const std::string text = text_of_path(folder);
    const mount::Path named_folder{std::string_view(text)};
    (void)co_await xdr::call<xdr::Void>(server, target, named_folder, calls);
}

}  // namespace strata::application::nfs::client
