#include "strata/7_application/files/folder_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace strata::application {

std::optional<FolderEntry> FolderNames::look_at(std::size_t index) const {
    const Name& name = names_[index];
    const auto facts = name.link ? root_->look(prefix_ + name.text) : facts_in(folder_.get(), name.text);
    if (!facts) return std::nullopt;
    return FolderEntry{name.text, *facts};
}

std::expected<FolderReader, std::error_code> FolderReader::open(const FileRoot& root, const OpenFile& folder,
                                                                std::string_view name) {
    // Of its own: the place in a folder belongs to whoever opened it.
    Descriptor looked_at{::openat(folder.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    Descriptor read{::openat(folder.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<DIR, CloseFolder> opened{looked_at && read ? ::fdopendir(read.get()) : nullptr};
    if (!opened) return std::unexpected(std::error_code(errno, std::generic_category()));
    (void)read.release();  // the directory stream closes it
    std::string prefix = name.empty() ? "" : std::string(name) + "/";
    std::shared_ptr<FolderNames> names{new FolderNames(root, std::move(prefix), std::move(looked_at))};
    return FolderReader{std::move(names), std::move(opened)};
}

bool FolderReader::go_on(std::size_t count) {
    folder_ ? read(count) : merge(count);
    return folder_ || !runs_.empty();
}

void FolderReader::read(std::size_t count) {
    Run run;
    const dirent* found = nullptr;
    errno = 0;  // readdir(3) tells an error from the end by nothing else
    while (run.names.size() < count && (found = ::readdir(folder_.get())) != nullptr) {
        Name name{found->d_name};
        if (name.text == "." || name.text == ".." || names_->root_->hides(name.text)) continue;
        find_kind(name, found->d_type);
        run.names.push_back(std::move(name));
        errno = 0;
    }
    failed_ = failed_ || (found == nullptr && errno != 0);
    std::ranges::sort(run.names, std::less{});
    if (!run.names.empty()) runs_.push_back(std::move(run));
    if (found != nullptr) return;
    folder_.reset();
}

// Folders come first, so it is known of links too where they lead.
void FolderReader::find_kind(Name& name, unsigned char said) const {
    name.folder = said == DT_DIR;
    name.link = said == DT_LNK;
    if (said == DT_UNKNOWN) {
        struct stat found{};
        const bool seen = ::fstatat(names_->folder_.get(), name.text.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0;
        name.folder = seen && S_ISDIR(found.st_mode);
        name.link = seen && S_ISLNK(found.st_mode);
    }
    if (name.link) {
        const auto facts = names_->root_->look(names_->prefix_ + name.text);
        name.folder = facts && facts->folder;
    }
}

void FolderReader::merge(std::size_t count) {
    const auto later = [](const Run& a, const Run& b) { return b.names[b.at] < a.names[a.at]; };
    std::vector<Name>& merged = names_->names_;
    if (merged.empty()) std::ranges::make_heap(runs_, later);
    for (; count > 0 && !runs_.empty(); --count) {
        std::ranges::pop_heap(runs_, later);
        Run& run = runs_.back();
        merged.push_back(std::move(run.names[run.at++]));
        if (run.at == run.names.size()) {
            runs_.pop_back();
        } else {
            std::ranges::push_heap(runs_, later);
        }
    }
}

}  // namespace strata::application
