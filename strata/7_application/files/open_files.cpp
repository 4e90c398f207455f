#include "strata/7_application/files/open_files.hpp"

namespace strata::application {

std::expected<std::shared_ptr<const OpenFile>, std::error_code> OpenFiles::open(std::string_view name, Instant now) {
    if (const auto found = by_name_.find(name); found != by_name_.end()) {
        const Place place = found->second;
        const bool looked_up = now - place->looked_up < options_.looked_up_after && place->renamed == root_.renamed();
        if (looked_up && place->file->is_unchanged()) {
            by_use_.splice(by_use_.begin(), by_use_, place);
            return place->file;
        }
        forget(place);
    }
    const std::uint64_t renamed = root_.renamed();
    auto opened = root_.open_file(name);
    if (!opened && opened.error() == std::errc::too_many_files_open && !by_use_.empty()) {
        clear();  // those that wait to be asked for again are of less use
        opened = root_.open_file(name);
    }
    if (!opened) return std::unexpected(opened.error());
    auto file = std::make_shared<const OpenFile>(std::move(*opened));
    if (!file->facts().folder) keep({std::string(name), file, now, renamed});
    return file;
}

void OpenFiles::keep(Entry entry) {
    if (options_.files_max == 0) return;
    if (by_use_.size() >= options_.files_max) forget(std::prev(by_use_.end()));
    by_use_.push_front(std::move(entry));
    by_name_.emplace(by_use_.front().name, by_use_.begin());
}

void OpenFiles::forget(Place place) {
    by_name_.erase(place->name);
    by_use_.erase(place);
}

void OpenFiles::clear() {
    by_name_.clear();
    by_use_.clear();
}

}  // namespace strata::application
