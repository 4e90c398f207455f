#include "strata/1_physical/capture/capture.hpp"

#include <pcap/pcap.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "strata/0_foundation/checksum.hpp"

namespace strata::physical {
namespace {

constexpr std::uint64_t file_header_size = 24;
constexpr std::uint64_t record_header_size = 16;

struct ClosesPcap {
    void operator()(pcap_t* pcap) const noexcept { pcap_close(pcap); }
};
struct ClosesDumper {
    void operator()(pcap_dumper_t* dumper) const noexcept { pcap_dump_close(dumper); }
};

std::error_code last_error() noexcept { return {errno != 0 ? errno : EIO, std::generic_category()}; }

}  // namespace

struct Capture::File {
    std::unique_ptr<pcap_t, ClosesPcap> pcap;
    std::unique_ptr<pcap_dumper_t, ClosesDumper> dumper;
};

Result<std::unique_ptr<Capture>> Capture::open(Context context, Port& below, const std::string& path,
                                               const CaptureOptions& options) {
    auto file = std::make_unique<File>();
    const int link_type = below.features().framing == Framing::ip ? DLT_RAW : DLT_EN10MB;
    file->pcap.reset(pcap_open_dead_with_tstamp_precision(link_type, static_cast<int>(options.snap_length),
                                                          PCAP_TSTAMP_PRECISION_NANO));
    if (!file->pcap) return std::unexpected(std::make_error_code(std::errc::not_enough_memory));
    errno = 0;
    std::FILE* stream = std::fopen(path.c_str(), "wbe");
    if (stream == nullptr) return std::unexpected(last_error());
    file->dumper.reset(pcap_dump_fopen(file->pcap.get(), stream));
    if (!file->dumper) {
        const auto error = last_error();
        (void)std::fclose(stream);
        return std::unexpected(error);
    }
    // The dumper closes the stream.
    // NOLINTNEXTLINE(clang-analyzer-unix.Stream)
    return std::unique_ptr<Capture>{new Capture{context, below, std::move(file), options}};
}

Capture::Capture(Context context, Port& below, std::unique_ptr<File> file, const CaptureOptions& options)
    : PortFilter(below), context_(context), file_(std::move(file)), options_(options) {
    counters_.captureOctets = file_header_size;
}

Capture::~Capture() = default;

std::error_code Capture::flush() {
    errno = 0;
    if (pcap_dump_flush(file_->dumper.get()) != 0 && !failed_) failed_ = last_error();
    return failed_;
}

// One at a time: a frame is no longer ours once the port has taken it, and is
// not to be written if it does not.
std::size_t Capture::transmit(std::span<Packet> frames) {
    std::size_t taken = 0;
    while (taken < frames.size() && below().writable()) {
        const Bytes frame = rendered(frames[taken]);
        if (below().transmit(frames.subspan(taken, 1)) == 0) break;
        write(frame);
        ++taken;
    }
    return taken;
}

void Capture::frames_arrived(std::span<Packet> frames) {
    for (const Packet& frame : frames) write(rendered(frame));
    if (pass_up(frames)) return;
    for (const Packet& frame : frames) {
        ++counters_.captureNobody;
        context_.traced(Floor::physical, Direction::up, Verdict::dropped, &CaptureCounters::captureNobody, frame);
    }
}

// The frame as it will look when every one below has done its part.
Bytes Capture::rendered(const Packet& frame) {
    if (scratch_.size() < frame.size()) scratch_.resize(frame.size());
    const std::size_t size = frame.copy_to(scratch_);
    const MutableBytes bytes{scratch_.data(), size};
    if (frame.checksum_state() == ChecksumState::partial) {
        const std::size_t start = frame.transport_header();
        const std::size_t field = start + frame.checksum_field();
        if (field + 2 <= size) {
            const std::uint16_t checksum = internet_checksum(bytes.subspan(start));
            store_be16(bytes.data() + field, checksum == 0 ? 0xffff : checksum);
        }
    }
    return bytes;
}

void Capture::write(Bytes frame) {
    const std::size_t kept = std::min(frame.size(), options_.snap_length);
    const std::uint64_t more = record_header_size + kept;
    if (failed_ || (options_.bytes_max != 0 && counters_.captureOctets + more > options_.bytes_max)) {
        ++counters_.captureSkipped;
        return;
    }
    const Duration since = context_.scheduler.now().time_since_epoch() + options_.clock_offset;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    pcap_pkthdr header{};
    header.ts.tv_sec = static_cast<decltype(header.ts.tv_sec)>(seconds.count());
    header.ts.tv_usec =
        static_cast<decltype(header.ts.tv_usec)>((since - seconds).count());  // nanoseconds, in such a file
    header.caplen = static_cast<bpf_u_int32>(kept);
    header.len = static_cast<bpf_u_int32>(frame.size());
    errno = 0;
    pcap_dump(reinterpret_cast<u_char*>(file_->dumper.get()), &header, reinterpret_cast<const u_char*>(frame.data()));
    if (std::ferror(pcap_dump_file(file_->dumper.get())) != 0) {
        failed_ = last_error();
        ++counters_.captureSkipped;
        return;
    }
    ++counters_.captureFrames;
    counters_.captureOctets += more;
}

}  // namespace strata::physical
