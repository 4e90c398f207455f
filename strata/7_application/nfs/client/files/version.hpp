// What is compared to know a file, and a version of it.
#pragma once

#include "strata/7_application/files/output/file_version.hpp"
#include "strata/7_application/nfs/client/files/walking.hpp"

namespace strata::application::nfs::client {

// By file system, number, length, and when it was changed (mtime, ctime; of version 4 the attribute
// change, see Found). Reading changes none.
[[nodiscard]] FileVersion version_of(const Attributes& attributes);
[[nodiscard]] inline std::chrono::sys_seconds date_of(const Attributes& attributes) {
    return std::chrono::sys_seconds(std::chrono::seconds(attributes.mtime.seconds));
}
// Of the same file, as version_of() would say.
[[nodiscard]] bool is_same_version(const Attributes& one, const Attributes& another) noexcept;
// A regular file, of a length that there can be. Throws Failure.
void check_is_file(const Found& found);

}  // namespace strata::application::nfs::client
