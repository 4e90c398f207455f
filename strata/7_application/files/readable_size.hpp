// How large a file is, for people.
#pragma once

#include <cstdint>
#include <string>

namespace strata::application {

// "512 B", "3.4 MiB".
[[nodiscard]] std::string readable_size(std::uint64_t bytes);

}  // namespace strata::application
