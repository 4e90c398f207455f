#include "strata/5_session/real_runtime.hpp"

#include <boost/asio/post.hpp>

namespace strata::session {

struct RealRuntime::Watched {
    Watched(boost::asio::io_context& io, int fd) : descriptor(io, fd) {}
    ~Watched() { descriptor.release(); }
    boost::asio::posix::stream_descriptor descriptor;
    std::function<bool()> readable;
    std::function<void()> writable;
};

RealRuntime::RealRuntime(boost::asio::io_context& io) : io_(io), timer_(io), self_(std::make_shared<RealRuntime*>(this)) {
    scheduler_.on_earlier_deadline([this] { check_soon(); });
}

RealRuntime::~RealRuntime() {
    *self_ = nullptr;
    unwatch_all();
}

void RealRuntime::watch(int descriptor, std::function<bool()> readable, std::function<void()> writable) {
    auto watched = std::make_shared<Watched>(io_, descriptor);
    watched->readable = std::move(readable);
    watched->writable = std::move(writable);
    watched_.push_back(watched);
    wait_readable(watched);
    if (watched->writable) wait_writable(watched);
}

void RealRuntime::unwatch_all() {
    for (const auto& watched : watched_) {
        watched->readable = nullptr;
        watched->writable = nullptr;
        boost::system::error_code ignored;
        watched->descriptor.cancel(ignored);
    }
    watched_.clear();
}

void RealRuntime::wait_readable(const std::shared_ptr<Watched>& watched) {
    watched->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_read,
                                   [this, watched](const boost::system::error_code& error) {
        if (error || !watched->readable) return;
        scheduler_.update();
        bool more = watched->readable();
        check();
        if (!watched->readable) return;
        if (!more) return wait_readable(watched);
        boost::asio::post(io_, [self = self_, watched] {
            if (*self == nullptr || !watched->readable) return;
            (*self)->scheduler_.update();
            while (watched->readable()) {
            }
            (*self)->check();
            (*self)->wait_readable(watched);
        });
    });
}

void RealRuntime::wait_writable(const std::shared_ptr<Watched>& watched) {
    watched->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_write,
                                   [this, watched](const boost::system::error_code& error) {
        if (error || !watched->writable) return;
        scheduler_.update();
        watched->writable();
        check();
    });
}

void RealRuntime::check_soon() {
    if (check_posted_) return;
    // A deadline that our timer will find anyway needs nothing: the timer comes first and looks for it.
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
