// Version 4: the server's own root, by one connection (RFC 7530 7).
#include "strata/7_application/nfs/client/mounting/attempt.hpp"

namespace strata::application::nfs::client {

session::asio::awaitable<std::unique_ptr<Volume>> mount4(const Attempt& /*attempt*/) {
    Failure failure("version 4 of NFS is not there yet", "write version=3, or leave it out");
    failure.other_version = true;
    throw failure;
    co_return nullptr;
}

}  // namespace strata::application::nfs::client
