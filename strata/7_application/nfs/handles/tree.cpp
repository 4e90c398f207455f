#include "strata/7_application/nfs/handles/tree.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "strata/7_application/files/file_error.hpp"

namespace strata::application::nfs {
namespace {

std::expected<Node, std::error_code> node_of(std::expected<Descriptor, std::error_code> opened) {
    if (!opened) return std::unexpected(opened.error());
    auto seen = look_at(opened->get());
    if (!seen) return std::unexpected(seen.error());
    return Node{std::move(*opened), *seen};
}

}  // namespace

Tree::Tree(const FileRoot& root, const TreeOptions& options) : root_(root), options_(options) {
    if (const auto top = open_root()) top_ = top->seen.id;
}

std::expected<Node, std::error_code> Tree::open_root() const { return node_of(root_.open_itself("")); }

// Empty for the root. Nothing if a part is not known.
std::optional<std::string> Tree::name_of(const FileId& id) const {
    std::vector<std::string_view> parts;
    for (FileId at = id; at != top_;) {
        const auto found = places_.find(at);
        if (found == places_.end() || parts.size() == options_.depth_max) return std::nullopt;
        parts.push_back(found->second->place.name);
        at = found->second->place.parent;
    }
    std::string name;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        if (!name.empty()) name += '/';
        name += *part;
    }
    return name;
}

std::expected<Node, std::error_code> Tree::open(const FileId& id) {
    const auto name = name_of(id);
    if (!name) return fail_with(std::errc::no_such_file_or_directory);
    auto node = node_of(root_.open_itself(*name));
    if (node && node->seen.id == id) {
        if (const auto found = places_.find(id); found != places_.end())
            by_use_.splice(by_use_.begin(), by_use_, found->second);
        return node;
    }
    // Where it is not known to be gone, it is where it was.
    if (!node && node.error() != std::errc::no_such_file_or_directory) return node;
    forget(id);
    return fail_with(std::errc::no_such_file_or_directory);
}

std::expected<Looked, std::error_code> Tree::look(const Node& folder, const std::string& name) {
    auto seen = look_in(folder.at.get(), name);
    if (seen) is_at(seen->id, {folder.seen.id, name});
    return seen;
}

std::expected<Node, std::error_code> Tree::open(const Node& folder, const std::string& name) {
    Descriptor opened{::openat(folder.at.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    if (!opened) return std::unexpected(std::error_code(errno, std::generic_category()));
    auto node = node_of(std::move(opened));
    if (node) is_at(node->seen.id, {folder.seen.id, name});
    return node;
}

std::expected<Node, std::error_code> Tree::open_parent(const Node& of) {
    if (of.seen.id == top_) return open_root();
    const auto found = places_.find(of.seen.id);
    if (found == places_.end()) return fail_with(std::errc::no_such_file_or_directory);
    return open(found->second->place.parent);
}

void Tree::is_at(const FileId& id, FilePlace place) {
    if (const auto found = places_.find(id); found != places_.end()) {
        found->second->place = std::move(place);
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        return;
    }
    if (options_.places_max == 0) return;
    if (by_use_.size() == options_.places_max) forget(by_use_.back().id);
    by_use_.push_front({id, std::move(place)});
    places_[id] = by_use_.begin();
    std::erase_if(strays_, [&](const Stray& stray) { return stray.id == id; });
}

void Tree::is_gone(const FileId& id, const FilePlace& place) {
    const auto found = places_.find(id);
    if (found == places_.end()) return;
    const FilePlace& known = found->second->place;
    if (known.parent == place.parent && known.name == place.name) forget(id);
}

void Tree::forget(const FileId& id) {
    const auto found = places_.find(id);
    if (found == places_.end()) return;
    by_use_.erase(found->second);
    places_.erase(found);
}

bool Tree::is_stray(const FileId& id, Instant now) {
    while (!strays_.empty() && now - strays_.front().since >= options_.stray_for) strays_.pop_front();
    return std::ranges::any_of(strays_, [&](const Stray& stray) { return stray.id == id; });
}

void Tree::was_not_found(const FileId& id, Instant now) {
    if (options_.strays_max == 0 || is_stray(id, now)) return;
    if (strays_.size() == options_.strays_max) strays_.pop_front();
    strays_.push_back({id, now});
}

}  // namespace strata::application::nfs
