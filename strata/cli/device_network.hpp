// A host of ours on a device, as --net tap:… and its kin describe it; and what must be known before
// it can be used: its address where a RARP or a DHCP server tells it, and that nobody else has it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "strata/2_link/rarp/client.hpp"
#include "strata/cli/device_lease.hpp"
#include "strata/cli/net_option.hpp"
#include "strata/host/device_host.hpp"

namespace strata::cli {

// With its address, if the option says one. `pcap_file` may be empty. Throws as DeviceHost does.
[[nodiscard]] std::unique_ptr<host::DeviceHost> open_device(boost::asio::io_context& io, const NetOption& option,
                                                            const std::string& pcap_file);

// For commands that need the link itself. Throws WrongUse, which says why another network won't do.
void require_ethernet(const NetOption& option, const std::string& command);

// Runs the loop until there is an answer, or an end of patience: Error::timed_out.
[[nodiscard]] Result<link::RarpAnswer> ask_rarp(boost::asio::io_context& io, host::DeviceHost& device);

// Runs the loop until the host has its address, and may use it. Throws std::runtime_error with one
// sentence: no answer, or another host has it. With addr=dhcp it returns the lease, which must be
// kept as long as the address is, and be told by whoever handles Host::on_address_changed; else
// null.
[[nodiscard]] std::unique_ptr<DeviceLease> settle_address(boost::asio::io_context& io, host::DeviceHost& device,
                                                          const NetOption& option);

}  // namespace strata::cli
