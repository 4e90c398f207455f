// Growth: the quota of a file whose length changes, and the disk that is to be left free.
#pragma once

#include <optional>

#include "strata/7_application/files/file_root.hpp"
#include "strata/7_application/files/writing/quota.hpp"

namespace strata::application::nfs {

class Growth {
public:
    // Of a file that is so long now, or of none.
    Growth(const FileRoot& root, std::uint64_t size_now);
    // Before it is so long, of which so many bytes are new on the disk. Error: no_space_on_device.
    [[nodiscard]] std::error_code to(std::uint64_t size, std::uint64_t new_bytes, int on_disk_of);
    // It is so long.
    void is(std::uint64_t size);

private:
    const FileRoot& root_;
    std::uint64_t size_now_;
    std::optional<Quota::Share> share_;
};

// Whether something new may be made on this disk. Error: no_space_on_device.
[[nodiscard]] std::error_code check_free(const FileRoot& root, int on_disk_of, std::uint64_t new_bytes);
// Something of that length is gone.
void is_removed(const FileRoot& root, std::uint64_t size);

}  // namespace strata::application::nfs
