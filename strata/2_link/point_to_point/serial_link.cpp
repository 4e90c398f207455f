#include "strata/2_link/point_to_point/serial_link.hpp"

namespace strata::link {

SerialLink::SerialLink(Context context, physical::SerialLine& line, const Features& features,
                       const PointToPointQueueOptions& queue)
    : PointToPoint(context, features, queue), line_(line) {
    line_.attach(this);
}

SerialLink::~SerialLink() { line_.attach(nullptr); }

void SerialLink::carrier_changed(bool) {
    frame_.clear();
    frame_sent_ = 0;
    line_full_ = false;
    PointToPoint::carrier_changed();
}

void SerialLink::fill() {
    while (!line_full_) {
        if (frame_sent_ == frame_.size()) {
            frame_.clear();
            frame_sent_ = 0;
            if (!append_frame(frame_)) return;
            count_out(frame_.size());
        }
        frame_sent_ += line_.transmit(Bytes{frame_}.subspan(frame_sent_));
        line_full_ = frame_sent_ < frame_.size();
    }
}

void SerialLink::line_writable() {
    line_full_ = false;
    transmit();
}

void SerialLink::octets_arrived(Bytes octets) {
    arrival_begins(octets.size());
    octets_received(octets);
    arrival_ends();
}

}  // namespace strata::link
