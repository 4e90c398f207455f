// Capture: a port that writes what passes into a pcap file, both
// ways, with nanosecond stamps, for tcpdump and Wireshark.
//
//      user above  <--->  Capture  <--->  the port below
//                            |
//                         file.pcap
//
// It is put between any port and its user. Partial checksums are completed in the copy that is
// written, so that a reader finds none wrong; super-frames are written whole. Stamps are the
// scheduler's: in virtual time a run's file is the same to the byte.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/1_physical/port_filter.hpp"

namespace strata::physical {

struct CaptureOptions {
    std::size_t snap_length = 262144;  // bytes of a frame that are kept
    std::uint64_t bytes_max = 0;       // no frame is written that would make the file longer; 0: no limit
    Duration clock_offset{};           // added to the scheduler's time: what the calendar's is ahead of it
};

#define STRATA_CAPTURE_COUNTERS(counter)                            \
    counter(captureFrames, "frames written to the file");           \
    counter(captureOctets, "of the file");                          \
    counter(captureSkipped, "not written: the limit, or the disk"); \
    counter(captureNobody, "arrived frames dropped: nobody is attached");

STRATA_COUNTERS(CaptureCounters, STRATA_CAPTURE_COUNTERS);

class Capture final : public PortFilter {
public:
    // Creates or replaces the file. Errors: the kernel's, as fopen(3)
    // gives them. `below` outlives the capture.
    [[nodiscard]] static Result<std::unique_ptr<Capture>> open(Context context, Port& below, const std::string& path,
                                                               const CaptureOptions& options = {});
    ~Capture() override;

    // What is written so far reaches the file. The kernel's error of
    // this or an earlier write, if any.
    [[nodiscard]] std::error_code flush();
    [[nodiscard]] const CaptureCounters& counters() const noexcept { return counters_; }

    // PortFilter
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override;

private:
    struct File;
    Capture(Context context, Port& below, std::unique_ptr<File> file, const CaptureOptions& options);

    void frames_arrived(std::span<Packet> frames) override;
    [[nodiscard]] Bytes rendered(const Packet& frame);
    void write(Bytes frame);

    Context context_;
    std::unique_ptr<File> file_;
    CaptureOptions options_;
    std::vector<std::byte> scratch_;
    CaptureCounters counters_;
    std::error_code failed_;
};

}  // namespace strata::physical
