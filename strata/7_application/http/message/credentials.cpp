#include "strata/7_application/http/message/credentials.hpp"

#include <algorithm>

#include "strata/0_foundation/ascii.hpp"
#include "strata/6_presentation/base64.hpp"

namespace strata::application::http {

std::optional<Credentials> parse_basic(std::string_view authorization) {
    constexpr std::string_view scheme = "basic";
    if (authorization.size() <= scheme.size() || !equal_ignoring_case(authorization.substr(0, scheme.size()), scheme) ||
        authorization[scheme.size()] != ' ')
        return std::nullopt;
    authorization.remove_prefix(std::min(authorization.find_first_not_of(' ', scheme.size()), authorization.size()));
    const auto both = presentation::from_base64(authorization);
    if (!both) return std::nullopt;
    const std::size_t colon = both->find(':');
    const auto is_control = [](char letter) { return (letter >= 0 && letter < ' ') || letter == 0x7F; };
    if (colon == std::string::npos || std::ranges::any_of(*both, is_control)) return std::nullopt;
    return Credentials{both->substr(0, colon), both->substr(colon + 1)};
}

bool is_same_site(std::string_view origin, std::string_view host) {
    const std::size_t scheme_end = origin.find("://");
    return scheme_end != std::string_view::npos && !host.empty() &&
           equal_ignoring_case(origin.substr(scheme_end + 3), host);
}

}  // namespace strata::application::http
