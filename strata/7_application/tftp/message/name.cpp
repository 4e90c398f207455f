#include "strata/7_application/tftp/message/name.hpp"

#include <algorithm>

namespace strata::application::tftp {

std::expected<std::string, std::string_view> file_name(std::string_view asked) {
    if (asked.size() > name_most) return std::unexpected("the name is too long");
    std::string name(asked);
    if (std::ranges::any_of(name, [](unsigned char one) { return one < 0x20 || one == 0x7f; }))
        return std::unexpected("the name has control characters in it");
    std::ranges::replace(name, '\\', '/');
    name.erase(0, name.find_first_not_of('/'));
    if (name.empty()) return std::unexpected("the name is empty");
    return name;
}

}  // namespace strata::application::tftp
