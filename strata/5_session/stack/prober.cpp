#include "strata/5_session/stack/prober.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <vector>

#include "strata/0_foundation/entropy.hpp"
#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/4_transport/udp/udp.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/probe/table.hpp"

namespace strata::session::stack {
namespace {

ProbeReply reply_of(const network::ErrorReport& report) {
    ProbeReply reply;
    reply.from = report.reporter;
    reply.icmp = report.said;
    reply.mtu = report.mtu;
    return reply;
}

ProbeReply reply_of(ProbeAnswer answer, const IpAddress& from) {
    ProbeReply reply;
    reply.answer = answer;
    reply.from = from;
    return reply;
}

// Who is told what became of a probe. It then destroys the probe's socket, so that telling it is
// the last thing that a socket does.
class Audience {
public:
    virtual ~Audience() = default;
    virtual void answered(ProbeTable::Number number, const ProbeReply& reply) = 0;
    virtual void not_sent(ProbeTable::Number number, error_code error, std::size_t mtu) = 0;
};

class ProbeSocket {
public:
    ProbeSocket(Audience& audience, ProbeTable::Number number) : audience_(audience), number_(number) {}
    ProbeSocket(const ProbeSocket&) = delete;
    ProbeSocket& operator=(const ProbeSocket&) = delete;
    virtual ~ProbeSocket() = default;

protected:
    void answered(const ProbeReply& reply) { audience_.answered(number_, reply); }
    void not_sent(error_code error, std::size_t mtu = 0) { audience_.not_sent(number_, error, mtu); }

private:
    Audience& audience_;
    ProbeTable::Number number_;
};

class UdpProbe final : public ProbeSocket, private transport::UdpSocketUser {
public:
    using ProbeSocket::ProbeSocket;
    void start(transport::Udp& udp, const ProbeRequest& request, Bytes payload) {
        auto opened = udp.open({IpAddress::any(request.destination.address.version()), PortNumber{0}});
        if (!opened) return not_sent(to_asio(opened.error()));
        socket_ = std::move(*opened);
        socket_->set_ttl(request.ttl);
        socket_->set_fragmentation(request.fragmentation);
        if (const auto error = socket_->connect(request.destination)) return not_sent(to_asio(error));
        socket_->set_user(this);
        const auto sent = socket_->send(payload);
        if (sent || sent.error() == Error::would_block) return;  // as good as lost on the way
        not_sent(to_asio(sent.error()), sent.error() == Error::message_too_long ? socket_->mtu() : 0);
    }

private:
    void readable() override {
        std::array<std::byte, 1> ignored{};
        const auto received = socket_->receive(ignored);
        if (received) answered(reply_of(ProbeAnswer::datagram, received->from.address));
    }
    void failed(const network::ErrorReport& report) override { answered(reply_of(report)); }

    std::unique_ptr<transport::UdpSocket> socket_;
};

class TcpProbe final : public ProbeSocket, private transport::tcp::ConnectionUser {
public:
    TcpProbe(Audience& audience, ProbeTable::Number number, transport::tcp::Tcp& tcp)
        : ProbeSocket(audience, number), tcp_(tcp) {}
    ~TcpProbe() override {
        if (connection_ == nullptr) return;
        connection_->abort();
        tcp_.release(connection_);
    }
    void start(const ProbeRequest& request, transport::tcp::ConnectionOptions options) {
        destination_ = request.destination.address;
        options.ttl = request.ttl;
        // One SYN a probe: it is over before another would leave.
        options.connect_timeout = options.rto_initial = options.rto_max = saturating_twice(request.timeout);
        auto opened = tcp_.connect(request.destination, this, options);
        if (!opened) return not_sent(to_asio(opened.error()));
        connection_ = *opened;
    }

private:
    static Duration saturating_twice(Duration timeout) { return timeout > Duration::max() / 2 ? timeout : 2 * timeout; }
    void connected() override { answered(reply_of(ProbeAnswer::accepted, destination_)); }
    void segment_failed(const network::ErrorReport& report) override { failure_ = reply_of(report); }
    void closed(std::error_code error) override {
        if (failure_) return answered(*failure_);
        if (error == Error::connection_refused) return answered(reply_of(ProbeAnswer::refused, destination_));
        not_sent(error ? to_asio(error) : error_code{asio::error::connection_aborted});
    }

    transport::tcp::Tcp& tcp_;
    transport::tcp::Connection* connection_ = nullptr;
    IpAddress destination_;
    std::optional<ProbeReply> failure_;
};

class StackProber final : public ProbeImplementation, private Audience, private StackMember {
public:
    StackProber(const std::shared_ptr<StackLife>& stack, transport::Udp& udp, Entropy& entropy,
                const transport::tcp::ConnectionOptions& connection)
        : StackMember(*stack),
          stack_(stack),
          executor_(stack->executor),
          udp_(udp),
          entropy_(entropy),
          connection_(connection),
          table_([this](ProbeTable::Number number) { ended(number); }) {
        timeout_.set_action([this] { expire(); });
    }
    ~StackProber() override { table_.cancel(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_probe(const ProbeRequest& request, ProbeHandler handler) override;
    void cancel() override { table_.cancel(); }

private:
    void answered(ProbeTable::Number number, const ProbeReply& reply) override {
        const auto stack = stack_.lock();
        if (stack) table_.answered(number, reply, stack->scheduler.now());
    }
    void not_sent(ProbeTable::Number number, error_code error, std::size_t mtu) override {
        table_.not_sent(number, error, mtu);
    }
    void abandon() noexcept override {
        sockets_.clear();  // the floors below end with the stack
        table_.abandon();
    }
    void ended(ProbeTable::Number number) {
        const auto socket = sockets_.extract(number);
        arm();
    }
    void arm() {
        const auto stack = stack_.lock();
        if (!stack) return;
        if (const auto next = table_.next_deadline()) return stack->scheduler.arm(timeout_, *next);
        stack->scheduler.cancel(timeout_);
    }
    void expire() {
        const auto stack = stack_.lock();
        if (!stack) return;
        table_.expire(stack->scheduler.now());
        arm();
    }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    transport::Udp& udp_;
    Entropy& entropy_;
    transport::tcp::ConnectionOptions connection_;
    std::map<ProbeTable::Number, std::unique_ptr<ProbeSocket>> sockets_;
    ProbeTable table_;
    strata::Timer timeout_;
};

void StackProber::start_probe(const ProbeRequest& request, ProbeHandler handler) {
    const auto stack = stack_.lock();
    if (!stack) return handler.complete(asio::error::bad_descriptor, {});
    stack->scheduler.update();
    const auto number = table_.add(request, stack->scheduler.now(), std::move(handler));
    if (!number) return;
    arm();
    if (request.kind == ProbeKind::tcp) {
        auto socket = std::make_unique<TcpProbe>(static_cast<Audience&>(*this), *number, stack->tcp);
        TcpProbe& probe = *socket;
        sockets_.emplace(*number, std::move(socket));
        return probe.start(request, connection_);
    }
    std::vector<std::byte> payload(request.payload_size);
    entropy_.fill(payload);
    auto socket = std::make_unique<UdpProbe>(static_cast<Audience&>(*this), *number);
    UdpProbe& probe = *socket;
    sockets_.emplace(*number, std::move(socket));
    probe.start(udp_, request, payload);
}

}  // namespace

Prober make_prober(const std::shared_ptr<StackLife>& stack, transport::Udp& udp, Entropy& entropy,
                   const transport::tcp::ConnectionOptions& connection) {
    return Prober{std::make_unique<StackProber>(stack, udp, entropy, connection)};
}

}  // namespace strata::session::stack
