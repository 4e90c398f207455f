// Upload: a file that arrives in a FileRoot, and is there whole or not at all.
//
// Bytes go into a temporary beside the target (temporary.hpp). commit() puts it in place: in that
// of nothing, by a call that never replaces what came meanwhile, or, with the right and the wish to
// replace, in that of a regular file, whose mode it keeps. Without commit() it is gone: with the
// object, and with the process that had it. Called by the services that are written to.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/files/writing/quota.hpp"

namespace strata::application {

struct UploadOptions {
    bool replace = false;  // a file of that name; needs the right to `all`
    // How large its sender says it will be: there is room for it, or it is not begun. It may turn
    // out otherwise: whoever was promised a size compares size() with it.
    std::optional<std::uint64_t> size_expected{};
    // How much of the file that it replaces stays in front: what is written comes behind it
    // (go_on_copying() first). More than there is: all of it. Needs `replace`, and a file, unless
    // that is `keep_whole`.
    std::uint64_t keep_first = 0;
    bool sync = true;    // commit() returns when the disk has it, its name included
    bool named = false;  // as where there is no O_TMPFILE
};

class Upload {
public:
    using Options = UploadOptions;
    static constexpr std::uint64_t keep_whole = ~std::uint64_t{0};

    // `name` is relative to the root. Errors: those of FileRoot::look() for the folder that it will
    // be in, operation_not_permitted (the root's rights do not reach), file_exists (and `replace`
    // was not said), is_a_directory, permission_denied (in its place is no regular file: a link is
    // left as it is), filename_too_long, no_space_on_device (beside FileRoot::keep_free(), or
    // beyond FileRoot::quota()), read_only_file_system, invalid_argument (there is less than
    // keep_first).
    [[nodiscard]] static std::expected<Upload, std::error_code> begin(const FileRoot& root, std::string_view name,
                                                                      const Options& options = {});
    Upload(Upload&&) noexcept = default;
    Upload& operator=(Upload&&) = delete;
    ~Upload();

    // Copies so many bytes more of what stays in front. True if there are others: call it again.
    // Errors: those of reading, and as of write().
    [[nodiscard]] std::expected<bool, std::error_code> go_on_copying(std::uint64_t count);
    // Behind what was written before. Errors: no_space_on_device, file_too_large, io_error. Nothing
    // is written behind one.
    [[nodiscard]] std::expected<void, std::error_code> write(Bytes bytes);
    // Bytes that were written, with those that were copied.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    // What there is of it, for who sends it back: from `offset` on; less only at the end.
    [[nodiscard]] std::expected<std::size_t, std::error_code> read(std::uint64_t offset, MutableBytes buffer) const;
    // The file's date once it is in place; unset, that of the last write().
    void date(std::chrono::sys_time<std::chrono::nanoseconds> modified) noexcept { modified_ = modified; }
    // It is whole: brings it to the disk, all but its name. Waits for the disk, unless `sync` is
    // off. Who calls it before commit() can still think better of it. Errors: as of write().
    [[nodiscard]] std::expected<void, std::error_code> settle();
    // It is whole: puts it in place. Waits for the disk, unless `sync` is off. Errors: file_exists
    // (something has its name by now), device_or_resource_busy (the file whose beginning it has
    // kept is another by now: what others have appended would be lost), and as of begin(). After an
    // error, as after success, it is over.
    [[nodiscard]] std::expected<void, std::error_code> commit();
    // commit() has put it in the place of a file.
    [[nodiscard]] bool has_replaced() const noexcept { return replaced_; }
    // Of the file that was written. Errors: those of fstat(2).
    [[nodiscard]] std::expected<FileFacts, std::error_code> facts() const;

private:
    Upload(NamePlace place, std::uint64_t keep_free, const Options& options)
        : place_(std::move(place)), keep_free_(keep_free), options_(options) {}
    [[nodiscard]] std::error_code look_at_target();
    [[nodiscard]] std::error_code open();
    [[nodiscard]] std::error_code reserve(std::uint64_t size);
    [[nodiscard]] std::error_code find_room(std::uint64_t count);
    [[nodiscard]] std::error_code open_kept(std::uint64_t count);
    [[nodiscard]] std::error_code copy(std::uint64_t count);
    [[nodiscard]] bool kept_is_there() const;
    [[nodiscard]] std::error_code bring_to_disk();
    [[nodiscard]] std::error_code take_mode();
    [[nodiscard]] std::error_code put_in_place();
    [[nodiscard]] std::error_code put_in_place_of_a_file();
    [[nodiscard]] std::error_code sync_folder() const;
    void have_a_share(const FileRoot& root);
    void discard() noexcept;

    NamePlace place_;
    std::uint64_t keep_free_;
    Options options_;
    Descriptor file_;
    Descriptor kept_;               // the file whose beginning stays, while it is copied
    std::uint64_t keep_first_ = 0;  // bytes of it, until they are copied
    std::optional<struct stat> kept_as_;
    std::string temporary_;  // its name; empty if it has none
    std::uint64_t size_ = 0;
    std::uint64_t reserved_ = 0;         // bytes that the disk has set aside for it
    std::uint64_t room_seen_to_ = 0;     // there was room for it up to this size when it was looked at
    std::optional<struct stat> target_;  // what it replaces
    bool target_is_there_ = false;       // when it was looked at last
    std::optional<Quota::Share> share_;  // of the quota, if there is one
    std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> modified_;
    bool settled_ = false;
    bool replaced_ = false;
};

}  // namespace strata::application
