// A folder's listing: its names, read without keeping anybody
// waiting, and shared by all who show them at the same time.
//
// What is made of them, a page or lines of text, is each protocol's own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/folder_reader.hpp"

namespace strata::application {

using Names = std::shared_ptr<const FolderNames>;

// The names of a folder that was opened by `name`, a slice at a time: others have their turn in
// between. Nothing if it cannot be read, or not to its end: half a listing must not look whole. The
// network, the root and the folder outlive it.
[[nodiscard]] session::asio::awaitable<Names> read_names(session::Network& network, const FileRoot& root,
                                                         const OpenFile& folder, std::string name);

// Names for as long as somebody shows them: a crowd does not have
// those of a large folder once for each.
class SharedNames {
public:
    // Nothing if nobody shows them, or the folder is another by now.
    [[nodiscard]] Names find(std::string_view name, const OpenFile& folder) const;
    void keep(std::string_view name, const OpenFile& folder, const Names& names);

private:
    struct Shown {
        std::chrono::sys_time<std::chrono::nanoseconds> changed;
        std::weak_ptr<const FolderNames> names;
    };
    std::map<std::string, Shown, std::less<>> shown_;
};

}  // namespace strata::application
