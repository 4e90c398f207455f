#include "strata/5_session/kernel/probe/prober.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <vector>

#include "strata/5_session/kernel/deadline_timer.hpp"
#include "strata/5_session/kernel/probe/socket.hpp"
#include "strata/5_session/probe/table.hpp"

namespace strata::session::kernel {
namespace {

// A socket, and the event loop's eye on it.
struct WatchedProbe {
    WatchedProbe(asio::io_context& io, const ProbeRequest& request, error_code& error)
        : socket(request, error), descriptor(io) {}
    ~WatchedProbe() {
        if (descriptor.is_open()) descriptor.release();  // the socket closes it
    }
    ProbeSocket socket;
    asio::posix::stream_descriptor descriptor;
};

// The sockets, what waits, and the timer that gives it up.
class Probing : public std::enable_shared_from_this<Probing> {
public:
    Probing(asio::io_context& io, Entropy& entropy)
        : io_(io), entropy_(entropy), timer_(io), table_([this](ProbeTable::Number number) { ended(number); }) {}
    [[nodiscard]] asio::any_io_executor get_executor() { return io_.get_executor(); }

    void start(const ProbeRequest& request, ProbeHandler handler) {
        const auto number = table_.add(request, DeadlineTimer::now(), std::move(handler));
        if (!number) return;
        arm();
        error_code error;
        auto opened = std::make_unique<WatchedProbe>(io_, request, error);
        if (error) return table_.not_sent(*number, error);
        WatchedProbe& probe = *sockets_.emplace(*number, std::move(opened)).first->second;
        std::vector<std::byte> payload(probe.socket.is_tcp() ? 0 : request.payload_size);
        entropy_.fill(payload);
        if (const auto outcome = probe.socket.send(payload)) return finish(*number, *outcome);
        probe.descriptor.assign(probe.socket.descriptor(), error);
        if (error) return table_.not_sent(*number, error);
        watch(*number, probe);
    }
    void cancel() { table_.cancel(); }

private:
    void finish(ProbeTable::Number number, const ProbeSocket::Outcome& outcome) {
        if (outcome.error) return table_.not_sent(number, outcome.error, outcome.reply.mtu);
        table_.answered(number, outcome.reply, DeadlineTimer::now());
    }
    void watch(ProbeTable::Number number, WatchedProbe& probe) {
        using Descriptor = asio::posix::stream_descriptor;
        const auto what = probe.socket.is_tcp() ? Descriptor::wait_write : Descriptor::wait_read;
        probe.descriptor.async_wait(what, [self = shared_from_this(), number](error_code error) {
            const auto found = self->sockets_.find(number);
            if (error || found == self->sockets_.end()) return;
            if (const auto outcome = found->second->socket.receive()) return self->finish(number, *outcome);
            self->watch(number, *found->second);
        });
    }
    void ended(ProbeTable::Number number) {
        sockets_.erase(number);
        arm();
    }
    void arm() { timer_.arm(table_.next_deadline(), weak_from_this(), &Probing::expire); }
    void expire() {
        table_.expire(DeadlineTimer::now());
        arm();
    }

    asio::io_context& io_;
    Entropy& entropy_;
    DeadlineTimer timer_;
    std::map<ProbeTable::Number, std::unique_ptr<WatchedProbe>> sockets_;
    ProbeTable table_;
};

class KernelProber final : public ProbeImplementation {
public:
    explicit KernelProber(std::shared_ptr<Probing> probing) : probing_(std::move(probing)) {}
    ~KernelProber() override { probing_->cancel(); }
    [[nodiscard]] asio::any_io_executor get_executor() const override { return probing_->get_executor(); }
    void start_probe(const ProbeRequest& request, ProbeHandler handler) override {
        probing_->start(request, std::move(handler));
    }
    void cancel() override { probing_->cancel(); }

private:
    std::shared_ptr<Probing> probing_;
};

}  // namespace

Prober make_prober(asio::io_context& io, Entropy& entropy) {
    return Prober{std::make_unique<KernelProber>(std::make_shared<Probing>(io, entropy))};
}

}  // namespace strata::session::kernel
