#include "strata/7_application/dhcp/client/lease.hpp"

#include <bit>

#include "strata/0_foundation/ipv4_classes.hpp"

namespace strata::application::dhcp {
namespace {

constexpr std::uint32_t infinite = 0xffffffff;  // RFC 2131 3.3

// None: bits that are not all at its beginning.
std::optional<unsigned> length_of_mask(Ipv4Address mask) noexcept {
    const auto length = static_cast<unsigned>(std::countl_one(mask.value()));
    if (length == 0 || Ipv4Prefix{Ipv4Address::broadcast(), length}.netmask() != mask) return std::nullopt;
    return length;
}

Duration duration_of(std::uint32_t seconds) noexcept {
    return seconds == infinite ? Duration::max() : Duration{std::chrono::seconds{seconds}};
}

// RFC 2131 4.4.5: T1 is half of the lease and T2 seven eighths, unless the server says otherwise;
// what it says must be in order.
void set_times(Lease& lease, const Options& options, Instant asked_at) {
    if (lease.time == Duration::max()) return;
    Duration renewal = lease.time / 2;
    Duration rebinding = lease.time / 8 * 7;
    const auto said_renewal = options.u32(OptionCode::renewal_time);
    const auto said_rebinding = options.u32(OptionCode::rebinding_time);
    const Duration t1 = said_renewal ? duration_of(*said_renewal) : renewal;
    const Duration t2 = said_rebinding ? duration_of(*said_rebinding) : rebinding;
    if (t1 > Duration{} && t1 < t2 && t2 < lease.time) {
        renewal = t1;
        rebinding = t2;
    }
    lease.renews_at = saturating_add(asked_at, renewal);
    lease.rebinds_at = saturating_add(asked_at, rebinding);
    lease.expires_at = saturating_add(asked_at, lease.time);
}

}  // namespace

Result<Lease> Lease::from(const Message& message, Instant asked_at, const LeaseLimits& limits) {
    const Options& options = message.options;
    const auto server = options.address(OptionCode::server_identifier);
    const auto time = options.u32(OptionCode::lease_time);
    if (!server || !time || !can_be_a_hosts(*server) || !can_be_a_hosts(message.yiaddr)) return fail(Error::malformed);
    Lease lease;
    lease.address = {message.yiaddr, length_of_class(message.yiaddr)};
    if (options.has(OptionCode::subnet_mask)) {
        const auto length = length_of_mask(options.address(OptionCode::subnet_mask).value_or(Ipv4Address{}));
        if (!length) return fail(Error::malformed);
        lease.address.length = *length;
    }
    const Ipv4Prefix subnet = lease.address.prefix();
    const bool a_hosts =
        lease.address.length >= 31 || (message.yiaddr != subnet.network() && message.yiaddr != subnet.broadcast());
    lease.time = duration_of(*time);
    if (!a_hosts || lease.time < limits.lease_min) return fail(Error::malformed);
    lease.server = *server;
    lease.routers = options.addresses(OptionCode::router);
    lease.domain_name_servers = options.addresses(OptionCode::domain_name_server);
    lease.domain_name = options.text(OptionCode::domain_name);
    lease.broadcast_address = options.address(OptionCode::broadcast_address);
    lease.mtu = options.u16(OptionCode::interface_mtu);
    lease.next_server = message.siaddr;
    lease.boot_file = options.has(OptionCode::boot_file_name) ? options.text(OptionCode::boot_file_name) : message.file;
    set_times(lease, options, asked_at);
    return lease;
}

}  // namespace strata::application::dhcp
