// FileSlice: a piece of an open file, as Stream::async_send_file takes it.
#pragma once

#include <cstdint>

namespace strata::session {

// The descriptor must stay open until the operation has completed.
struct FileSlice {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t count = 0;  // bytes
    // The device of the file (st_dev of stat(2)), 0 if not known: not every device can tell what of
    // a file is in memory.
    std::uint64_t device = 0;

    void remove_prefix(std::uint64_t bytes) noexcept {
        offset += bytes;
        count -= bytes;
    }
};

}  // namespace strata::session
