#include "strata/7_application/files/listing.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::application {

namespace asio = session::asio;

namespace {

// Of a folder, between two turns of the event loop: about a millisecond's.
constexpr std::size_t names_at_a_time = 1024;

}  // namespace

asio::awaitable<Names> read_names(session::Network& network, const FileRoot& root, const OpenFile& folder,
                                  std::string name) {
    auto reader = FolderReader::open(root, folder, name);
    if (!reader) co_return nullptr;
    while (reader->go_on(names_at_a_time)) co_await asio::post(network.get_executor(), asio::use_awaitable);
    co_return std::move(*reader).names();
}

Names SharedNames::find(std::string_view name, const OpenFile& folder) const {
    const auto found = shown_.find(name);
    if (found == shown_.end() || found->second.changed != folder.changed()) return nullptr;
    return found->second.names.lock();
}

void SharedNames::keep(std::string_view name, const OpenFile& folder, const Names& names) {
    // Those that nobody shows any more.
    std::erase_if(shown_, [](const auto& entry) { return entry.second.names.expired(); });
    shown_.insert_or_assign(std::string(name), Shown{folder.changed(), names});
}

}  // namespace strata::application
