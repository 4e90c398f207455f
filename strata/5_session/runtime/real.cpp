#include "strata/5_session/runtime/real.hpp"

#include <boost/asio/post.hpp>

namespace strata::session {

using Descriptor = boost::asio::posix::descriptor_base;

struct RealRuntime::Watched {
    Watched(boost::asio::io_context& io, Driver given) : descriptor(io, given.descriptor), driver(std::move(given)) {}
    ~Watched() { descriptor.release(); }
    boost::asio::posix::stream_descriptor descriptor;
    Driver driver;
    bool ended = false;
    bool reads = false;  // waits to read, or does
    bool waits_to_write = false;
};

RealRuntime::RealRuntime(boost::asio::io_context& io)
    : io_(io), timer_(io), self_(std::make_shared<RealRuntime*>(this)) {
    scheduler_.on_earlier_deadline([this] { check_soon(); });
}

RealRuntime::~RealRuntime() {
    *self_ = nullptr;
    unwatch_all();
}

void RealRuntime::watch(Driver driver) {
    watched_.push_back(std::make_shared<Watched>(io_, std::move(driver)));
    wait_readable(watched_.back());
}

void RealRuntime::unwatch_all() {
    trimmer_.forget_all();
    for (const auto& watched : watched_) {
        watched->ended = true;
        boost::system::error_code ignored;
        watched->descriptor.cancel(ignored);
    }
    watched_.clear();
}

void RealRuntime::wait_readable(const std::shared_ptr<Watched>& watched) {
    watched->reads = !watched->driver.wants_readable || watched->driver.wants_readable();
    if (!watched->reads) return;
    watched->descriptor.async_wait(Descriptor::wait_read, [this, watched](const boost::system::error_code& error) {
        if (!error && !watched->ended) read_burst(watched);
    });
}

void RealRuntime::read_burst(const std::shared_ptr<Watched>& watched) {
    scheduler_.update();
    const bool more = watched->driver.readable();
    check();
    if (watched->ended) return;
    if (!more) return wait_readable(watched);
    boost::asio::post(io_, [this, watched] {
        if (!watched->ended) read_burst(watched);
    });
}

void RealRuntime::wait_writable(const std::shared_ptr<Watched>& watched) {
    watched->waits_to_write = true;
    watched->descriptor.async_wait(Descriptor::wait_write, [this, watched](const boost::system::error_code& error) {
        watched->waits_to_write = false;
        if (error || watched->ended) return;
        scheduler_.update();
        watched->driver.writable();
        check();
    });
}

void RealRuntime::check_soon() {
    if (check_posted_) return;
    // A deadline that our timer will find anyway needs nothing: the timer comes first and looks for
    // it.
    const Instant next = scheduler_.next_deadline();
    if (next > scheduler_.now() && next >= armed_at_) return;
    check_posted_ = true;
    boost::asio::post(io_, [self = self_] {
        if (*self == nullptr) return;
        (*self)->check_posted_ = false;
        (*self)->scheduler_.update();
        (*self)->check();
    });
}

// Fires what is due, and sees that we wake for what is next.
void RealRuntime::check() {
    scheduler_.expire();
    trimmer_.look();
    for (const auto& watched : watched_) {
        if (!watched->reads) wait_readable(watched);
        if (watched->driver.wants_writable && !watched->waits_to_write && watched->driver.wants_writable())
            wait_writable(watched);
    }
    const Instant next = scheduler_.next_deadline();
    if (next == never || (next >= armed_at_ && next > scheduler_.now())) return;
    if (next <= scheduler_.now()) return check_soon();
    armed_at_ = next;
    timer_.expires_after(next - scheduler_.now());
    timer_.async_wait([self = self_](const boost::system::error_code& error) {
        if (error || *self == nullptr) return;
        (*self)->armed_at_ = never;
        (*self)->scheduler_.update();
        (*self)->check();
    });
}

}  // namespace strata::session
