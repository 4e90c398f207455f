// FileRoot: the one folder that a server serves, and that no name leads out of.
//
// Names are looked up by openat2(2) with RESOLVE_BENEATH: the kernel itself
// refuses every step outside, by "..", by an absolute name or by a link, however
// the tree changes meanwhile. Where there is no such call (a kernel before 5.6,
// a filter of system calls) a name is walked part by part, and no link is
// followed. Only regular files and folders are opened. Called by http and plain.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {

struct FileFacts {
    bool folder = false;
    std::uint64_t size = 0;    // 0 for a folder
    std::uint64_t device = 0;  // that it is on
    std::chrono::sys_time<std::chrono::nanoseconds> modified;
    [[nodiscard]] bool operator==(const FileFacts&) const = default;
};

// An open file or folder.
class OpenFile {
public:
    // `changed` is when anything about it was last changed, its name
    // and its rights included (st_ctim).
    OpenFile(Descriptor descriptor, const FileFacts& facts, std::chrono::sys_time<std::chrono::nanoseconds> changed)
        : descriptor_(std::move(descriptor)), facts_(facts), changed_(changed) {}
    // As they were when it was opened.
    [[nodiscard]] const FileFacts& facts() const noexcept { return facts_; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
    // Still what facts() says, and still in its folder.
    [[nodiscard]] bool is_unchanged() const;
    [[nodiscard]] std::chrono::sys_time<std::chrono::nanoseconds> changed() const noexcept { return changed_; }
    // Judging by its beginning. Looked at once.
    [[nodiscard]] bool is_utf8() const;
    // Fills the buffer from `offset` on; less only at the end of the
    // file: 0 if it is by now shorter than that.
    [[nodiscard]] std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const;

private:
    Descriptor descriptor_;
    FileFacts facts_;
    std::chrono::sys_time<std::chrono::nanoseconds> changed_;
    mutable std::optional<bool> is_utf8_;
};

struct FileRootOptions {
    bool hidden = false;    // names that begin with a dot are served as well
    bool by_steps = false;  // as where there is no openat2(2)
};

// What is known of a folder's entry, not followed if it is a link. Errors: permission_denied if it
// is neither file nor folder.
[[nodiscard]] std::expected<FileFacts, std::error_code> facts_in(int folder, const std::string& entry);

class FileRoot {
public:
    static constexpr std::size_t name_size_max = 4095;  // PATH_MAX without its NUL
    using Options = FileRootOptions;

    // Error: that of opening the folder, not_a_directory among them.
    [[nodiscard]] static std::expected<FileRoot, std::error_code> open(const std::string& folder, Options options = {});

    // `name` is relative to the folder, its parts separated by '/'; the empty one is the folder
    // itself. Errors: invalid_argument (absolute, or with NUL), filename_too_long,
    // permission_denied (leads out, is not readable, or is neither file nor folder),
    // no_such_file_or_directory (there is none, or it is hidden).
    [[nodiscard]] std::expected<OpenFile, std::error_code> open_file(std::string_view name) const;
    // What is there, without opening it. Errors: as of open_file.
    [[nodiscard]] std::expected<FileFacts, std::error_code> look(std::string_view name) const;
    // Whether a folder's entry of this name is kept from everybody.
    [[nodiscard]] bool hides(std::string_view entry) const noexcept {
        return !options_.hidden && entry.starts_with('.');
    }
    // The user whose folder it is.
    [[nodiscard]] std::expected<std::uint32_t, std::error_code> owner() const;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    // Links are not followed: there is no openat2(2) here.
    [[nodiscard]] bool walks_by_steps() const noexcept { return options_.by_steps; }

private:
    FileRoot(Descriptor descriptor, std::string path, Options options)
        : descriptor_(std::move(descriptor)), path_(std::move(path)), options_(options) {}
    [[nodiscard]] std::error_code check_name(std::string_view name) const;
    [[nodiscard]] std::expected<Descriptor, std::error_code> open_beneath(const std::string& name, int flags) const;
    Descriptor descriptor_;
    std::string path_;
    Options options_;
};

}  // namespace strata::application
