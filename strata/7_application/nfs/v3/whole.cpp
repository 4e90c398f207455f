// FSSTAT, FSINFO, PATHCONF (RFC 1813 3.3.18 to 3.3.20).
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

constexpr std::uint32_t preferred = 128 << 10, folder_preferred = 32 << 10, links_at_least = 8;

}  // namespace

void fsstat(Work& work, const OfOne& /*arguments*/, FsstatResults& results) {
    const Node& node = work.nodes[0];
    results.attributes = attributes_of(node.seen);
    struct statvfs disk{};
    if (::fstatvfs(node.at.get(), &disk) != 0) {
        results.status = status_of_errno();
        return;
    }
    const std::uint64_t keep_free = work.shared.root.keep_free();
    results.bytes = disk.f_blocks * disk.f_frsize;
    results.bytes_free = disk.f_bfree * disk.f_frsize;
    results.bytes_available = disk.f_bavail * disk.f_frsize;
    results.bytes_available -= std::min(results.bytes_available, keep_free);
    results.files = disk.f_files;
    results.files_free = disk.f_ffree;
    results.files_available = disk.f_favail;
}

void fsinfo(Work& work, const OfOne& /*arguments*/, FsinfoResults& results) {
    using Property = FsinfoResults::Property;
    results.attributes = attributes_of(work.nodes[0].seen);
    results.read_max = results.write_max = work.data_max();
    results.read_preferred = results.write_preferred = std::min(work.data_max(), preferred);
    results.folder_preferred = std::min(work.data_max(), folder_preferred);
    results.file_size_max = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
    results.time_step = {0, 1};
    results.properties = Property::links | Property::symbolic_links | Property::homogeneous | Property::can_set_time;
}

void pathconf(Work& work, const OfOne& /*arguments*/, PathconfResults& results) {
    const Node& node = work.nodes[0];
    results.attributes = attributes_of(node.seen);
    const long links = ::pathconf(name_of(node).c_str(), _PC_LINK_MAX);
    results.links_max = static_cast<std::uint32_t>(std::clamp<long>(links, links_at_least, INT32_MAX));
}

}  // namespace strata::application::nfs::v3::deeds
