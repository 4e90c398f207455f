#include "strata/7_application/nfs/client/path/path.hpp"

#include <algorithm>

#include "strata/7_application/http/message/url.hpp"

namespace strata::application::nfs::client {
namespace {
constexpr std::size_t names_max = 256;
constexpr std::size_t length_of_name_max = 255;
}  // namespace

std::expected<Path, std::string> path_of_target(std::string_view target) {
    const auto name = http::name_of_target(target);
    if (!name) return std::unexpected("a '%' in it is not followed by two hexadecimal digits; write it as %25");
    if (name->contains('\0')) return std::unexpected("no name has a NUL in it; leave %00 out");
    Path path = path_of_text(*name);
    if (path.size() > names_max) return std::unexpected("it has more than 256 names; shorten it");
    if (std::ranges::any_of(path, [](const std::string& one) { return one.size() > length_of_name_max; }))
        return std::unexpected("a name in it is longer than 255 bytes; shorten it");
    return path;
}

Path path_of_text(std::string_view text) {
    Path path;
    while (!text.empty()) {
        const std::size_t slash = std::min(text.find('/'), text.size());
        const std::string_view name = text.substr(0, slash);
        text.remove_prefix(std::min(slash + 1, text.size()));
        if (!name.empty() && name != ".") path.emplace_back(name);
    }
    return path;
}

std::string text_of_path(std::span<const std::string> names) {
    std::string text;
    for (const std::string& name : names) text += "/" + name;
    return text.empty() ? "/" : text;
}

bool begins_with(std::span<const std::string> names, std::span<const std::string> beginning) noexcept {
    return names.size() >= beginning.size() && std::ranges::equal(names.first(beginning.size()), beginning);
}

}  // namespace strata::application::nfs::client
