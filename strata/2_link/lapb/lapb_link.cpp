#include "strata/2_link/lapb/lapb_link.hpp"

#include <algorithm>

namespace strata::link {
namespace {

std::size_t mtu_of(const LapbStationOptions& station) noexcept {
    return station.information_max - std::min(station.information_max, nlpid_size);
}

}  // namespace

LapbLink::LapbLink(Context context, physical::SerialLine& line, const LapbOptions& options)
    : SerialLink(context, line, {.mtu = mtu_of(options.station), .headroom = nlpid_size}, options.queue),
      encoder_(make_encoder(line.unit(), options.frame_check)),
      decoder_(make_decoder(
          line.unit(), options.frame_check,
          LapbFrame::header_size_max + std::max(options.station.information_max, LapbRejection::size_max), *this)),
      station_(context, *this, options.station) {
    if (line.carrier()) station_.connect();
}

void LapbLink::usable_changed(bool usable) {
    if (usable) return station_.connect();
    if (line().carrier()) return station_.disconnect();
    station_.line_lost();
    encoder_->reset();
    decoder_->reset();
}

void LapbLink::visit_counters(const CounterVisitor& visit) const {
    SerialLink::visit_counters(visit);
    station_.counters().for_each(visit);
    decoder_->counters().for_each(visit);
}

bool LapbLink::append_frame(std::vector<std::byte>& to) {
    if (!station_.next_frame(frame_)) return encoder_->finish(to);
    encoder_->append(frame_, to);
    return true;
}

Packet LapbLink::next_information() {
    auto waiting = next_waiting();
    if (!waiting) return {};
    *waiting->packet.push_or_grow(nlpid_size) = waiting->type == EtherType::ipv4 ? nlpid_ipv4 : nlpid_ipv6;
    return std::move(waiting->packet);
}

void LapbLink::information_arrived(Bytes information) {
    const bool known = !information.empty() && (information[0] == nlpid_ipv4 || information[0] == nlpid_ipv6);
    if (!known || information.size() == nlpid_size) {
        context().traced(Floor::link, Direction::up, Verdict::dropped, &PointToPointCounters::ifInErrors);
        return count_broken();
    }
    deliver(Packet::copy_of(context().pool, information.subspan(nlpid_size)),
            information[0] == nlpid_ipv4 ? EtherType::ipv4 : EtherType::ipv6);
}

}  // namespace strata::link
