#include "strata/7_application/files/output/output_target.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string_view>
#include <utility>

#include "strata/6_presentation/digest.hpp"
#include "strata/7_application/files/output/output_error.hpp"

namespace strata::application {
namespace {

constexpr int links_max = 40;  // as the kernel has it

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// A name for a descriptor that somebody has opened, of whatever kind.
bool names_a_descriptor(std::string_view path) noexcept {
    return path.starts_with("/proc/") || path.starts_with("/dev/fd/");
}

// Where the links lead, the last of which may name what does not exist.
std::string behind_links(std::string path) {
    const std::string given = path;
    for (int links = 0; links <= links_max; ++links) {
        std::array<char, PATH_MAX> to{};
        const ssize_t size = names_a_descriptor(path) ? -1 : ::readlink(path.c_str(), to.data(), to.size());
        if (size < 0) return path;
        const std::string_view target(to.data(), static_cast<std::size_t>(size));
        path = (target.starts_with('/') ? "" : folder_of(path)) + std::string(target);
    }
    refuse("cannot write " + given, ELOOP);
}

Descriptor opened(const std::string& path, int how) {
    Descriptor descriptor{::open(path.c_str(), how | O_CLOEXEC | O_NOCTTY)};
    if (!descriptor) refuse("cannot write into " + path, errno);
    return descriptor;
}

OutputTarget stream(const std::string& path, const struct stat& found, const OutputOptions& options) {
    if (S_ISSOCK(found.st_mode)) throw OutputError(path + " is a socket; name a file with -o");
    if (S_ISBLK(found.st_mode) && !options.force)
        throw OutputError(path + " is a block device; add --force to write onto it, or -o for another name");
    if (options.resume)
        throw OutputError(path + " is no file: what was written there cannot be continued; leave --resume out");
    return {OutputTarget::Kind::stream, path, opened(path, O_WRONLY), {}};
}

}  // namespace

std::string part_of(const std::string& path) {
    constexpr std::size_t stem_max = 255 - std::string_view(".part.sections.new").size();
    const std::string folder = folder_of(path);
    const std::string name = path.substr(folder.size());
    if (name.size() <= stem_max) return path + ".part";
    presentation::Sha256 sha256;
    sha256.add(bytes_of(name));
    const std::string mark = std::string("~").append(sha256.finish(), 0, 16);
    std::size_t kept = stem_max - mark.size();
    while (kept > 0 && (static_cast<unsigned char>(name[kept]) & 0xc0) == 0x80) --kept;  // no half of a character
    return folder + name.substr(0, kept) + mark + ".part";
}

OutputTarget find_target(const std::string& given, const OutputOptions& options) {
    if (given == "-") {
        OutputTarget target{OutputTarget::Kind::stream, given, Descriptor{::dup(STDOUT_FILENO)}, {}};
        if (!target.descriptor) refuse("cannot write to standard output", errno);
        return target;
    }
    const std::string path = behind_links(given);
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) {
        if (errno != ENOENT) refuse("cannot write " + given, errno);
        return {OutputTarget::Kind::file, path, {}, {}};
    }
    if (S_ISDIR(found.st_mode)) throw OutputError(given + " is a folder; name a file with -o");
    if (!S_ISREG(found.st_mode) || names_a_descriptor(path)) return stream(path, found, options);
    if (options.force) return {OutputTarget::Kind::file, path, {}, found};
    struct stat part{};
    if (!options.resume || ::lstat(part_of(path).c_str(), &part) == 0)
        throw OutputError(given + " exists already; add --force to replace it, or -o for another name");
    return {OutputTarget::Kind::finished, path, opened(path, O_RDONLY), {}};
}

}  // namespace strata::application
