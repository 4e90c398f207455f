// OpenFiles: the files of a FileRoot that were asked for lately, kept open.
//
// To ask for one again costs one fstat(2), which tells whether it was written,
// renamed, deleted, or given other rights; whether its name leads to another
// file by now is looked up again after a second, or when something was renamed
// by ourselves. What was given out stays open for as long as somebody holds it.
#pragma once

#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/files/file_root.hpp"

namespace strata::application {

struct OpenFilesOptions {
    std::size_t files_max = 256;  // kept: the one that was asked for longest ago is closed first
    Duration looked_up_after = 1s;
};

class OpenFiles {
public:
    // The root outlives it.
    explicit OpenFiles(const FileRoot& root, OpenFilesOptions options = {}) : root_(root), options_(options) {}

    // As FileRoot::open_file. Folders are opened anew each time.
    [[nodiscard]] std::expected<std::shared_ptr<const OpenFile>, std::error_code> open(std::string_view name,
                                                                                       Instant now);
    [[nodiscard]] const FileRoot& root() const noexcept { return root_; }
    [[nodiscard]] std::size_t size() const noexcept { return by_use_.size(); }
    void clear();

private:
    struct Entry {
        std::string name;
        std::shared_ptr<const OpenFile> file;
        Instant looked_up;
        std::uint64_t renamed;  // FileRoot::renamed(), before
    };
    using Place = std::list<Entry>::iterator;
    void forget(Place place);
    void keep(Entry entry);

    const FileRoot& root_;
    OpenFilesOptions options_;
    std::list<Entry> by_use_;  // the latest first
    std::unordered_map<std::string_view, Place> by_name_;
};

}  // namespace strata::application
