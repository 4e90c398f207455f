// Tree: where a file is that a client has a handle of. A handle says which file it is, not where:
// it stays good when the file is renamed, by us or by others.
//
// Where files were seen last is remembered, for so many of them. Whatever is not there is looked
// for in the whole folder, up to a bound, and what was not found is not looked for again at once.
// Everything is opened by its names from the root down, by O_PATH, and no link is followed.
#pragma once

#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/time.hpp"
#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/nfs/handles/file_id.hpp"

namespace strata::application::nfs {

struct TreeOptions {
    std::size_t places_max = 65536;      // files whose place is remembered: the latest
    std::size_t searched_max = 200'000;  // entries that are looked at for one that is not
    std::size_t strays_max = 1024;       // files that were not found, and are not looked for
    Duration stray_for = 10s;            //   for so long
    std::size_t depth_max = 512;         // folders one in another
};

// A file or folder, or whatever it is, itself: nothing was done to it.
struct Node {
    Descriptor at;  // by O_PATH
    Looked seen;
};

// A file's name in its folder.
struct FilePlace {
    FileId parent;
    std::string name;
};

class Tree {
public:
    // The root outlives it.
    explicit Tree(const FileRoot& root, const TreeOptions& options = {});

    // The served folder itself. Errors: those of looking at it.
    [[nodiscard]] std::expected<Node, std::error_code> open_root() const;
    // Where it was seen last. Errors: no_such_file_or_directory (it is not there, or not known),
    // and those of open(2) that leave it open whether it is there.
    [[nodiscard]] std::expected<Node, std::error_code> open(const FileId& id);
    // What a folder's entry is, which is remembered. Errors: those of looking at it.
    [[nodiscard]] std::expected<Looked, std::error_code> look(const Node& folder, const std::string& name);
    [[nodiscard]] std::expected<Node, std::error_code> open(const Node& folder, const std::string& name);
    // Of the root itself.
    [[nodiscard]] std::expected<Node, std::error_code> open_parent(const Node& of);

    void is_at(const FileId& id, FilePlace place);
    // One of its names is gone.
    void is_gone(const FileId& id, const FilePlace& place);
    [[nodiscard]] std::size_t size() const noexcept { return by_use_.size(); }

    // Looked for in vain a short time ago.
    [[nodiscard]] bool is_stray(const FileId& id, Instant now);
    void was_not_found(const FileId& id, Instant now);
    [[nodiscard]] std::size_t strays() const noexcept { return strays_.size(); }

    [[nodiscard]] const FileRoot& root() const noexcept { return root_; }
    [[nodiscard]] const TreeOptions& options() const noexcept { return options_; }

private:
    struct Entry {
        FileId id;
        FilePlace place;
    };
    struct Stray {
        FileId id;
        Instant since;
    };
    [[nodiscard]] std::optional<std::string> name_of(const FileId& id) const;
    void forget(const FileId& id);

    const FileRoot& root_;
    TreeOptions options_;
    FileId top_;               // the root's
    std::list<Entry> by_use_;  // the latest first
    std::unordered_map<FileId, std::list<Entry>::iterator, FileIdHash> places_;
    std::list<Stray> strays_;  // the latest last
};

// A file and the folders above it, as they were found, without the root.
struct FoundPlaces {
    std::vector<std::pair<FileId, FilePlace>> places;
    // Not found, and something was in the way: another time it may be. A folder that may not be
    // read is none such, unless it is the root.
    std::error_code in_the_way{};
};

// Looks for a file in the whole folder. No places: it is not there, or behind the bound. Waits for
// the disk, and may be called on any thread.
[[nodiscard]] FoundPlaces search(const FileRoot& root, const FileId& id, std::size_t searched_max);

}  // namespace strata::application::nfs
