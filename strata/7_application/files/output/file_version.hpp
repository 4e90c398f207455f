// FileVersion: what a server says of a file's version, by which a
// part is known to be of the same one (RFC 9110 8.8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace strata::application {

// Empty: it said nothing.
struct FileVersion {
    std::string etag;           // strong ones only
    std::string last_modified;  // as the server writes it
    std::optional<std::uint64_t> total;
    [[nodiscard]] bool known() const noexcept { return !etag.empty() || !last_modified.empty(); }
    friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

// Kept in a file of three lines. False: it could not be written whole, and then it is not there.
[[nodiscard]] bool save_version(const std::string& path, const FileVersion& version);
// Whatever may be there: what is not known for a version of ours
// is one of which nothing is known.
[[nodiscard]] FileVersion load_version(const std::string& path);

}  // namespace strata::application
