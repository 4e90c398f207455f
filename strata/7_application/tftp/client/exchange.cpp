#include "strata/7_application/tftp/client/exchange.hpp"

#include <algorithm>

namespace strata::application::tftp {
namespace {

constexpr std::size_t places_of_burst = 16;
constexpr Duration patience_for_the_next = 50us;  // what it takes to be woken on another processor
constexpr Duration progress_interval = 50ms;      // at which those who wait are told how far it is
constexpr unsigned strangers_burst_max = 10;      // that are told so at once,
constexpr Duration strangers_interval = 100ms;    // and then one each

}  // namespace

Exchange::Exchange(session::Network& network, Asked asked)
    : network_(network),
      asked_(std::move(asked)),
      socket_(open(network, asked_.servers)),
      timer_(network.make_timer()),
      news_(network),
      burst_(places_of_burst) {
    burst_.be_eager(patience_for_the_next);
}

// One socket for both versions of IP, or, where there is only IPv4, for that.
session::Datagram Exchange::open(session::Network& network, std::vector<session::Address>& servers) {
    const auto is_v4 = [](const session::Address& server) { return server.endpoint().address.is_v4(); };
    if (std::ranges::all_of(servers, is_v4)) return network.open_datagram({Ipv4Address::any(), 0});
    session::error_code error;
    auto socket = network.open_datagram({IpAddress{Ipv6Address{}}, 0}, error);
    if (!error) return socket;
    std::erase_if(servers, [&](const session::Address& server) { return !is_v4(server); });
    if (servers.empty()) throw boost::system::system_error(error, "open a socket of IPv6");
    return network.open_datagram({Ipv4Address::any(), 0});
}

void Exchange::begin(std::unique_ptr<Transfer> transfer, OnOptions on_options) {
    transfer_ = std::move(transfer);
    on_options_ = std::move(on_options);
    wait_for_packet();
    transfer_->begin(serialize(asked_.request), network_.now());
    settle();
}

session::asio::awaitable<void> Exchange::changed() { co_await news_.next(); }

bool Exchange::may_be_refused_for_options() const noexcept {
    const auto& outcome = transfer_->outcome();
    if (!outcome || outcome->how != Outcome::How::refused || agreed_ || has_data_) return false;
    return !asked_.options.empty() &&
           (outcome->code == ErrorCode::bad_options || outcome->code == ErrorCode::illegal_operation);
}

void Exchange::leave() {
    if (closed_) return;
    on_options_ = {};
    transfer_->abort(ErrorCode::not_defined, "the client was stopped");
    settle();
}

void Exchange::send(std::span<const Bytes> datagrams) {
    const session::Address to = server_ ? *server_ : asked_.servers[asked_times_++ % asked_.servers.size()];
    socket_.send_at_once(datagrams, to);
}

MutableBytes Exchange::room(std::size_t at_least) {
    if (room_.size() < std::max(at_least, burst_size_usual)) room_.resize(std::max(at_least, burst_size_usual));
    return room_;
}

void Exchange::wait_for_packet() {
    socket_.async_receive_burst(burst_, [self = shared_from_this()](const session::error_code& error) {
        if (self->closed_ || error == session::asio::error::operation_aborted ||
            error == session::asio::error::bad_descriptor)
            return;
        // ICMP errors: the deadlines know what to do about silence.
        if (!error) self->hear_all();
        if (!self->closed_) self->wait_for_packet();
    });
}

void Exchange::hear_all() {
    burst_.for_each([this](Bytes datagram, const session::Address& from) {
        if (!closed_) hear(datagram, from);
    });
}

void Exchange::hear(Bytes datagram, const session::Address& from) {
    const auto packet = parse(datagram);
    const Instant now = network_.now();
    if (!packet || !is_server(from, *packet)) {
        const bool error = packet && std::holds_alternative<ErrorMessage>(*packet);
        if (error || !refusals_.allow(now, strangers_interval, strangers_burst_max)) return;
        if (!server_ || from == *server_) return;
        const auto refusal = serialize(ErrorMessage{ErrorCode::unknown_transfer_id, "this is another's transfer"});
        const Bytes bytes{refusal};
        socket_.send_at_once({&bytes, 1}, from);
        return;
    }
    const auto* options = std::get_if<OptionAcknowledgment>(&*packet);
    if (options != nullptr && !agreed_ && !has_data_) {
        hear_options(*options, now);
    } else {
        has_data_ =
            has_data_ || std::holds_alternative<Data>(*packet) || std::holds_alternative<Acknowledgment>(*packet);
        transfer_->hear(*packet, now);
    }
    settle();
}

void Exchange::hear_options(const OptionAcknowledgment& packet, Instant now) {
    agreed_ = true;
    const CheckedAnswer checked = check_answer(packet.options, asked_.options);
    if (!checked.problem.empty()) return transfer_->abort(ErrorCode::bad_options, checked.problem);
    const OptionValues& values = checked.values;
    Agreement agreement;
    agreement.blksize = values.blksize.value_or(blksize_default);
    agreement.windowsize = values.windowsize.value_or(1);
    agreement.sliding = values.sliding && agreement.windowsize > 1;
    if (values.timeout) agreement.timeout = std::chrono::seconds{*values.timeout};
    if (on_options_) on_options_(values);
    transfer_->agree(agreement);
    transfer_->proceed(now);
}

// The first who answers from an address that was asked, with something that is an answer to it.
bool Exchange::is_server(const session::Address& from, const Packet& packet) {
    if (server_) return from == *server_;
    const bool was_asked = std::ranges::any_of(asked_.servers, [&](const session::Address& server) {
        return server.endpoint().address == from.endpoint().address;
    });
    const auto* data = std::get_if<Data>(&packet);
    const auto* acknowledgment = std::get_if<Acknowledgment>(&packet);
    const bool answers = std::holds_alternative<ErrorMessage>(packet) ||
                         std::holds_alternative<OptionAcknowledgment>(packet) ||
                         (!asked_.request.write && data != nullptr && data->block == 1) ||
                         (asked_.request.write && acknowledgment != nullptr && acknowledgment->block == 0);
    if (!was_asked || !answers) return false;
    server_ = from;
    return true;
}

// Whoever waits need not see each packet.
void Exchange::settle() {
    const Instant now = network_.now();
    if (transfer_->outcome() || now - told_at_ >= progress_interval) {
        told_at_ = now;
        news_.tell();
    }
    if (!transfer_->is_over()) return arm();
    if (std::exchange(closed_, true)) return;
    timer_.cancel();
    socket_.close();
}

// Deadlines move with each packet; the timer is set anew only where they come closer.
void Exchange::arm() {
    const Instant deadline = transfer_->deadline();
    if (deadline >= armed_for_) return;
    armed_for_ = deadline;
    timer_.expires_after(std::max(deadline - network_.now(), Duration{}));
    timer_.async_wait([self = shared_from_this()](const session::error_code& stopped) {
        if (stopped || self->closed_) return;
        self->armed_for_ = never;
        self->transfer_->deadline_reached(self->network_.now());
        self->settle();
    });
}

}  // namespace strata::application::tftp
