// UnixFile: the file that a bound Unix socket leaves in the file system, and which nobody else
// removes. The acceptors and datagram sockets of kernel/ own one.
#pragma once

#include <cstdint>
#include <string>

namespace strata::session::kernel {

class UnixFile {
public:
    UnixFile() = default;  // of none
    // Of the socket that was just bound to the path. An abstract ('@') or empty path has no file.
    explicit UnixFile(const std::string& path);
    UnixFile(UnixFile&& other) noexcept;
    UnixFile& operator=(UnixFile&& other) noexcept;
    ~UnixFile() { remove(); }

    // Removes the file, if it is still the one that we made.
    void remove() noexcept;

    // Removes a socket file that a program left behind: nobody answers on it. Anything else stays,
    // and bind(2) will say that the address is in use.
    static void remove_if_stale(const std::string& path, int socket_type) noexcept;

private:
    std::string path_;
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0;
};

}  // namespace strata::session::kernel
