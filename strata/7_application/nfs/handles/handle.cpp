#include "strata/7_application/nfs/handles/handle.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "strata/7_application/files/descriptor.hpp"
#include "strata/7_application/files/file_error.hpp"

namespace strata::application::nfs {
namespace {

constexpr std::size_t id_size = 24, code_size = 16, sealed_size = id_size + code_size;

std::unexpected<std::error_code> key_error() {
    return std::unexpected(std::error_code(errno, std::generic_category()));
}

std::expected<HandleKey, std::error_code> read_key(const Descriptor& file) {
    struct stat found{};
    if (::fstat(file.get(), &found) != 0) return key_error();
    if (found.st_uid != ::geteuid() || (found.st_mode & 077u) != 0) return fail_with(std::errc::permission_denied);
    HandleKey::Secret secret{};
    const bool whole = S_ISREG(found.st_mode) && found.st_size == static_cast<off_t>(secret.size()) &&
                       ::pread(file.get(), secret.data(), secret.size(), 0) == static_cast<ssize_t>(secret.size());
    if (!whole) return fail_with(std::errc::invalid_argument);
    return HandleKey(secret);
}

std::expected<HandleKey, std::error_code> make_key(const Descriptor& file) {
    HandleKey::Secret secret{};
    if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) return key_error();
    if (::write(file.get(), secret.data(), secret.size()) != static_cast<ssize_t>(secret.size()) ||
        ::fsync(file.get()) != 0)
        return key_error();
    return HandleKey(secret);
}

}  // namespace

HandleKey::HandleKey(const Secret& secret) noexcept {
    for (std::size_t i = 0; i < 4; ++i)
        keys_.at(i / 2).words.at(i % 2) = load_big_endian<std::uint64_t>(secret.data() + 8 * i);
}

HandleKey HandleKey::random(Entropy& entropy) {
    Secret secret{};
    entropy.fill(secret);
    return HandleKey(secret);
}

std::expected<HandleKey, std::error_code> HandleKey::kept_in(const std::string& path) {
    const Descriptor made{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (made) {
        auto key = make_key(made);
        if (!key) ::unlink(path.c_str());
        return key;
    }
    if (errno != EEXIST) return key_error();
    const Descriptor there{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (!there) return key_error();
    return read_key(there);
}

Handle HandleKey::seal(const FileId& id) const noexcept {
    std::array<std::byte, sealed_size> sealed{};
    store_big_endian(sealed.data(), id.device);
    store_big_endian(sealed.data() + 8, id.inode);
    store_big_endian(sealed.data() + 16, id.birth);
    const Bytes signed_bytes = Bytes(sealed).first(id_size);
    store_big_endian(sealed.data() + id_size, siphash(keys_[0], signed_bytes));
    store_big_endian(sealed.data() + id_size + 8, siphash(keys_[1], signed_bytes));
    return Handle(sealed);
}

std::optional<FileId> HandleKey::open(const Handle& handle) const noexcept {
    const Bytes bytes = handle.bytes();
    if (bytes.size() != sealed_size) return std::nullopt;
    const Bytes signed_bytes = bytes.first(id_size);
    // In one go: how much of it is right is told to nobody by the time it takes.
    const std::uint64_t wrong =
        (load_big_endian<std::uint64_t>(bytes.data() + id_size) ^ siphash(keys_[0], signed_bytes)) |
        (load_big_endian<std::uint64_t>(bytes.data() + id_size + 8) ^ siphash(keys_[1], signed_bytes));
    if (wrong != 0) return std::nullopt;
    return FileId{load_big_endian<std::uint64_t>(bytes.data()), load_big_endian<std::uint64_t>(bytes.data() + 8),
                  load_big_endian<std::uint64_t>(bytes.data() + 16)};
}

}  // namespace strata::application::nfs
