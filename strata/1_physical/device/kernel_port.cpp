#include "strata/1_physical/device/kernel_port.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "strata/1_physical/device/vnet_header.hpp"

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

KernelPort::KernelPort(Context context, const Settings& settings, int descriptor)
    : context_(context), settings_(settings), descriptor_(descriptor), link_check_([this] { check_link(); }) {}

KernelPort::~KernelPort() { ::close(descriptor_); }

// A link that is down from the beginning is looked at like one that went down.
void KernelPort::found_interface(std::string name, const PortFeatures& features, bool up) {
    name_ = std::move(name);
    features_ = features;
    up_ = told_up_ = up;
    if (!up) context_.scheduler.arm_after(link_check_, settings_.down_check_interval);
}

// --- sending

std::size_t KernelPort::transmit(std::span<Packet> frames) {
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

KernelPort::Sent KernelPort::write_frame(const Packet& frame) {
    if (!up_) return dropped_while_down(frame);
    VnetHeader header = vnet_header_of(frame);
    std::array<iovec, pieces_max + 1> vectors{};
    std::size_t count = 0;
    if (settings_.offload) vectors[count++] = {&header, sizeof header};
    Packet flat;
    const Packet* source = &frame;
    if (frame.rest().size() + 1 > pieces_max) source = &(flat = frame.flat_copy());
    source->for_each_piece([&](Bytes piece) { vectors[count++] = vector_of(piece); });
    for (;;) {
        if (write(std::span{vectors}.first(count)) >= 0) {
            ++counters_.deviceOutFrames;
            return Sent::yes;
        }
        if (errno != EINTR) return write_failed(errno, frame);
    }
}

// Everything else the kernel does not take is lost, as on a wire.
KernelPort::Sent KernelPort::write_failed(int error, const Packet& frame) {
    if (error == EAGAIN || error == EWOULDBLOCK) {
        ++counters_.deviceOutFull;
        return Sent::full;
    }
    if (means_down(error)) {
        went_down();
        return dropped_while_down(frame);
    }
    ++counters_.deviceOutErrors;
    context_.traced(Floor::physical, Direction::down, Verdict::dropped, &KernelPortCounters::deviceOutErrors, frame);
    return Sent::dropped;
}

KernelPort::Sent KernelPort::dropped_while_down(const Packet& frame) {
    ++counters_.deviceOutDown;
    context_.traced(Floor::physical, Direction::down, Verdict::dropped, &KernelPortCounters::deviceOutDown, frame);
    return Sent::dropped;
}

void KernelPort::on_writable() {
    if (!blocked_) return;
    blocked_ = false;
    if (user_ != nullptr) user_->port_writable();
}

// --- the link

// The user hears of it outside of its own call.
void KernelPort::went_down() {
    up_ = false;
    if (!link_check_.armed()) context_.scheduler.arm_after(link_check_, Duration{});
}

void KernelPort::check_link() {
    const bool was_down = !told_up_;
    tell_link(up_);
    if (was_down && requests_.is_up(name_)) tell_link(up_ = true);
    if (!up_) context_.scheduler.arm_after(link_check_, settings_.down_check_interval);
}

void KernelPort::tell_link(bool up) {
    if (std::exchange(told_up_, up) != up && user_ != nullptr) user_->link_changed(up);
}

// --- receiving

// Readiness is asked for anew after each burst, so a read that would only say that nothing waits
// can be left out where frames come one by one, as from a peer that asks and waits. Every so often
// it is made all the same, to see whether that is still so.
bool KernelPort::on_readable() {
    burst_.clear();
    burst_bytes_ = 0;
    const bool alone = lone_bursts_ >= lone_bursts_enough && lone_bursts_ % look_again_every != 0;
    const std::size_t most = alone ? 1 : settings_.burst.frames_max;
    bool more = true;
    while (more && burst_.size() < most && burst_bytes_ < settings_.burst.bytes_max) more = read_frame();
    lone_bursts_ = burst_.size() == 1 ? lone_bursts_ + 1 : 0;
    hand_up();
    return more && !alone;
}

// False if nothing waits any more.
bool KernelPort::read_frame() {
    if (!small_) small_ = context_.pool.allocate(small_size);
    if (!large_) large_ = context_.pool.allocate(large_size);
    VnetHeader header{};
    const std::size_t header_size = settings_.offload ? sizeof header : 0;
    const std::size_t room = settings_.front_room;
    std::array<iovec, 3> vectors{
        {{&header, header_size}, {small_.data() + room, small_size - room}, {large_.data(), large_size}}};
    const std::ptrdiff_t got = read(vectors);
    if (got < 0) {
        if (errno == EINTR) return true;
        if (errno != EAGAIN && errno != EWOULDBLOCK) read_failed(errno);
        return false;
    }
    if (static_cast<std::size_t>(got) <= header_size) {
        read_failed(0);
        return got != 0;
    }
    const std::size_t restored = restore_front(small_.data() + room, header);
    Packet frame = make_packet(room - restored, static_cast<std::size_t>(got) - header_size + restored);
    if (settings_.offload && !apply_vnet_header(header, frame)) {
        ++counters_.deviceInErrors;
        context_.traced(Floor::physical, Direction::up, Verdict::dropped, &KernelPortCounters::deviceInErrors, frame);
        return true;
    }
    ++counters_.deviceInFrames;
    burst_bytes_ += frame.size();
    burst_.push_back(std::move(frame));
    return true;
}

void KernelPort::read_failed(int error) {
    if (means_down(error)) return went_down();
    ++counters_.deviceInErrors;
    context_.traced(Floor::physical, Direction::up, Verdict::dropped, &KernelPortCounters::deviceInErrors);
}

// Of what begins so many bytes behind the blocks' beginning. A block that the frame does not need
// is kept for the next read.
Packet KernelPort::make_packet(std::size_t skipped, std::size_t size) {
    if (size <= worth_copying_max) return Packet::copy_of(context_.pool, {small_.data() + skipped, size});
    const auto front = static_cast<std::uint32_t>(std::min(size, small_size - skipped));
    Packet frame = Packet::of(context_.pool, Slice{std::move(small_), static_cast<std::uint32_t>(skipped), front});
    if (size > front) frame.append(Slice{std::move(large_), 0, static_cast<std::uint32_t>(size - front)});
    return frame;
}

void KernelPort::hand_up() {
    if (burst_.empty()) return;
    // What arrives shows that the other side is up.
    if (!up_) tell_link(up_ = true);
    if (user_ != nullptr) user_->frames_arrived(burst_);
    if (user_ == nullptr) {
        for (const Packet& frame : burst_) {
            ++counters_.deviceInNobody;
            context_.traced(Floor::physical, Direction::up, Verdict::dropped, &KernelPortCounters::deviceInNobody,
                            frame);
        }
    }
    burst_.clear();
}

}  // namespace strata::physical
