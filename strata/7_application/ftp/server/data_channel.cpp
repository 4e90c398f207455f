#include "strata/7_application/ftp/server/data_channel.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <span>
#include <utility>
#include <variant>

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::Address;
using session::error_code;
using session::Stream;

namespace {

constexpr std::uint16_t first_unprivileged = 1024;
constexpr std::size_t kin_size = 16;       // bytes: no two conversations have the same
constexpr unsigned ports_tried_most = 64;  // of a range, before there is said to be none

// Its end is that of the waiting, whether the time has passed or nobody waits any longer.
awaitable<void> wait(session::Timer& timer) {
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
}

// Reports its failure instead of throwing it: operator|| waits for the first that succeeds.
struct Came {
    error_code error;
    Stream stream;
};

awaitable<Came> call_client(session::Network& network, Address at) {
    Came came;
    came.stream = co_await network.async_connect(at, redirect_error(use_awaitable, came.error));
    co_return came;
}

// Strangers are cut off: whoever guesses the port gets nothing, and keeps nobody waiting.
awaitable<Came> accept_client(session::Acceptor& acceptor, const Shared& shared, IpAddress client) {
    const auto& client_behind = shared.options.client_behind;
    Came came;
    for (std::size_t strangers = 0; !came.error; ++strangers) {
        came.stream = co_await acceptor.async_accept(redirect_error(use_awaitable, came.error));
        if (came.error) break;
        const Address from = client_behind ? client_behind(came.stream.remote()) : came.stream.remote();
        if (!from.is_unix() && from.endpoint().address == client) break;
        came.stream.abort();
        if (strangers + 1 >= shared.options.strangers_max) came.error = asio::error::access_denied;
    }
    co_return came;
}

}  // namespace

DataChannel::DataChannel(Shared& shared, Address client) : shared_(shared), client_(std::move(client)) {
    if (!shared_.options.data_resumption) return;
    kin_.resize(kin_size);
    shared_.network.entropy().fill(std::as_writable_bytes(std::span(kin_)));
}

std::expected<DataChannel::Door, error_code> DataChannel::open(const Address& at, const Address& client) const {
    error_code error;
    session::Acceptor acceptor = shared_.network.listen(at, error);
    if (error) return std::unexpected(error);
    if (!shared_.options.open_door) return Door{std::move(acceptor), {at.endpoint(), nullptr}};
    auto door = shared_.options.open_door(at, client);
    if (!door) return std::unexpected(door.error());
    return Door{std::move(acceptor), std::move(*door)};
}

// From anywhere in the range, so that the next is not known from the one before.
std::expected<Endpoint, error_code> DataChannel::listen(const Stream& control) {
    forget();
    const Address local = control.local();
    if (local.is_unix()) return std::unexpected(error_code(asio::error::address_family_not_supported));
    const PortRange range = shared_.options.data_ports;
    const unsigned count = static_cast<unsigned>(std::max(range.first, range.last) - range.first) + 1;
    const auto from = static_cast<unsigned>(shared_.network.entropy().below(count));
    error_code error;
    for (unsigned i = 0; i < std::min(count, ports_tried_most); ++i) {
        const auto port = static_cast<std::uint16_t>(range.first + (from + i) % count);
        auto door = open(Address{local.endpoint().address, port}, control.remote());
        if (door) {
            acceptor_ = std::make_shared<Door>(std::move(*door));
            return acceptor_->door.at;
        }
        error = door.error();
        if (error != asio::error::address_in_use) break;
    }
    return std::unexpected(error);
}

bool DataChannel::may_call(const Endpoint& at) const {
    return !client_.is_unix() && at.address == client_.endpoint().address && number_of(at.port) >= first_unprivileged;
}

void DataChannel::call(const Endpoint& at) {
    forget();
    calls_ = at;
}

void DataChannel::forget() {
    acceptor_.reset();
    calls_.reset();
}

awaitable<std::expected<Stream, error_code>> DataChannel::connect(bool protect) {
    using namespace asio::experimental::awaitable_operators;
    const std::shared_ptr<Door> door = std::exchange(acceptor_, nullptr);
    const std::optional<Endpoint> to = std::exchange(calls_, std::nullopt);
    session::Timer timer = shared_.network.make_timer();
    timer.expires_after(shared_.options.data_timeout);
    awaitable<Came> coming = door ? accept_client(door->acceptor, shared_, client_.endpoint().address)
                                  : call_client(shared_.network, Address{*to});
    awaitable<void> waiting = wait(timer);
    waiting_ = &timer;
    std::variant<Came, std::monostate> first = co_await (std::move(coming) || std::move(waiting));
    waiting_ = nullptr;
    if (first.index() != 0) co_return std::unexpected(error_code(asio::error::timed_out));
    Came came = std::move(std::get<0>(first));
    if (came.error) co_return std::unexpected(came.error);
    facts_ = protect ? std::make_shared<presentation::TlsFacts>() : nullptr;
    if (protect) {
        const presentation::TlsAcceptance how{kin_, !kin_.empty()};
        came.stream = shared_.options.tls->over(std::move(came.stream), how, facts_);
    }
    co_return std::move(came.stream);
}

Stream DataChannel::protect_control(Stream control) const {
    const presentation::TlsAcceptance how{kin_, false};
    return shared_.options.tls->over(std::move(control), how);
}

}  // namespace strata::application::ftp
