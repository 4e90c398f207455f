// Tap: a port whose other end is the kernel: a TAP device of /dev/net/tun.
//
//      Nic  <--->  Tap  <--- file descriptor --->  the kernel's interface "tap0"  <--->  its IP, or a bridge
//
// With offload each frame carries a virtio-net header (Linux, Documentation/networking/tuntap.rst),
// so that checksums need not be computed and segments of up to 64 KiB cross in one call, both ways:
// that is worth 9 to 15 times the throughput. The event loop of floor 5 watches descriptor() and
// calls on_readable() and on_writable().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/1_physical/port.hpp"

namespace strata::physical {

// The longest that the kernel's driver takes (65535 less an Ethernet header).
inline constexpr std::size_t tap_mtu_max = 65521;

struct TapOptions {
    std::string name;  // of the kernel's interface, at most 15 bytes; made if it is not there; "": the kernel chooses
    std::size_t mtu = 0;  // at most tap_mtu_max; 0: as the interface has it
    bool offload = true;
    std::size_t burst_max = 64;  // frames read before they are handed up
    // No frame more once this many bytes wait to be handed up: what was just read is still in the
    // processor's cache when its bytes are copied on.
    std::size_t burst_bytes_max = 256 << 10;
    Duration down_check_interval = 100ms;  // how often to look whether a link that went down is up again
};

#define STRATA_TAP_COUNTERS(counter)                                            \
    counter(tapInFrames, "frames read");                                        \
    counter(tapInErrors, "reads that failed, or a header that makes no sense"); \
    counter(tapInNobody, "dropped: nobody is attached");                        \
    counter(tapOutFrames, "frames written");                                    \
    counter(tapOutDown, "dropped: the kernel's side was down");                 \
    counter(tapOutErrors, "dropped: the kernel refused them");                  \
    counter(tapOutFull, "times the kernel had no room");

STRATA_COUNTERS(TapCounters, STRATA_TAP_COUNTERS);

class Tap final : public Port {
public:
    // Errors: invalid_argument for a name that is too long or has a '/' in it, message_too_long for
    // an MTU beyond tap_mtu_max; else the kernel's (explain() says what to do).
    [[nodiscard]] static Result<std::unique_ptr<Tap>> open(Context context, const TapOptions& options);
    // One sentence for people: what failed and what to do.
    [[nodiscard]] static std::string explain(const std::error_code& error, std::string_view name);
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap() override;

    // --- the kernel's side. Errors: the kernel's.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::error_code set_up(bool up);
    [[nodiscard]] std::error_code set_host_address(const Ipv4InterfaceAddress& address);  // and brings it up

    // --- the event loop's side
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    // Reads and hands up one burst. True if there is likely more; false: wait until the descriptor
    // is readable, which it may be at once.
    bool on_readable();
    void on_writable();
    // True while on_writable() is waited for.
    [[nodiscard]] bool wants_writable() const noexcept { return blocked_; }

    [[nodiscard]] const TapCounters& counters() const noexcept { return counters_; }

    // --- Port
    [[nodiscard]] const PortFeatures& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return up_; }
    void attach(PortUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override;
    [[nodiscard]] bool writable() const noexcept override { return !blocked_; }

private:
    enum class Sent : std::uint8_t { yes, dropped, full };

    Tap(Context context, const TapOptions& options, int descriptor, int control);
    [[nodiscard]] std::error_code set_up_device();
    [[nodiscard]] std::error_code settle_mtu();
    [[nodiscard]] bool kernel_side_is_up() const;

    [[nodiscard]] Sent write_frame(const Packet& frame);
    [[nodiscard]] Sent write_failed(int error, const Packet& frame);
    [[nodiscard]] bool read_frame();
    void read_failed();
    [[nodiscard]] Packet make_packet(std::size_t size);
    void hand_up();
    void check_link();
    void tell_link(bool up);

    Context context_;
    TapOptions options_;
    int descriptor_;
    int control_;  // any socket: interface ioctls want one
    std::string name_;
    PortFeatures features_;
    PortUser* user_ = nullptr;
    bool up_ = true;
    bool told_up_ = true;  // what the user knows
    bool blocked_ = false;
    BufferRef small_;  // where the next frame's first 2 KiB go,
    BufferRef large_;  // and what is longer
    std::vector<Packet> burst_;
    std::size_t burst_bytes_ = 0;
    unsigned lone_bursts_ = 0;  // of a single frame, one after another
    Timer link_check_;
    TapCounters counters_;
};

}  // namespace strata::physical
