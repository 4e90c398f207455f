#include "strata/1_physical/hub/hub.hpp"

namespace strata::physical {

class Hub::Arm final : public PortUser {
public:
    Arm(Hub& hub, Port& below) : port(below), hub_(hub) { port.attach(this); }
    ~Arm() override { port.attach(nullptr); }
    Arm(const Arm&) = delete;
    Arm& operator=(const Arm&) = delete;

    void frames_arrived(std::span<Packet> frames) override { hub_.arrived(*this, frames); }
    // A frame that finds its port full is lost, so nothing waits for room.
    void port_writable() override {}
    void link_changed(bool) override {}

    Port& port;

private:
    Hub& hub_;
};

namespace {

bool same_features(const PortFeatures& a, const PortFeatures& b) noexcept {
    return a.mtu == b.mtu && a.checksum_offload == b.checksum_offload && a.super_frame_max == b.super_frame_max &&
           a.frame_check == b.frame_check;
}

}  // namespace

Hub::Hub(Context context, const HubOptions& options)
    : context_(context), options_(options), timer_([this] { repeat_due(); }) {}

Hub::~Hub() = default;

std::error_code Hub::attach(Port& port) {
    if (arms_.size() >= options_.ports_max) return Error::limit_reached;
    if (!arms_.empty() && !same_features(port.features(), arms_.front()->port.features())) {
        return Error::invalid_argument;
    }
    arms_.push_back(std::make_unique<Arm>(*this, port));
    return {};
}

void Hub::arrived(const Arm& from, std::span<Packet> frames) {
    const Instant leaves = saturating_add(context_.scheduler.now(), options_.latency);
    for (Packet& frame : frames) {
        ++counters_.hubFrames;
        const std::size_t bytes = frame.memory();
        if (passing_.size() >= options_.frames_max || passing_bytes_ + bytes > options_.bytes_max) {
            drop(frame, &HubCounters::hubFull);
            continue;
        }
        passing_bytes_ += bytes;
        passing_.push_back({leaves, &from, std::move(frame)});
    }
    if (!passing_.empty() && !timer_.armed()) context_.scheduler.arm(timer_, passing_.front().leaves);
}

void Hub::repeat_due() {
    while (!passing_.empty() && passing_.front().leaves <= context_.scheduler.now()) {
        const Passing passing = passing_.pop_front();
        passing_bytes_ -= passing.frame.memory();
        repeat(*passing.from, passing.frame);
    }
    if (!passing_.empty()) context_.scheduler.arm(timer_, passing_.front().leaves);
}

void Hub::repeat(const Arm& from, const Packet& frame) {
    for (const auto& arm : arms_) {
        if (arm.get() == &from) continue;
        if (!arm->port.link_up()) {
            ++counters_.hubNoLink;
            continue;
        }
        Packet copy = frame.clone();
        if (arm->port.transmit(std::span{&copy, 1}) == 0) {
            drop(copy, &HubCounters::hubPortFull);
        } else {
            ++counters_.hubRepeated;
        }
    }
}

void Hub::drop(const Packet& frame, CounterOf<HubCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::physical, Direction::up, Verdict::dropped, counter, frame);
}

}  // namespace strata::physical
