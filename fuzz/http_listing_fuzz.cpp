// Any bytes as a folder's listing in JSON: what is read of it is entries whose names stay in their
// folder, no more than may be; what is refused is told in words that no terminal obeys.
// links: application
#include <cstdlib>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/http/client/remote/listing.hpp"

namespace {

constexpr std::size_t entries_max = 3;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto list = strata::application::http::parse_listing(text, entries_max);
    if (!list) {
        require(!list.error().empty() && strata::printable(list.error()) == list.error());
        return 0;
    }
    require(list->size() <= entries_max);
    for (const auto& entry : *list) {
        require(strata::application::is_entry_name(entry.name));
        require(!entry.size || entry.kind == strata::application::RemoteEntry::Kind::file);
        // A target made of it is one name below its folder.
        const std::string target = strata::application::target_within("/folder/", entry.name);
        require(target.find('/', 8) == std::string::npos);
    }
    return 0;
}
