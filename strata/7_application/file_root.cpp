#include "strata/7_application/file_root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>

namespace strata::application {
namespace {

std::unexpected<std::error_code> fail_with(std::errc error) { return std::unexpected(std::make_error_code(error)); }

std::unexpected<std::error_code> fail_with_errno() {
    // EXDEV: a step led outside. ELOOP: too many links, or a magic one. ENXIO: a socket, or a FIFO.
    if (errno == EXDEV || errno == ELOOP || errno == ENXIO) return fail_with(std::errc::permission_denied);
    if (errno == ENOTDIR) return fail_with(std::errc::no_such_file_or_directory);  // "file/more"
    return std::unexpected(std::error_code(errno, std::generic_category()));
}

std::expected<FileFacts, std::error_code> facts_of(int descriptor) {
    struct stat found{};
    if (::fstat(descriptor, &found) != 0) return fail_with_errno();
    if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return fail_with(std::errc::permission_denied);
    FileFacts facts;
    facts.folder = S_ISDIR(found.st_mode);
    facts.size = facts.folder ? 0 : static_cast<std::uint64_t>(found.st_size);
    facts.inode = found.st_ino;
    facts.modified = std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::seconds(found.st_mtim.tv_sec) +
                                                                     std::chrono::nanoseconds(found.st_mtim.tv_nsec));
    return facts;
}

bool has_part(std::string_view name, std::string_view part) {
    for (;;) {
        const std::size_t slash = name.find('/');
        if (name.substr(0, slash) == part) return true;
        if (slash == std::string_view::npos) return false;
        name.remove_prefix(slash + 1);
    }
}

std::error_code check_name(std::string_view name) {
    if (name.starts_with('/') || name.find('\0') != std::string_view::npos) {
        return std::make_error_code(std::errc::invalid_argument);
    }
    if (name.size() > FileRoot::name_size_max) return std::make_error_code(std::errc::filename_too_long);
    // "a/../b" stays inside and the kernel would allow it; but no honest client needs it.
    if (has_part(name, "..")) return std::make_error_code(std::errc::permission_denied);
    return {};
}

std::expected<Descriptor, std::error_code> open_beneath(int folder, const std::string& name, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY));
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: something was renamed meanwhile and the kernel could not be sure (openat2(2)).
    constexpr int attempts_max = 16;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        const long descriptor = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
        if (descriptor >= 0) return Descriptor{static_cast<int>(descriptor)};
        if (errno != EAGAIN && errno != EINTR) break;
    }
    return fail_with_errno();
}

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};

}  // namespace

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

std::expected<std::size_t, std::error_code> OpenFile::read(std::uint64_t offset, MutableBytes buffer) const {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count =
            ::pread(descriptor_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_with_errno();
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

std::expected<FileRoot, std::error_code> FileRoot::open(const std::string& folder) {
    Descriptor descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!descriptor) return std::unexpected(std::error_code(errno, std::generic_category()));
    return FileRoot{std::move(descriptor), folder};
}

std::expected<OpenFile, std::error_code> FileRoot::open_file(std::string_view name) const {
    if (const std::error_code wrong = check_name(name)) return std::unexpected(wrong);
    const std::string path = name.empty() ? "." : std::string(name);
    // First a look that opens nothing: opening a device can do things to it, opening a FIFO wakes its writer.
    const auto place = open_beneath(descriptor_.get(), path, O_PATH);
    if (!place) return std::unexpected(place.error());
    const auto looked = facts_of(place->get());
    if (!looked) return std::unexpected(looked.error());
    auto descriptor = open_beneath(descriptor_.get(), path, O_RDONLY);
    if (!descriptor) return std::unexpected(descriptor.error());
    const auto facts = facts_of(descriptor->get());
    if (!facts) return std::unexpected(facts.error());
    return OpenFile{std::move(*descriptor), *facts};
}

std::expected<FileRoot::Listing, std::error_code> FileRoot::list(const OpenFile& folder, std::string_view name) const {
    if (const std::error_code wrong = check_name(name)) return std::unexpected(wrong);
    Descriptor own{::openat(folder.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!own) return fail_with_errno();
    const std::unique_ptr<DIR, CloseFolder> directory{::fdopendir(own.get())};
    if (!directory) return fail_with_errno();
    (void)own.release();  // the directory stream closes it
    const std::string prefix = name.empty() ? "" : std::string(name) + "/";
    Listing listing;
    while (const dirent* found = ::readdir(directory.get())) {
        const std::string entry = found->d_name;
        if (entry == "." || entry == "..") continue;
        if (listing.entries.size() == listing_max) {
            listing.cut = true;
            break;
        }
        const auto place = open_beneath(descriptor_.get(), prefix + entry, O_PATH);
        if (!place) continue;
        const auto facts = facts_of(place->get());
        if (facts) listing.entries.push_back({entry, *facts});
    }
    std::ranges::sort(listing.entries, {}, [](const FolderEntry& e) { return std::tuple(!e.facts.folder, e.name); });
    return listing;
}

}  // namespace strata::application
