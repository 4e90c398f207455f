// FolderFiles: the files of a served folder. What may be written is a matter of the root's rights:
// new files, and with the right to all of it those that are there. A small one is read once and
// then given from memory to all who ask for it, a hundred machines that boot at once say; of larger
// ones the page cache has what is asked for again.
#pragma once

#include <list>
#include <unordered_map>

#include "strata/7_application/files/open_files.hpp"
#include "strata/7_application/tftp/content/files.hpp"

namespace strata::application::tftp {

struct FolderFilesOptions {
    OpenFilesOptions open{.files_max = 64};
    std::uint64_t cached_file_max = 1 << 20;   // bytes of a file that is read into memory
    std::uint64_t cached_all_max = 64u << 20;  // of all of them; the one that was asked for longest ago goes
};

class FolderFiles final : public Files {
public:
    using Options = FolderFilesOptions;
    // The root outlives it.
    explicit FolderFiles(const FileRoot& root, Options options = {})
        : open_files_(root, options.open), options_(options) {}

    [[nodiscard]] std::expected<std::shared_ptr<const Reading>, std::error_code> open(std::string_view name,
                                                                                      Instant now) override;
    [[nodiscard]] std::error_code may_create(std::string_view name) override;
    [[nodiscard]] std::expected<std::unique_ptr<Writing>, std::error_code> create(
        std::string_view name, std::optional<std::uint64_t> size) override;
    // Bytes that are held in memory, those alone that nobody reads any more not counted.
    [[nodiscard]] std::uint64_t cached() const noexcept { return cached_; }

private:
    struct Entry {
        std::string name;
        FileFacts facts;  // of the file whose bytes they are
        std::chrono::sys_time<std::chrono::nanoseconds> changed;
        std::shared_ptr<const Reading> bytes;
    };
    using Place = std::list<Entry>::iterator;
    void forget(Place place);
    void keep(std::string_view name, const OpenFile& file, const std::shared_ptr<const Reading>& bytes);

    OpenFiles open_files_;
    Options options_;
    std::list<Entry> by_use_;  // the latest first
    std::unordered_map<std::string_view, Place> by_name_;
    std::uint64_t cached_ = 0;
};

}  // namespace strata::application::tftp
