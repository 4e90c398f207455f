// OPEN, OPEN_CONFIRM and CLOSE (RFC 7530 16.16, 16.18, 16.2).
#pragma once

#include "strata/7_application/nfs/client/version4/message/attributes4.hpp"
#include "strata/7_application/nfs/client/version4/state/lease.hpp"
#include "strata/7_application/nfs/client/volume/volume.hpp"

namespace strata::application::nfs::client {

// Deny none, always.
struct OpenRequest {
    PlaceOfName place{};                  // CLAIM_NULL,
    std::optional<AnyHandle> previous{};  // or CLAIM_PREVIOUS: what one had before the server began anew
    Access access = Access::read;
    // A file that is not there is made, by GUARDED4 or EXCLUSIVE4.
    std::optional<v4::OpenArguments::Mode> make{};
    Setting4 first_attributes{};
    v4::Verifier verifier{};
};
struct Opened4 {
    v4::Status4 status = v4::Status4::ok;  // of OPEN, or of what was said before it
    OpenState state{};
    Told4 told{};
};

// Both throw Failure. Once; and until the server is not busy, nor in
// its grace period, and knows who we are.
[[nodiscard]] session::asio::awaitable<Opened4> open_once(Conversation& talk, Lease& lease, const OpenRequest& request);
[[nodiscard]] session::asio::awaitable<Opened4> open_at_last(Conversation& talk, Lease& lease,
                                                             const OpenRequest& request);
// Does not throw.
[[nodiscard]] session::asio::awaitable<void> close_state(Conversation& talk, OpenState state);

}  // namespace strata::application::nfs::client
