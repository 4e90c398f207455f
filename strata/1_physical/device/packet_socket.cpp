#include "strata/1_physical/device/packet_socket.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/1_physical/device/vnet_header.hpp"

namespace strata::physical {
namespace {

constexpr std::size_t vlan_tag_size = 4;        // IEEE 802.1Q: the protocol, and what it tells
constexpr std::size_t addresses_size = 12;      // of a frame, which come before it
constexpr std::uint16_t customer_tag = 0x8100;  // where the kernel says no other

std::error_code socket_error() noexcept { return {errno, std::generic_category()}; }

sockaddr_ll address_of(int index) noexcept {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = index;
    return address;
}

}  // namespace

Result<std::unique_ptr<PacketSocket>> PacketSocket::open(Context context, const PacketSocketOptions& options) {
    if (!is_interface_name(options.interface)) return fail(Error::invalid_argument);
    // Of no protocol: nothing arrives until it is bound to its interface.
    const int descriptor = ::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return std::unexpected(socket_error());
    std::unique_ptr<PacketSocket> opened{new PacketSocket{context, options, descriptor}};
    if (const auto error = opened->set_up(options)) return std::unexpected(error);
    return opened;
}

// The header before each frame is there even if we use none of it: what arrives may be a
// super-frame, or have a checksum that is still to be completed.
PacketSocket::PacketSocket(Context context, const PacketSocketOptions& options, int descriptor)
    : KernelPort(context,
                 {.offload = true,
                  .burst = options.burst,
                  .down_check_interval = options.down_check_interval,
                  .front_room = vlan_tag_size},
                 descriptor) {}

std::error_code PacketSocket::set_up(const PacketSocketOptions& options) {
    const auto index = requests().index(options.interface);
    if (!index) return index.error();
    if (const auto ethernet = requests().mac_address(options.interface); !ethernet) return ethernet.error();
    const auto mtu = requests().mtu(options.interface);
    if (!mtu) return mtu.error();
    for (const int option : {PACKET_VNET_HDR, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING}) {
        if (const auto error = set(SOL_PACKET, option, 1)) return error;
    }
    if (const auto error = set(SOL_SOCKET, SO_RXQ_OVFL, 1)) return error;
    const int bytes = static_cast<int>(options.buffer_bytes);
    if (set(SOL_SOCKET, SO_RCVBUFFORCE, bytes)) (void)set(SOL_SOCKET, SO_RCVBUF, bytes);
    if (set(SOL_SOCKET, SO_SNDBUFFORCE, bytes)) (void)set(SOL_SOCKET, SO_SNDBUF, bytes);
    if (options.only_for) {
        if (const auto error = filter(*options.only_for)) return error;
        if (const auto error = make_promiscuous(*index)) return error;
    }
    const sockaddr_ll own = address_of(*index);
    if (::bind(descriptor(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) return socket_error();
    found_interface(
        options.interface,
        {.mtu = *mtu, .checksum_offload = options.offload, .super_frame_max = options.offload ? ip_packet_max : 0},
        requests().is_running(options.interface));
    return {};
}

std::error_code PacketSocket::set(int level, int option, int value) const {
    return ::setsockopt(descriptor(), level, option, &value, sizeof value) == 0 ? std::error_code{} : socket_error();
}

// A frame to this address, or to a group: the lowest bit of its first octet is set.
std::error_code PacketSocket::filter(MacAddress only_for) const {
    std::array<std::byte, MacAddress::size> octets{};
    only_for.store(octets.data());
    constexpr std::uint32_t whole = 0xffffffff;
    std::array<sock_filter, 8> program{
        {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 4, 0),
         BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, load_be32(octets.data()), 0, 3),
         BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, load_be16(octets.data() + 4), 0, 1),
         BPF_STMT(BPF_RET | BPF_K, whole), BPF_STMT(BPF_RET | BPF_K, 0)}};
    const sock_fprog attached{program.size(), program.data()};
    const int done = ::setsockopt(descriptor(), SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached);
    return done == 0 ? std::error_code{} : socket_error();
}

// Ends when the socket is closed, whoever closes it.
std::error_code PacketSocket::make_promiscuous(int index) const {
    packet_mreq wanted{};
    wanted.mr_ifindex = index;
    wanted.mr_type = PACKET_MR_PROMISC;
    const int done = ::setsockopt(descriptor(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &wanted, sizeof wanted);
    return done == 0 ? std::error_code{} : socket_error();
}

std::ptrdiff_t PacketSocket::write(std::span<const iovec> vectors) {
    return ::writev(descriptor(), vectors.data(), static_cast<int>(vectors.size()));
}

std::ptrdiff_t PacketSocket::read(std::span<iovec> vectors) {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(tpacket_auxdata)) + CMSG_SPACE(sizeof(std::uint32_t))>
        beside{};
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = vectors.size();
    message.msg_control = beside.data();
    message.msg_controllen = beside.size();
    const ssize_t got = ::recvmsg(descriptor(), &message, 0);
    taken_tag_.reset();
    if (got < 0) return got;
    for (cmsghdr* told = CMSG_FIRSTHDR(&message); told != nullptr; told = CMSG_NXTHDR(&message, told)) {
        if (told->cmsg_level == SOL_PACKET && told->cmsg_type == PACKET_AUXDATA) {
            tpacket_auxdata facts{};
            std::memcpy(&facts, CMSG_DATA(told), sizeof facts);
            if ((facts.tp_status & TP_STATUS_VLAN_VALID) == 0) continue;
            const bool named = (facts.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
            taken_tag_ = Tag{named ? facts.tp_vlan_tpid : customer_tag, facts.tp_vlan_tci};
        } else if (told->cmsg_level == SOL_SOCKET && told->cmsg_type == SO_RXQ_OVFL) {
            std::uint32_t overruns = 0;
            std::memcpy(&overruns, CMSG_DATA(told), sizeof overruns);
            count_overruns(overruns - std::exchange(overruns_, overruns));
        }
    }
    return got;
}

// A tag that the kernel or its hardware took out, between the addresses and the type.
std::size_t PacketSocket::restore_front(std::byte* frame, VnetHeader& header) {
    if (!taken_tag_) return 0;
    std::memmove(frame - vlan_tag_size, frame, addresses_size);
    std::byte* tag = frame - vlan_tag_size + addresses_size;
    store_be16(tag, taken_tag_->protocol);
    store_be16(tag + 2, taken_tag_->control);
    if ((header.flags & VnetHeader::needs_checksum) != 0) header.checksum_start += vlan_tag_size;
    return vlan_tag_size;
}

bool PacketSocket::means_down(int error) const noexcept {
    return error == ENETDOWN || error == ENXIO || error == ENODEV;
}

std::string PacketSocket::explain(const std::error_code& error, std::string_view interface) {
    const auto say = [&](std::string_view what) {
        return fmt::format("cannot open the network interface '{}': {}", interface, what);
    };
    if (error == std::errc::operation_not_permitted || error == std::errc::permission_denied) {
        return say("no permission; run as root, or give the program the right: setcap cap_net_raw+ep");
    }
    if (error == std::errc::no_such_device) return say("there is none of that name; list them by: ip link");
    if (error == Error::not_supported) return say("it is no Ethernet; use one that is");
    if (error == Error::invalid_argument) return say("a name has at most 15 characters and no '/' or blank");
    return say(error.message());
}

}  // namespace strata::physical
