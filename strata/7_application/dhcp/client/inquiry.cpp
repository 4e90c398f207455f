#include "strata/7_application/dhcp/client/inquiry.hpp"

#include <algorithm>
#include <utility>

namespace strata::application::dhcp {

Inquiry::Inquiry(Scheduler& scheduler, Entropy& entropy, InquiryOptions options, Send send, Handler handler)
    : scheduler_(scheduler),
      entropy_(entropy),
      options_(std::move(options)),
      requests_(options_.identity),
      send_(std::move(send)),
      handler_(std::move(handler)),
      xid_(static_cast<std::uint32_t>(entropy.next())),
      began_(scheduler.now()),
      timer_([this] { due(); }) {
    discover();
}

void Inquiry::discover() {
    ++discovers_;
    const auto secs = std::chrono::duration_cast<std::chrono::seconds>(scheduler_.now() - began_).count();
    scheduler_.arm_after(timer_, back_off_.next(entropy_));
    send_(requests_.discover(xid_, static_cast<std::uint16_t>(secs)));
}

void Inquiry::due() {
    if (offers_.empty() && discovers_ < options_.discovers_max) return discover();
    Handler handler = std::exchange(handler_, nullptr);
    if (handler) handler(std::move(offers_));  // may destroy this
}

void Inquiry::deliver(const Message& message) {
    if (!requests_.answers(message, xid_) || message.type() != MessageType::offer) return;
    auto offer = Lease::from(message, scheduler_.now(), options_.limits);
    if (!offer || offers_.size() >= options_.offers_max) return;
    if (std::ranges::find(offers_, offer->server, &Lease::server) != offers_.end()) return;
    if (offers_.empty()) scheduler_.arm_after(timer_, options_.listen_time);
    offers_.push_back(std::move(*offer));
}

}  // namespace strata::application::dhcp
