// FileId: which file it is, whatever its name: the device, the inode, and when that came into
// being, since inodes are used again.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <expected>
#include <string>
#include <system_error>

namespace strata::application::nfs {

struct FileId {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t birth = 0;  // nanoseconds; what else tells generations apart, where there is no such time
    [[nodiscard]] bool operator==(const FileId&) const = default;
};

struct FileIdHash {
    [[nodiscard]] std::size_t operator()(const FileId& id) const noexcept {
        return static_cast<std::size_t>((id.inode * 0x9e37'79b9'7f4a'7c15u) ^ (id.birth >> 7u) ^ id.device);
    }
};

// What is there: links are not followed.
struct Looked {
    FileId id;
    struct statx facts{};
    [[nodiscard]] std::uint32_t kind() const noexcept { return facts.stx_mode & S_IFMT; }
    [[nodiscard]] bool is_folder() const noexcept { return S_ISDIR(facts.stx_mode); }
    [[nodiscard]] bool is_file() const noexcept { return S_ISREG(facts.stx_mode); }
    [[nodiscard]] bool is_link() const noexcept { return S_ISLNK(facts.stx_mode); }
};

// Errors: those of statx(2), as it says them.
[[nodiscard]] std::expected<Looked, std::error_code> look_at(int descriptor);
[[nodiscard]] std::expected<Looked, std::error_code> look_in(int folder, const std::string& name);

}  // namespace strata::application::nfs
