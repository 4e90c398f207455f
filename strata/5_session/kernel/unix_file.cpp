#include "strata/5_session/kernel/unix_file.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "strata/5_session/kernel/address.hpp"

namespace strata::session::kernel {
namespace {

bool has_file(const std::string& path) noexcept { return !path.empty() && !path.starts_with('@'); }

bool is_socket(const std::string& path, struct stat& found) noexcept {
    return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

UnixFile::UnixFile(const std::string& path) {
    struct stat found{};
    if (!has_file(path) || !is_socket(path, found)) return;
    path_ = path;
    device_ = found.st_dev;
    inode_ = found.st_ino;
}

UnixFile::UnixFile(UnixFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

UnixFile& UnixFile::operator=(UnixFile&& other) noexcept {
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
    return *this;
}

void UnixFile::remove() noexcept {
    const std::string path = std::exchange(path_, {});
    struct stat found{};
    if (path.empty() || !is_socket(path, found)) return;
    if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path.c_str());
}

void UnixFile::remove_if_stale(const std::string& path, int socket_type) noexcept {
    struct stat found{};
    if (!has_file(path) || !is_socket(path, found)) return;
    sockaddr_storage address{};
    const std::size_t size = store(UnixPath{path}, AF_UNIX, address);
    if (size == 0) return;
    const int probe = ::socket(AF_UNIX, socket_type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) return;
    const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
    const bool refused = result != 0 && errno == ECONNREFUSED;
    ::close(probe);
    if (refused) ::unlink(path.c_str());
}

}  // namespace strata::session::kernel
