// FileRoot: the one folder that a server serves, and that no name leads out of.
//
// Names are looked up by openat2(2) with RESOLVE_BENEATH: the kernel itself refuses every step outside, by "..", by an absolute name
// or by a link, however the tree changes meanwhile. Only regular files and folders are opened. Called by http and fetch.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/descriptor.hpp"

namespace strata::application {

struct FileFacts {
    bool folder = false;
    std::uint64_t size = 0;  // 0 for a folder
    std::uint64_t inode = 0;
    std::chrono::sys_time<std::chrono::nanoseconds> modified;
};

// An open file or folder.
class OpenFile {
public:
    OpenFile(Descriptor descriptor, const FileFacts& facts) : descriptor_(std::move(descriptor)), facts_(facts) {}
    // As they were when it was opened.
    [[nodiscard]] const FileFacts& facts() const noexcept { return facts_; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
    // Fills the buffer from `offset` on; less only at the end of the file: 0 if it is by now shorter than that.
    [[nodiscard]] std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const;

private:
    Descriptor descriptor_;
    FileFacts facts_;
};

struct FolderEntry {
    std::string name;
    FileFacts facts;
};

class FileRoot {
public:
    static constexpr std::size_t name_size_max = 4095;  // PATH_MAX without its NUL
    static constexpr std::size_t listing_max = 10'000;

    struct Listing {
        std::vector<FolderEntry> entries;  // folders first, then by name
        bool cut = false;                  // there were more than listing_max
    };

    // Error: that of opening the folder, not_a_directory among them.
    [[nodiscard]] static std::expected<FileRoot, std::error_code> open(const std::string& folder);

    // `name` is relative to the folder, its parts separated by '/'; the empty one is the folder itself.
    // Errors: invalid_argument (absolute, or with NUL), filename_too_long, permission_denied (leads out, is not readable,
    // or is neither file nor folder), no_such_file_or_directory.
    [[nodiscard]] std::expected<OpenFile, std::error_code> open_file(std::string_view name) const;
    // What of a folder, opened by that name, can be served: links that lead out, devices and the like are left out.
    [[nodiscard]] std::expected<Listing, std::error_code> list(const OpenFile& folder, std::string_view name) const;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    FileRoot(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}
    Descriptor descriptor_;
    std::string path_;
};

}  // namespace strata::application
