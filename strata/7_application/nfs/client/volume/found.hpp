// What is known of a file on a server, whichever version of NFS it speaks.
#pragma once

#include <optional>
#include <string>

#include "strata/7_application/nfs/attributes/attributes.hpp"
#include "strata/7_application/nfs/handles/handle.hpp"

namespace strata::application::nfs::client {

// Where a name is.
struct PlaceOfName {
    AnyHandle folder{};
    std::string name{};
};

// A file, as it was when it was looked at. Of version 4 `ctime` has the attribute `change`, which
// stands for all that a ctime is compared for (RFC 7530 5.8.1.4): its halves are not a time.
struct Found {
    AnyHandle handle{};
    Attributes attributes{};
    PlaceOfName place{};  // by what name it was found; none of the folder that is mounted
    [[nodiscard]] bool is_folder() const noexcept { return attributes.type == FileType::folder; }
    [[nodiscard]] bool is_file() const noexcept { return attributes.type == FileType::file; }
    [[nodiscard]] bool is_link() const noexcept { return attributes.type == FileType::link; }
};

[[nodiscard]] inline bool is_same_file(const Attributes& one, const Attributes& another) noexcept {
    return one.fsid == another.fsid && one.fileid == another.fileid;
}

}  // namespace strata::application::nfs::client
