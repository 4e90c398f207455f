#include "strata/7_application/serving/places.hpp"
#include "strata/0_foundation/counted_as.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace strata::application {

std::expected<Places::Place, NoPlace> Places::take(const session::Address& client,
                                                   const boost::asio::any_io_executor& executor,
                                                   std::function<void()> leave) {
    const std::scoped_lock lock(mutex_);
    const auto guest = std::make_shared<Guest>();
    guest->among = this;
    guest->executor = executor;
    guest->leave = std::move(leave);
    guest->counted = !client.is_unix();
    if (guest->counted) {
        const auto known = addresses_.find(counted_as(client.endpoint().address));
        const bool full = known != addresses_.end() && known->second.count >= options_.per_address_max;
        if (full && !make_room(known->second.idle)) return std::unexpected(NoPlace::address_full);
    }
    // Those that are leaving have a place of their own until they have left.
    if (taken_ - leaving_ >= options_.connections_max && !make_room(idle_)) return std::unexpected(NoPlace::full);
    ++taken_;
    if (guest->counted) {
        guest->address = addresses_.try_emplace(counted_as(client.endpoint().address)).first;
        ++guest->address->second.count;
        ++guest->address->second.guests;
    }
    return Place{guest};
}

bool Places::make_room(Guests& idle) {
    if (idle.empty() || leaving_ >= options_.leaving_max) return false;
    Guest& guest = *idle.front();
    set_idle(guest, false);
    guest.leaving = true;
    ++leaving_;
    if (guest.counted) --guest.address->second.count;
    boost::asio::post(guest.executor, [weak = guest.weak_from_this()] {
        const auto told = weak.lock();
        if (told && told->leave) told->leave();
    });
    return true;
}

void Places::set_idle(Guest& guest, bool idle) {
    if (guest.leaving || guest.idle == idle) return;
    guest.idle = idle;
    if (idle) {
        guest.place_among_all = idle_.insert(idle_.end(), &guest);
        if (!guest.counted) return;
        Guests& at_address = guest.address->second.idle;
        guest.place_at_address = at_address.insert(at_address.end(), &guest);
    } else {
        idle_.erase(guest.place_among_all);
        if (guest.counted) guest.address->second.idle.erase(guest.place_at_address);
    }
}

void Places::remove(Guest& guest) {
    set_idle(guest, false);
    --taken_;
    if (guest.leaving) --leaving_;
    if (!guest.counted) return;
    if (!guest.leaving) --guest.address->second.count;
    --guest.address->second.guests;
    if (guest.address->second.guests == 0) addresses_.erase(guest.address);
}

std::size_t Places::taken() const {
    const std::scoped_lock lock(mutex_);
    return taken_;
}

Places::Place::~Place() {
    if (!guest_) return;
    const std::scoped_lock lock(guest_->among->mutex_);
    guest_->leave = nullptr;
    guest_->among->remove(*guest_);
}

void Places::Place::set_idle(bool idle) {
    const std::scoped_lock lock(guest_->among->mutex_);
    guest_->among->set_idle(*guest_, idle);
}

}  // namespace strata::application
