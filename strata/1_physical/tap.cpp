#include "strata/1_physical/tap.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "strata/1_physical/vnet_header.hpp"

namespace strata::physical {
namespace {

constexpr std::size_t pieces_max = 64;          // of one gathered write; what has more is copied together
constexpr std::size_t small_size = 2048;        // takes an ordinary frame whole
constexpr std::size_t large_size = 66560;       // and with it the longest super-frame
constexpr std::size_t worth_copying_max = 224;  // fits a pool's smallest block: an acknowledgment must not hold 2 KiB

constexpr unsigned lone_bursts_enough = 8;
constexpr unsigned look_again_every = 8;

iovec vector_of(Bytes bytes) noexcept { return {const_cast<std::byte*>(bytes.data()), bytes.size()}; }

}  // namespace

// --- sending

std::size_t Tap::transmit(std::span<Packet> frames) {
    std::size_t taken = 0;
    for (Packet& frame : frames) {
        if (write_frame(frame) == Sent::full) {
            blocked_ = true;
            break;
        }
        frame.reset();
        ++taken;
    }
    return taken;
}

Tap::Sent Tap::write_frame(const Packet& frame) {
    if (!up_) return write_failed(EIO, frame);
    VnetHeader header = vnet_header_of(frame);
    std::array<iovec, pieces_max + 1> vectors{};
    std::size_t count = 0;
    if (options_.offload) vectors[count++] = {&header, sizeof header};
    Packet flat;
    const Packet* source = &frame;
    if (frame.rest().size() + 1 > pieces_max) source = &(flat = frame.flat_copy());
    source->for_each_piece([&](Bytes piece) { vectors[count++] = vector_of(piece); });
    for (;;) {
        if (::writev(descriptor_, vectors.data(), static_cast<int>(count)) >= 0) {
            ++counters_.tapOutFrames;
            return Sent::yes;
        }
        if (errno != EINTR) return write_failed(errno, frame);
    }
}

// EIO means that the kernel's side is down. Everything else the
// kernel does not take is lost, as on a wire.
Tap::Sent Tap::write_failed(int error, const Packet& frame) {
    if (error == EAGAIN || error == EWOULDBLOCK) {
        ++counters_.tapOutFull;
        return Sent::full;
    }
    if (error == EIO) {
        ++counters_.tapOutDown;
        context_.traced(Floor::physical, Direction::down, Verdict::dropped, &TapCounters::tapOutDown, frame);
        up_ = false;
        // The user hears of it outside of its own call.
        if (!link_check_.armed()) context_.scheduler.arm_after(link_check_, Duration{});
        return Sent::dropped;
    }
    ++counters_.tapOutErrors;
    context_.traced(Floor::physical, Direction::down, Verdict::dropped, &TapCounters::tapOutErrors, frame);
    return Sent::dropped;
}

void Tap::on_writable() {
    if (!blocked_) return;
    blocked_ = false;
    if (user_ != nullptr) user_->port_writable();
}

// --- the link

void Tap::check_link() {
    const bool was_down = !told_up_;
    tell_link(up_);
    if (was_down && kernel_side_is_up()) tell_link(up_ = true);
    if (!up_) context_.scheduler.arm_after(link_check_, options_.down_check_interval);
}

void Tap::tell_link(bool up) {
    if (std::exchange(told_up_, up) != up && user_ != nullptr) user_->link_changed(up);
}

// --- receiving

// Readiness is asked for anew after each burst, so a read that would only say that nothing waits
// can be left out where frames come one by one, as from a peer that asks and waits. Every so often
// it is made all the same, to see whether that is still so.
bool Tap::on_readable() {
    burst_.clear();
    burst_bytes_ = 0;
    const bool alone = lone_bursts_ >= lone_bursts_enough && lone_bursts_ % look_again_every != 0;
    const std::size_t most = alone ? 1 : options_.burst_max;
    bool more = true;
    while (more && burst_.size() < most && burst_bytes_ < options_.burst_bytes_max) more = read_frame();
    lone_bursts_ = burst_.size() == 1 ? lone_bursts_ + 1 : 0;
    hand_up();
    return more && !alone;
}

// False if nothing waits any more.
bool Tap::read_frame() {
    if (!small_) small_ = context_.pool.allocate(small_size);
    if (!large_) large_ = context_.pool.allocate(large_size);
    VnetHeader header{};
    const std::size_t header_size = options_.offload ? sizeof header : 0;
    const std::array<iovec, 3> vectors{
        {{&header, header_size}, {small_.data(), small_size}, {large_.data(), large_size}}};
    const ssize_t got = ::readv(descriptor_, vectors.data(), static_cast<int>(vectors.size()));
    if (got < 0) {
        if (errno == EINTR) return true;
        if (errno != EAGAIN && errno != EWOULDBLOCK) read_failed();
        return false;
    }
    if (static_cast<std::size_t>(got) <= header_size) {
        read_failed();
        return got != 0;
    }
    Packet frame = make_packet(static_cast<std::size_t>(got) - header_size);
    if (options_.offload && !apply_vnet_header(header, frame)) {
        ++counters_.tapInErrors;
        context_.traced(Floor::physical, Direction::up, Verdict::dropped, &TapCounters::tapInErrors, frame);
        return true;
    }
    ++counters_.tapInFrames;
    burst_bytes_ += frame.size();
    burst_.push_back(std::move(frame));
    return true;
}

void Tap::read_failed() {
    ++counters_.tapInErrors;
    context_.traced(Floor::physical, Direction::up, Verdict::dropped, &TapCounters::tapInErrors);
}

// A block that the frame does not need is kept for the next read.
Packet Tap::make_packet(std::size_t size) {
    if (size <= worth_copying_max) return Packet::copy_of(context_.pool, {small_.data(), size});
    const auto front = static_cast<std::uint32_t>(std::min(size, small_size));
    Packet frame = Packet::of(context_.pool, Slice{std::move(small_), 0, front});
    if (size > small_size) frame.append(Slice{std::move(large_), 0, static_cast<std::uint32_t>(size - small_size)});
    return frame;
}

void Tap::hand_up() {
    if (burst_.empty()) return;
    // What arrives shows that the other side is up.
    if (!up_) tell_link(up_ = true);
    if (user_ != nullptr) user_->frames_arrived(burst_);
    if (user_ == nullptr) {
        for (const Packet& frame : burst_) {
            ++counters_.tapInNobody;
            context_.traced(Floor::physical, Direction::up, Verdict::dropped, &TapCounters::tapInNobody, frame);
        }
    }
    burst_.clear();
}

}  // namespace strata::physical
