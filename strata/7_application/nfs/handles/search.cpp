// The search of a tree for a file by what it is, folder by folder.
#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <memory>
#include "strata/7_application/nfs/handles/hides.hpp"

#include "strata/7_application/nfs/handles/tree.hpp"

namespace strata::application::nfs {
namespace {

struct CloseSearched {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};

class Search {
public:
    Search(const FileRoot& root, const FileId& id, std::size_t searched_max)
        : root_(root), id_(id), left_(searched_max) {}

    // Folders that were found are gone through in the order in which they were found.
    FoundPlaces run() {
        for (std::size_t at = 0; at < folders_.size(); ++at) {
            if (auto found = go_through(at)) return places_of(at, std::move(*found));
        }
        return {{}, in_the_way_};
    }

private:
    // A folder's name, and which of folders_ it is in.
    struct Folder {
        std::string name;
        std::size_t above = 0;
    };

    [[nodiscard]] std::string path_of(std::size_t folder) const {
        std::string path;
        for (; folder != 0; folder = folders_[folder].above)
            path = path.empty() ? folders_[folder].name : folders_[folder].name + "/" + path;
        return path;
    }

    std::nullopt_t cannot(std::error_code error, std::size_t folder) {
        const bool is_closed = error == std::errc::permission_denied && folder != 0;
        if (!is_closed && error != std::errc::no_such_file_or_directory) in_the_way_ = error;
        return std::nullopt;
    }

    // The name that it has here, if it is here.
    std::optional<std::string> go_through(std::size_t at) {
        const auto opened = root_.open_itself(path_of(at));
        if (!opened) return cannot(opened.error(), at);
        Descriptor reading{::openat(opened->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        const std::unique_ptr<DIR, CloseSearched> folder(reading ? ::fdopendir(reading.get()) : nullptr);
        if (!folder) return cannot({errno, std::generic_category()}, at);
        (void)reading.release();  // the directory stream closes it
        for (;;) {
            errno = 0;
            const dirent* found = left_ > 0 ? ::readdir(folder.get()) : nullptr;
            if (found == nullptr) break;
            const std::string name = found->d_name;
            if (name == "." || name == ".." || hides(root_, name)) continue;
            --left_;
            const bool may_be_it = found->d_ino == id_.inode;
            if (!may_be_it && found->d_type != DT_DIR && found->d_type != DT_UNKNOWN) continue;
            const auto seen = look_in(opened->get(), name);
            if (seen && seen->id == id_) return name;
            if (seen && seen->is_folder()) folders_.push_back({name, at});
        }
        if (errno != 0) return cannot({errno, std::generic_category()}, at);
        return std::nullopt;
    }

    // With the folders above it.
    [[nodiscard]] FoundPlaces places_of(std::size_t folder, std::string name) const {
        FoundPlaces found;
        FileId id = id_;
        for (;; folder = folders_[folder].above) {
            const auto opened = root_.open_itself(path_of(folder));
            const auto parent = opened ? look_at(opened->get()) : std::unexpected(opened.error());
            if (!parent) return {{}, std::make_error_code(std::errc::resource_unavailable_try_again)};
            found.places.push_back({id, {parent->id, name}});
            if (folder == 0) return found;
            id = parent->id;
            name = folders_[folder].name;
        }
    }

    const FileRoot& root_;
    FileId id_;
    std::size_t left_;
    std::error_code in_the_way_;
    std::vector<Folder> folders_ = std::vector<Folder>(1);  // the root first
};

}  // namespace

FoundPlaces search(const FileRoot& root, const FileId& id, std::size_t searched_max) {
    return Search(root, id, searched_max).run();
}

}  // namespace strata::application::nfs
