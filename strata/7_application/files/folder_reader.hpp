// FolderReader: what of a folder can be served, in order, read a slice at a time: nobody waits for
// a folder of a million names.
//
// Names are read, and sorted slice by slice; then the slices are merged. What a name is is looked
// at when it is asked for: one system call an entry, three where it is a link, which may lead out.
#pragma once

#include <dirent.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strata/7_application/files/file_root.hpp"

namespace strata::application {

struct FolderEntry {
    std::string name;
    FileFacts facts;
};

// A folder's names as they were, folders first, then by name. Shared by all who show them.
class FolderNames {
public:
    [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }
    // What the name is now; nothing if it can't be served: it was removed, leads out, is a device.
    [[nodiscard]] std::optional<FolderEntry> look_at(std::size_t index) const;

private:
    friend class FolderReader;
    struct Name {
        std::string text;
        bool folder = false;
        bool link = false;
        [[nodiscard]] bool operator<(const Name& other) const noexcept {
            return folder != other.folder ? folder : text < other.text;
        }
    };
    FolderNames(const FileRoot& root, std::string prefix, Descriptor folder)
        : root_(&root), prefix_(std::move(prefix)), folder_(std::move(folder)) {}

    const FileRoot* root_;
    std::string prefix_;
    Descriptor folder_;
    std::vector<Name> names_;
};

class FolderReader {
public:
    // `folder` was opened by that name. The root outlives it, and the
    // names. Errors: those of reading it.
    [[nodiscard]] static std::expected<FolderReader, std::error_code> open(const FileRoot& root, const OpenFile& folder,
                                                                           std::string_view name);
    // Reads, or puts in order, so many names more. True if there may be others: call it again.
    bool go_on(std::size_t count);
    // When go_on() has come to its end. Nothing if the folder could not be read to its own.
    [[nodiscard]] std::shared_ptr<const FolderNames> names() && { return failed_ ? nullptr : std::move(names_); }

private:
    using Name = FolderNames::Name;
    struct CloseFolder {
        void operator()(DIR* folder) const noexcept { closedir(folder); }
    };
    // A sorted slice, and how much of it has been merged.
    struct Run {
        std::vector<Name> names;
        std::size_t at = 0;
    };
    FolderReader(std::shared_ptr<FolderNames> names, std::unique_ptr<DIR, CloseFolder> folder)
        : names_(std::move(names)), folder_(std::move(folder)) {}
    void read(std::size_t count);
    void merge(std::size_t count);
    void find_kind(Name& name, unsigned char said) const;

    std::shared_ptr<FolderNames> names_;
    std::unique_ptr<DIR, CloseFolder> folder_;  // closed when all names have been read
    std::vector<Run> runs_;                     // then a heap, the run with the first name on top
    bool failed_ = false;
};

}  // namespace strata::application
