// Mounts: who has mounted what, as far as they say so (RFC 1813 5.2.2). Nothing depends on it:
// beyond its bound the oldest are forgotten.
#pragma once

#include <deque>
#include <string>

namespace strata::application::nfs {

struct Mount {
    std::string host;
    std::string folder;
    [[nodiscard]] bool operator==(const Mount&) const = default;
};

class Mounts {
public:
    explicit Mounts(std::size_t mounts_max) : mounts_max_(mounts_max) {}
    void add(Mount mount);
    void remove(const Mount& mount) { std::erase(all_, mount); }
    void remove_all_of(const std::string& host) {
        std::erase_if(all_, [&](const Mount& one) { return one.host == host; });
    }
    [[nodiscard]] const std::deque<Mount>& all() const noexcept { return all_; }

private:
    std::size_t mounts_max_;
    std::deque<Mount> all_;  // the oldest first
};

inline void Mounts::add(Mount mount) {
    remove(mount);
    if (mounts_max_ == 0) return;
    if (all_.size() == mounts_max_) all_.pop_front();
    all_.push_back(std::move(mount));
}

}  // namespace strata::application::nfs
