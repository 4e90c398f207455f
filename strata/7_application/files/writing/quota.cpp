#include "strata/7_application/files/writing/quota.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/files/file_root.hpp"

namespace strata::application {
namespace {

struct CloseCounted {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};

// The path of a folder beneath the first is kept rather than a descriptor: there may be thousands,
// one within the other. No link is followed, not even one that is put there meanwhile: of a path
// through one nothing is counted.
std::unique_ptr<DIR, CloseCounted> open_counted(int top, const std::string& path) {
    Descriptor at{::openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    for (std::size_t from = 0; at && from < path.size();) {
        const std::size_t slash = std::min(path.find('/', from), path.size());
        const std::string part = path.substr(from, slash - from);
        at = Descriptor{::openat(at.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        from = slash + 1;
    }
    std::unique_ptr<DIR, CloseCounted> folder(at ? ::fdopendir(at.get()) : nullptr);
    if (folder) (void)at.release();  // the directory stream closes it
    return folder;
}

}  // namespace

Quota::Share::~Share() {
    if (!of_) return;
    const std::scoped_lock lock(of_->mutex_);
    of_->arriving_ -= bytes_;
}

std::error_code Quota::Share::grow_to(std::uint64_t bytes) {
    if (bytes <= bytes_) return {};
    const std::scoped_lock lock(of_->mutex_);
    const std::uint64_t used = of_->used_ + of_->arriving_ - bytes_;
    const std::uint64_t room = of_->bytes_max_ + std::min(replaced_, of_->used_);
    if (used > room || room - used < bytes) return file_error(std::errc::no_space_on_device);
    of_->arriving_ += bytes - bytes_;
    bytes_ = bytes;
    return {};
}

void Quota::Share::is_there(std::uint64_t bytes, std::uint64_t replaced) {
    const std::scoped_lock lock(of_->mutex_);
    of_->arriving_ -= bytes_;
    bytes_ = 0;
    of_->used_ -= std::min(replaced, of_->used_);
    of_->used_ += bytes;
}

void Quota::is_removed(std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    used_ -= std::min(bytes, used_);
}

void Quota::is_counted(std::uint64_t bytes) {
    const std::scoped_lock lock(mutex_);
    used_ = bytes;
    was_counted_ = true;
}

bool Quota::was_counted() const {
    const std::scoped_lock lock(mutex_);
    return was_counted_;
}

std::uint64_t Quota::used() const {
    const std::scoped_lock lock(mutex_);
    return used_;
}

std::uint64_t bytes_beneath(int folder) {
    std::uint64_t bytes = 0;
    std::vector<std::string> waiting{""};
    while (!waiting.empty()) {
        const std::string path = std::move(waiting.back());
        waiting.pop_back();
        const auto opened = open_counted(folder, path);
        while (const dirent* const found = opened ? ::readdir(opened.get()) : nullptr) {
            const std::string name = found->d_name;
            struct ::stat facts{};
            if (name == "." || name == ".." || name.starts_with(FileRoot::temporary_prefix) ||
                ::fstatat(::dirfd(opened.get()), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
                continue;
            if (S_ISREG(facts.st_mode)) bytes += static_cast<std::uint64_t>(facts.st_size);
            if (S_ISDIR(facts.st_mode)) waiting.push_back(path.empty() ? name : fmt::format("{}/{}", path, name));
        }
    }
    return bytes;
}

}  // namespace strata::application
