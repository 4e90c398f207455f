// FileSlice: a piece of an open file, as it is handed to a Stream to be sent.
#pragma once

#include <cstdint>

namespace strata::session {

// Whoever hands it down keeps the descriptor open until the operation has completed.
struct FileSlice {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t count = 0;  // bytes
    // That it stands on (st_dev of stat(2)), if that is known: not each can tell what of a file is in memory.
    std::uint64_t device = 0;

    void remove_prefix(std::uint64_t bytes) noexcept {
        offset += bytes;
        count -= bytes;
    }
};

}  // namespace strata::session
