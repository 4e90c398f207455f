// Quota: how many bytes of files a folder may hold, at most.
//
// Files count by their length and by each of their names, hidden ones too; folders, and what has
// not come whole, count nothing by themselves: an Upload has a share of it, for as long as it lasts
// or for good. What others than the root's own services put there or take away is seen only when
// the folder is counted again. May be used from several threads. Called by FileRoot and Upload.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <system_error>

namespace strata::application {

class Quota : public std::enable_shared_from_this<Quota> {
public:
    explicit Quota(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    // What a file takes that is not there yet. Keeps the quota.
    class Share {
    public:
        // `replaced`: bytes of the file in whose place it will be.
        Share(std::shared_ptr<Quota> of, std::uint64_t replaced) : of_(std::move(of)), replaced_(replaced) {}
        Share(Share&& other) noexcept = default;
        Share& operator=(Share&&) = delete;
        ~Share();
        // Error: no_space_on_device; then it is as it was.
        [[nodiscard]] std::error_code grow_to(std::uint64_t bytes);
        // The file is there, so long, in the place of one that was `replaced` bytes long.
        void is_there(std::uint64_t bytes, std::uint64_t replaced);

    private:
        std::shared_ptr<Quota> of_;
        std::uint64_t replaced_;
        std::uint64_t bytes_ = 0;
    };

    void is_removed(std::uint64_t bytes);
    void is_counted(std::uint64_t bytes);
    [[nodiscard]] bool was_counted() const;
    // Of files that are there.
    [[nodiscard]] std::uint64_t used() const;

private:
    mutable std::mutex mutex_;
    const std::uint64_t bytes_max_;
    std::uint64_t used_ = 0;
    std::uint64_t arriving_ = 0;
    bool was_counted_ = false;
};

// The bytes of all files beneath an open folder; of folders that cannot be read nothing. Waits for
// the disk.
[[nodiscard]] std::uint64_t bytes_beneath(int folder);

}  // namespace strata::application
