// KernelPort: a port whose other end is the kernel, over a descriptor on which every read and every
// write is one frame: a TAP or TUN device, a packet socket.
//
// With offload each frame has a virtio-net header before it (Linux, Documentation/networking/
// tuntap.rst; PACKET_VNET_HDR of packet(7)), so that checksums need not be computed and segments
// of up to 64 KiB cross in one call, both ways: that is worth 9 to 15 times the throughput. The
// event loop of floor 5 watches descriptor() and calls on_readable() and on_writable().
#pragma once

#include <string>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/1_physical/device/interface_requests.hpp"
#include "strata/1_physical/port.hpp"

struct iovec;

namespace strata::physical {

struct VnetHeader;

struct BurstOptions {
    std::size_t frames_max = 64;  // read before they are handed up
    // No frame more once this many bytes wait to be handed up: what was just read is still in the
    // processor's cache when its bytes are copied on.
    std::size_t bytes_max = 256 << 10;
};

#define STRATA_KERNEL_PORT_COUNTERS(counter)                                       \
    counter(deviceInFrames, "frames read");                                        \
    counter(deviceInErrors, "reads that failed, or a header that makes no sense"); \
    counter(deviceInNobody, "dropped: nobody is attached");                        \
    counter(deviceInOverruns, "dropped by the kernel: we did not read in time");   \
    counter(deviceOutFrames, "frames written");                                    \
    counter(deviceOutDown, "dropped: the kernel's side was down");                 \
    counter(deviceOutErrors, "dropped: the kernel refused them");                  \
    counter(deviceOutFull, "times the kernel had no room");

STRATA_COUNTERS(KernelPortCounters, STRATA_KERNEL_PORT_COUNTERS);

class KernelPort : public Port {
public:
    KernelPort(const KernelPort&) = delete;
    KernelPort& operator=(const KernelPort&) = delete;
    ~KernelPort() override;

    // Of the kernel's interface.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    // --- the event loop's side
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    // Reads and hands up one burst. True if there is likely more; false: wait until the descriptor
    // is readable, which it may be at once.
    bool on_readable();
    void on_writable();
    // True while on_writable() is waited for.
    [[nodiscard]] bool wants_writable() const noexcept { return blocked_; }

    [[nodiscard]] const KernelPortCounters& counters() const noexcept { return counters_; }

    // --- Port
    [[nodiscard]] const PortFeatures& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return up_; }
    void attach(PortUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override;
    [[nodiscard]] bool writable() const noexcept override { return !blocked_; }

protected:
    struct Settings {
        bool offload = true;  // a virtio-net header before each frame
        BurstOptions burst;
        Duration down_check_interval{};  // how often to look whether a link that went down is up again
        std::size_t front_room = 0;      // bytes that restore_front() may put before what was read
    };

    // The descriptor, which does not block, is closed with it.
    KernelPort(Context context, const Settings& settings, int descriptor);

    // --- what a device does in its own way
    // As readv(2) and writev(2).
    [[nodiscard]] virtual std::ptrdiff_t read(std::span<iovec> vectors) = 0;
    [[nodiscard]] virtual std::ptrdiff_t write(std::span<const iovec> vectors) = 0;
    // What the kernel took from the front of the frame that was just read is put back before
    // `frame`; returns how many bytes.
    [[nodiscard]] virtual std::size_t restore_front(std::byte* frame, VnetHeader& header) {
        (void)frame;
        (void)header;
        return 0;
    }
    // Whether this errno means that the kernel's side is down.
    [[nodiscard]] virtual bool means_down(int error) const noexcept = 0;

    // --- what it calls
    [[nodiscard]] const InterfaceRequests& requests() const noexcept { return requests_; }
    // Its name, and what is known of it.
    void found_interface(std::string name, const PortFeatures& features, bool up);
    void count_overruns(std::uint32_t more) noexcept { counters_.deviceInOverruns += more; }

private:
    enum class Sent : std::uint8_t { yes, dropped, full };

    [[nodiscard]] Sent write_frame(const Packet& frame);
    [[nodiscard]] Sent write_failed(int error, const Packet& frame);
    [[nodiscard]] Sent dropped_while_down(const Packet& frame);
    [[nodiscard]] bool read_frame();
    void read_failed(int error);
    [[nodiscard]] Packet make_packet(std::size_t skipped, std::size_t size);
    void hand_up();
    void went_down();
    void check_link();
    void tell_link(bool up);

    Context context_;
    Settings settings_;
    int descriptor_;
    InterfaceRequests requests_;
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
    KernelPortCounters counters_;
};

}  // namespace strata::physical
