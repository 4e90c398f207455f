// FileRoot: the one folder that a server serves, and that no name leads out of.
//
// Names are looked up by openat2(2) with RESOLVE_BENEATH: the kernel itself
// refuses every step outside, by "..", by an absolute name or by a link, however
// the tree changes meanwhile. Where there is no such call (a kernel before 5.6,
// a filter of system calls) a name is walked part by part, and no link is
// followed. Only regular files and folders are opened. Called by http and plain.
//
// What may be written is a matter of the root's rights, for all services alike: none by default.
// Files come by Upload (writing/upload.hpp), the rest is done here.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {

class Quota;  // writing/quota.hpp

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

// What may be done with what is in the folder; each is more than the one before.
enum class FileRights : std::uint8_t {
    read,
    add,  // new files and folders; what is there stays as it is
    all,  // and replace, rename, remove
};

struct FileRootOptions {
    bool hidden = false;    // names that begin with a dot are served as well
    bool by_steps = false;  // as where there is no openat2(2)
    FileRights rights = FileRights::read;
    std::uint64_t keep_free = 0;           // bytes of the disk that nothing here fills
    std::optional<std::uint64_t> quota{};  // bytes that its files may have together
};

// Where something is, or will be: the folder, opened beneath the root, and the name in it.
struct NamePlace {
    Descriptor folder;  // by O_PATH
    std::string entry;
};

// What is known of a folder's entry, not followed if it is a link. Errors: permission_denied if it
// is neither file nor folder.
[[nodiscard]] std::expected<FileFacts, std::error_code> facts_in(int folder, const std::string& entry);
// Of what is open.
[[nodiscard]] std::expected<FileFacts, std::error_code> facts_of_open(int descriptor);

class FileRoot {
public:
    static constexpr std::size_t name_size_max = 4095;  // PATH_MAX without its NUL
    using Options = FileRootOptions;

    // Error: that of opening the folder, not_a_directory among them.
    [[nodiscard]] static std::expected<FileRoot, std::error_code> open(const std::string& folder, Options options = {});

    // One of its folders as a root of its own, with its own options: no name leads out of that.
    // Errors: as of open_file, not_a_directory among them.
    [[nodiscard]] std::expected<FileRoot, std::error_code> open_folder(std::string_view name, Options options) const;

    // `name` is relative to the folder, its parts separated by '/'; the empty one is the folder
    // itself. Errors: invalid_argument (absolute, or with NUL), filename_too_long,
    // permission_denied (leads out, is not readable, or is neither file nor folder),
    // no_such_file_or_directory (there is none, or it is hidden).
    [[nodiscard]] std::expected<OpenFile, std::error_code> open_file(std::string_view name) const;
    // What is there, without opening it. Errors: as of open_file.
    [[nodiscard]] std::expected<FileFacts, std::error_code> look(std::string_view name) const;
    // What is there itself, by O_PATH: no part of the name is followed if it is a link. For who
    // goes through a tree name by name; hidden ones are no different. Errors:
    // no_such_file_or_directory (a folder on the way may have become a link, or a file), and those
    // of openat2(2), which do not say that it is gone: permission_denied, too_many_files_open, ...
    [[nodiscard]] std::expected<Descriptor, std::error_code> open_itself(std::string_view name) const;
    // Whether a folder's entry of this name is kept from everybody: what has not come whole always
    // is.
    [[nodiscard]] bool hides(std::string_view entry) const noexcept {
        return entry.starts_with(temporary_prefix) || (!options_.hidden && entry.starts_with('.'));
    }

    // What follows changes the folder. Errors of all: those of look(), and operation_not_permitted
    // (without the right), read_only_file_system, no_space_on_device. Names are those of something
    // in the folder, not of itself: else invalid_argument.
    //
    // Needs `add`, and the folder above it. Errors: file_exists,
    // no_such_file_or_directory (there is no folder above it).
    [[nodiscard]] std::expected<void, std::error_code> make_folder(std::string_view name) const;
    // A file, an empty folder, or a link itself. Needs `all`. Errors: directory_not_empty.
    [[nodiscard]] std::expected<void, std::error_code> remove(std::string_view name) const;
    // Needs `all`. Errors: file_exists (something has the new name, and `replace` was not said),
    // invalid_argument (a folder into itself), is_a_directory, directory_not_empty.
    [[nodiscard]] std::expected<void, std::error_code> rename(std::string_view from, std::string_view to,
                                                              bool replace = false) const;
    // The date of a file's, or a folder's, last change. Needs `all`.
    [[nodiscard]] std::expected<void, std::error_code> set_modified(
        std::string_view name, std::chrono::sys_time<std::chrono::nanoseconds> time) const;

    // Who may read, write and run a file, or enter a folder: the lower nine bits. Needs `all`; what
    // may not be read cannot be changed so.
    [[nodiscard]] std::expected<void, std::error_code> set_mode(std::string_view name, std::uint32_t mode) const;

    [[nodiscard]] FileRights rights() const noexcept { return options_.rights; }
    [[nodiscard]] std::uint64_t keep_free() const noexcept { return options_.keep_free; }
    // Unset: there is none. Copies of the root share it.
    [[nodiscard]] const std::shared_ptr<Quota>& quota() const noexcept { return quota_; }
    // Looks how much of the quota is used, if there is one: when it is first needed, and whenever
    // others may have changed the folder. Waits for the disk, for as long as there are files. What
    // is changed while it looks may be seen wrongly, until the next time.
    void count_quota() const;
    [[nodiscard]] bool shows_hidden() const noexcept { return options_.hidden; }
    // How often names were changed here: what a name led to is looked up anew.
    [[nodiscard]] std::uint64_t renamed() const noexcept { return renamed_->load(std::memory_order_acquire); }
    // By another way than rename().
    void was_renamed() const noexcept { renamed_->fetch_add(1, std::memory_order_release); }
    // For those who change something. Errors: as of look(); of the last part nothing is looked at.
    [[nodiscard]] std::expected<NamePlace, std::error_code> place_of(std::string_view name) const;
    [[nodiscard]] std::error_code check_right(FileRights needed) const;
    // Of files that have not come whole.
    static constexpr std::string_view temporary_prefix = ".strata-upload-";

    // Whether this process may write in the folder itself. Errors: permission_denied,
    // read_only_file_system.
    [[nodiscard]] std::error_code check_writable() const;
    // Whether any part of a name is.
    [[nodiscard]] bool hides_part_of(std::string_view name) const noexcept;
    // The user whose folder it is.
    [[nodiscard]] std::expected<std::uint32_t, std::error_code> owner() const;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    // Links are not followed: there is no openat2(2) here.
    [[nodiscard]] bool walks_by_steps() const noexcept { return options_.by_steps; }

private:
    FileRoot(Descriptor descriptor, std::string path, Options options);
    [[nodiscard]] std::error_code check_name(std::string_view name) const;
    [[nodiscard]] std::expected<Descriptor, std::error_code> open_beneath(const std::string& name, int flags) const;
    Descriptor descriptor_;
    std::string path_;
    Options options_;
    std::shared_ptr<Quota> quota_;
    std::shared_ptr<std::atomic<std::uint64_t>> renamed_ = std::make_shared<std::atomic<std::uint64_t>>(0);
};

}  // namespace strata::application
