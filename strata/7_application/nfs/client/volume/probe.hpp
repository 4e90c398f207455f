// Whether names in a folder may be removed, asked by removing one that is nowhere. ACCESS is advice
// (RFC 1813 3.3.4, RFC 7530 16.1), and a server of ours where names may only be made gives more of
// it than it keeps, for Linux's sake: who may remove hears that what is nowhere is not there.
#pragma once

#include "strata/0_foundation/entropy.hpp"
#include "strata/7_application/nfs/attributes/status.hpp"
#include "strata/7_application/nfs/client/volume/found.hpp"

namespace strata::application::nfs::client {

[[nodiscard]] inline PlaceOfName nowhere_in(const AnyHandle& folder, Entropy& entropy) {
    PlaceOfName place;
    place.folder = folder;
    place.name = ".nfs" + std::to_string(entropy.next());
    return place;
}
[[nodiscard]] inline bool may_remove(Status of_nowhere) noexcept {
    return of_nowhere != Status::acces && of_nowhere != Status::perm && of_nowhere != Status::rofs;
}

}  // namespace strata::application::nfs::client
