// Any text as an address: what is taken is printed, and what is printed is taken as the same.
// links: foundation
#include <cstdlib>

#include "strata/0_foundation/address.hpp"

namespace {

template <typename Value>
void round_trip(std::string_view text) {
    const auto value = Value::parse(text);
    if (!value) return;
    const auto again = Value::parse(value->to_string());
    if (!again || *again != *value) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace strata;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    round_trip<MacAddress>(text);
    round_trip<Ipv4Address>(text);
    round_trip<Ipv6Address>(text);
    round_trip<IpAddress>(text);
    round_trip<Ipv4Prefix>(text);
    round_trip<Ipv4InterfaceAddress>(text);
    round_trip<Endpoint>(text);
    (void)parse_port(text);
    return 0;
}
