#include "strata/7_application/files/writing/temporary.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/files/file_root.hpp"

namespace strata::application {
namespace {

constexpr unsigned noreplace = 1;  // RENAME_NOREPLACE of renameat2(2)
constexpr int attempts_max = 16;

// By which a file without a name is given one: without a right of its own, AT_EMPTY_PATH needs one.
std::string by_descriptor(int file) { return fmt::format("/proc/self/fd/{}", file); }

bool can_be_linked(int file) {
    struct stat found{};
    return ::stat(by_descriptor(file).c_str(), &found) == 0;
}

bool lock(int file) { return ::flock(file, LOCK_EX | LOCK_NB) == 0; }

// Whoever swept just before it was locked took it for one that was left behind.
bool is_still_there(int file) {
    struct stat found{};
    return ::fstat(file, &found) == 0 && found.st_nlink > 0;
}

std::expected<Temporary, std::error_code> make_named(int folder, mode_t mode) {
    constexpr int how = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        Temporary made{{}, temporary_name()};
        made.file = Descriptor{::openat(folder, made.name.c_str(), how, mode)};
        if (!made.file && errno == EEXIST) continue;
        if (!made.file) return fail_with_errno();
        if (lock(made.file.get()) && is_still_there(made.file.get())) return made;
        ::unlinkat(folder, made.name.c_str(), 0);
    }
    return fail_with(std::errc::file_exists);
}

struct CloseSwept {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};
using Swept = std::unique_ptr<DIR, CloseSwept>;

Swept open_swept(int folder) {
    Descriptor descriptor{::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    Swept opened{descriptor ? ::fdopendir(descriptor.get()) : nullptr};
    if (opened) (void)descriptor.release();  // the directory stream closes it
    return opened;
}

}  // namespace

std::string temporary_name() {
    std::uint64_t number = 0;
    while (::getrandom(&number, sizeof number, 0) != sizeof number) {
    }  // fewer bytes only at a signal
    return fmt::format("{}{:016x}", FileRoot::temporary_prefix, number);
}

std::expected<Temporary, std::error_code> make_temporary(int folder, mode_t mode, bool named) {
    Temporary made;
    if (!named) made.file = Descriptor{::openat(folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, mode)};
    if (made.file && can_be_linked(made.file.get()) && lock(made.file.get())) return made;
    return make_named(folder, mode);
}

std::error_code link_file(int file, int folder, const std::string& name) {
    const bool linked = ::linkat(AT_FDCWD, by_descriptor(file).c_str(), folder, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
    return linked ? std::error_code{} : last_file_error();
}

std::error_code rename_to_new(int from, const std::string& old_name, int to, const std::string& new_name) {
    if (::syscall(SYS_renameat2, from, old_name.c_str(), to, new_name.c_str(), noreplace) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS) return last_file_error();
    // A file system without RENAME_NOREPLACE: link(2) does not replace either, and a folder
    // replaces at most an empty one.
    const auto facts = facts_in(from, old_name);
    if (facts && facts->folder) {
        struct stat found{};
        if (::fstatat(to, new_name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0)
            return file_error(std::errc::file_exists);
        return ::renameat(from, old_name.c_str(), to, new_name.c_str()) == 0 ? std::error_code{} : last_file_error();
    }
    if (::linkat(from, old_name.c_str(), to, new_name.c_str(), 0) != 0) return last_file_error();
    return ::unlinkat(from, old_name.c_str(), 0) == 0 ? std::error_code{} : last_file_error();
}

std::size_t sweep_temporaries(int folder) {
    const Swept opened = open_swept(folder);
    std::size_t swept = 0;
    while (const dirent* found = opened ? ::readdir(opened.get()) : nullptr) {
        const std::string name = found->d_name;
        if (!name.starts_with(FileRoot::temporary_prefix)) continue;
        const Descriptor file{::openat(folder, name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
        if (file && lock(file.get()) && ::unlinkat(folder, name.c_str(), 0) == 0) ++swept;
    }
    return swept;
}

}  // namespace strata::application
