#include "strata/7_application/nfs/client/mounting/identity.hpp"

#include <unistd.h>

#include <algorithm>
#include <vector>

namespace strata::application::nfs::client {

session::rpc::AuthSys identity_of_this_process() {
    session::rpc::AuthSys identity;
    std::array<char, session::rpc::machine_name_max + 1> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0) identity.machine_name = name.data();
    identity.uid = ::geteuid();
    identity.gid = ::getegid();
    const int count = ::getgroups(0, nullptr);
    std::vector<gid_t> gids(static_cast<std::size_t>(std::max(count, 0)));
    const int found = ::getgroups(static_cast<int>(gids.size()), gids.data());
    gids.resize(static_cast<std::size_t>(std::max(found, 0)));
    std::erase(gids, identity.gid);
    identity.more_gids_count = std::min(gids.size(), session::rpc::gids_max);
    std::ranges::copy_n(gids.begin(), static_cast<std::ptrdiff_t>(identity.more_gids_count),
                        identity.more_gids.begin());
    return identity;
}

}  // namespace strata::application::nfs::client
