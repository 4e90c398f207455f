// FSSTAT, FSINFO, PATHCONF (RFC 1813 3.3.18 to 3.3.20).
#include <algorithm>
#include <limits>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v3/deeds.hpp"

namespace strata::application::nfs::v3::deeds {
namespace {

constexpr std::uint32_t preferred = 128 << 10, folder_preferred = 32 << 10;

}  // namespace

void fsstat(Work& work, const OfOne& /*arguments*/, FsstatResults& results) {
    const Node& node = work.nodes[0];
    results.attributes = attributes_of(node.seen);
    const auto disk = acts::disk_of(work, node);
    if (!disk) {
        results.status = disk.error();
        return;
    }
    results.bytes = disk->bytes;
    results.bytes_free = disk->bytes_free;
    results.bytes_available = disk->bytes_available;
    results.files = disk->files;
    results.files_free = disk->files_free;
    results.files_available = disk->files_available;
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
    results.links_max = acts::links_max_of(node);
}

}  // namespace strata::application::nfs::v3::deeds
