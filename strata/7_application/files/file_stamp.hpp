// FileStamp: which version of a file there is, for who reads it again when it changes.
#pragma once

#include <cstdint>
#include <string>

namespace strata::application {

// What tells one version of a file from another.
struct FileStamp {
    bool there = false;
    std::int64_t modified = 0, changed = 0;  // nanoseconds
    std::uint64_t size = 0, inode = 0;
    [[nodiscard]] bool operator==(const FileStamp&) const = default;
};
[[nodiscard]] FileStamp stamp_of(const std::string& path);

}  // namespace strata::application
