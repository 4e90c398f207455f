// RecentFiles: so many files, the latest.
#pragma once

#include <list>
#include <unordered_map>

#include "strata/7_application/nfs/handles/file_id.hpp"

namespace strata::application::nfs {

class RecentFiles {
public:
    explicit RecentFiles(std::size_t files_max) : files_max_(files_max) {}
    void add(const FileId& id) {
        if (files_max_ == 0 || contains(id)) return;
        if (by_age_.size() == files_max_) {
            known_.erase(by_age_.front());
            by_age_.pop_front();
        }
        by_age_.push_back(id);
        known_.emplace(id, true);
    }
    [[nodiscard]] bool contains(const FileId& id) const noexcept { return known_.contains(id); }

private:
    std::size_t files_max_;
    std::list<FileId> by_age_;
    std::unordered_map<FileId, bool, FileIdHash> known_;
};

}  // namespace strata::application::nfs
