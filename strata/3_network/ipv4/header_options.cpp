#include "strata/3_network/ipv4/header_options.hpp"

#include <algorithm>
#include <cstring>

namespace strata::network {
namespace {

constexpr std::uint8_t end_of_options = 0, no_operation = 1, record_route_type = 7, timestamp_type = 68,
                       loose_source_route = 131, strict_source_route = 137, router_alert_type = 148;
constexpr std::size_t address_size = 4;
constexpr auto end_found = static_cast<std::size_t>(-1);

// Where the pointers begin counting: the first byte of the option is 1.
constexpr std::size_t route_pointer_min = 4;
constexpr std::size_t timestamp_pointer_min = 5;

enum TimestampFlag : std::uint8_t { stamps_alone = 0, with_addresses = 1, addresses_given = 3 };

bool is_record(Bytes option, std::size_t pointer_min) noexcept {
    return option.size() >= pointer_min - 1 && load_u8(option.data() + 2) >= pointer_min;
}

// Sets `place` to the option if it is the first of its kind and sound.
bool take(std::optional<Bytes>& place, Bytes option, std::size_t pointer_min) noexcept {
    if (place || !is_record(option, pointer_min)) return false;
    place = option;
    return true;
}

// RFC 791: with its pointer beyond its length, or no room for a whole address, the record is full.
void record_address(std::byte* option, std::size_t size, Ipv4Address own) noexcept {
    const std::size_t pointer = load_u8(option + 2);
    if (pointer - 1 + address_size > size) return;
    own.store(option + pointer - 1);
    store_u8(option + 2, static_cast<std::uint8_t>(pointer + address_size));
}

void record_time(std::byte* option, std::size_t size, Ipv4Address own, Instant now) noexcept {
    const std::size_t pointer = load_u8(option + 2);
    const std::uint8_t overflow_and_flag = load_u8(option + 3);
    const auto flag = static_cast<std::uint8_t>(overflow_and_flag & 0xf);
    const std::size_t count = flag == stamps_alone ? 4 : 8;
    if (pointer - 1 + count > size) {
        // Hosts that found no room are counted, up to fifteen.
        if (overflow_and_flag >> 4 < 15) store_u8(option + 3, static_cast<std::uint8_t>(overflow_and_flag + 0x10));
        return;
    }
    std::byte* at = option + pointer - 1;
    if (flag == addresses_given && Ipv4Address::load(at) != own) return;  // it is another host's turn
    if (flag != stamps_alone && flag != with_addresses && flag != addresses_given) return;
    if (flag == with_addresses) own.store(at);
    store_be32(at + count - 4, timestamp_of(now));
    store_u8(option + 2, static_cast<std::uint8_t>(pointer + count));
}

}  // namespace

std::uint32_t timestamp_of(Instant now) noexcept {
    constexpr std::uint32_t not_since_midnight = 0x8000'0000;
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    return static_cast<std::uint32_t>(milliseconds) | not_since_midnight;
}

Result<HeaderOptions> HeaderOptions::parse(Bytes options, std::size_t* fault) noexcept {
    HeaderOptions found;
    for (std::size_t at = 0; at < options.size();) {
        const std::size_t size = found.take_one(options.subspan(at));
        if (size == end_found) break;
        if (size == 0) {
            if (fault != nullptr) *fault = at;
            return fail(Error::malformed);
        }
        at += size;
    }
    return found;
}

// The length of the option that `rest` begins with; 0: it is
// malformed; end_found: no other follows.
std::size_t HeaderOptions::take_one(Bytes rest) noexcept {
    const std::uint8_t type = load_u8(rest.data());
    if (type == end_of_options) return end_found;
    if (type == no_operation) return 1;
    const std::size_t size = rest.size() < 2 ? 0 : load_u8(rest.data() + 1);
    if (size < 2 || size > rest.size()) return 0;
    const Bytes option = rest.first(size);
    if (type == loose_source_route || type == strict_source_route) source_route = true;
    if (type == router_alert_type) router_alert = true;
    if (type == record_route_type && !take(record_route, option, route_pointer_min)) return 0;
    if (type == timestamp_type && !take(timestamp, option, timestamp_pointer_min)) return 0;
    return size;
}

OptionBytes echoed_options(const HeaderOptions& request, Ipv4Address own, Instant now) noexcept {
    OptionBytes reply;
    const auto append = [&](const std::optional<Bytes>& option, auto&& record) {
        if (!option) return;
        std::byte* at = reply.storage.data() + reply.size;
        std::memcpy(at, option->data(), option->size());
        record(at, option->size());
        reply.size += option->size();
    };
    append(request.record_route, [&](std::byte* at, std::size_t size) { record_address(at, size, own); });
    append(request.timestamp, [&](std::byte* at, std::size_t size) { record_time(at, size, own, now); });
    reply.size = (reply.size + 3) / 4 * 4;  // what is added is zero: the end of the options
    return reply;
}

OptionBytes empty_record_route() noexcept {
    constexpr std::uint8_t size = route_pointer_min - 1 + 9 * address_size;
    OptionBytes route;
    store_u8(route.storage.data(), record_route_type);
    store_u8(route.storage.data() + 1, size);
    store_u8(route.storage.data() + 2, route_pointer_min);
    route.size = header_options_max;  // what is added is zero: the end of the options
    return route;
}

OptionBytes record_route_from(Ipv4Address own) noexcept {
    OptionBytes route = empty_record_route();
    record_address(route.storage.data(), load_u8(route.storage.data() + 1), own);
    return route;
}

std::vector<IpAddress> recorded_addresses(Bytes record_route) {
    std::vector<IpAddress> addresses;
    const std::size_t end = std::min(record_route.size(), std::size_t{load_u8(record_route.data() + 2)} - 1);
    for (std::size_t at = route_pointer_min - 1; at + address_size <= end; at += address_size) {
        addresses.emplace_back(Ipv4Address::load(record_route.data() + at));
    }
    return addresses;
}

OptionBytes copied_options(Bytes options) noexcept {
    constexpr std::uint8_t copied = 0x80;
    OptionBytes later;
    while (options.size() >= 2) {
        const std::uint8_t type = load_u8(options.data());
        if (type == end_of_options) break;
        const std::size_t size = type == no_operation ? 1 : load_u8(options.data() + 1);
        if (size == 0 || size > options.size()) break;
        if ((type & copied) != 0) {
            std::memcpy(later.storage.data() + later.size, options.data(), size);
            later.size += size;
        }
        options = options.subspan(size);
    }
    later.size = (later.size + 3) / 4 * 4;  // what is added is zero: the end of the options
    return later;
}

}  // namespace strata::network
