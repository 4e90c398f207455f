#include "strata/7_application/tftp/server/server.hpp"

#include <algorithm>
#include <stdexcept>

#include "strata/0_foundation/counted_as.hpp"
#include "strata/7_application/tftp/server/desk.hpp"

namespace strata::application::tftp {
namespace {

constexpr std::size_t request_size_max = 2048;                                  // RFC 2347 allows 512
constexpr std::size_t datagram_size_max = data_header_size + blksize_most + 1;  // by a shared socket
constexpr Duration rest_after_error = 100ms;                                    // of the socket's

Ending ending_of(const Outcome& outcome, bool write) noexcept {
    switch (outcome.how) {
        case Outcome::How::whole: return Ending::whole;
        case Outcome::How::refused: return Ending::by_client;
        case Outcome::How::silent: return Ending::too_slow;
        case Outcome::How::broken: return write ? Ending::not_kept : Ending::file_short;
        case Outcome::How::aborted: break;
    }
    return Ending::by_server;
}

}  // namespace

Server::Desk::Desk(session::Network& network, std::shared_ptr<Files> files, Log log, const Options& options)
    : common_(std::make_shared<Common>(network, std::move(files), options)),
      places_(options.places ? options.places
                             : std::make_shared<Places>(PlacesOptions{.connections_max = 1000, .per_address_max = 64})),
      log_(std::move(log)),
      charset_(presentation::Charset::named(options.encoding)),
      rest_(network.make_timer()) {}

void Server::Desk::start(session::Datagram socket) {
    socket_ = std::make_shared<session::Datagram>(std::move(socket));
    buffer_.resize(options().single_port ? datagram_size_max : request_size_max);
    wait_for_request();
}

void Server::Desk::wait_for_request() {
    if (!socket_) return;
    socket_->async_receive_from(
        session::asio::buffer(buffer_),
        [self = shared_from_this()](const session::error_code& error, std::size_t size, const session::Address& from) {
            self->arrived(error, size, from);
        });
}

void Server::Desk::arrived(const session::error_code& error, std::size_t size, const session::Address& from) {
    if (error == session::asio::error::operation_aborted || error == session::asio::error::bad_descriptor) return;
    if (!socket_) return;  // closed when the datagram had been received already
    if (!error) {
        take(Bytes(buffer_).first(size), from);
        return wait_for_request();
    }
    rest_.expires_after(rest_after_error);
    rest_.async_wait([self = shared_from_this()](const session::error_code& stopped) {
        if (!stopped) self->wait_for_request();
    });
}

void Server::Desk::take(Bytes datagram, const session::Address& from) {
    const auto packet = parse(datagram);
    if (packet && std::holds_alternative<Request>(*packet))
        return take_request(std::get<Request>(*packet), datagram, from);
    if (options().single_port) {
        if (const auto found = transfers_.find(from); found != transfers_.end()) {
            const auto served = found->second;
            return served->hear(datagram);
        }
    }
    if (packet && std::holds_alternative<ErrorMessage>(*packet)) return;
    const ErrorCode code = packet ? ErrorCode::unknown_transfer_id : ErrorCode::illegal_operation;
    common_->refuse(*socket_, from, code, packet ? "there is no such transfer" : "this is no packet of TFTP");
}

void Server::Desk::take_request(const Request& request, Bytes datagram, const session::Address& from) {
    if (stopping_ || from.is_unix()) return;
    if (const auto found = transfers_.find(from); found != transfers_.end()) {
        const auto served = found->second;
        if (std::ranges::equal(served->asked().request, datagram)) return served->asked_again();
        // Its port is the client's again: it began anew, as a machine that was switched off does.
        served->drop("the client asked for something else");
    }
    if (has_many_unproven(common_->behind(from))) return;
    const Accepted accepted = begin(request, datagram, from);
    if (!accepted) refused(request, from, accepted.error());
}

void Server::Desk::refused(const Request& request, const session::Address& from, const Refusal& why) {
    if (!common_->refuse(*socket_, from, why.code, why.text)) return;
    TransferReport about{common_->behind(from),
                         charset_.decode(request.file, presentation::OnInvalid::replace).value_or("?")};
    about.write = request.write;
    about.ending = Ending::by_server;
    about.reason = why.text;
    report(about);
}

void Server::Desk::keep(const std::shared_ptr<Served>& served) {
    transfers_[served->asked().client] = served;
    count_unproven(served->asked().behind, true);
    served->place_is_idle(true);
}

void Server::Desk::count_unproven(const session::Address& client, bool one_more) {
    const IpAddress address = counted_as(client.endpoint().address);
    if (one_more) {
        ++unproven_[address];
    } else if (--unproven_[address] == 0) {
        unproven_.erase(address);
    }
}

bool Server::Desk::has_many_unproven(const session::Address& client) const {
    const auto found = unproven_.find(counted_as(client.endpoint().address));
    return found != unproven_.end() && found->second >= options().unproven_per_address_max;
}

void Server::Desk::proven(Served& served) {
    count_unproven(served.asked().behind, false);
    served.place_is_idle(false);
}

void Server::Desk::complete(Served& served) {
    served.release_place();
    const Outcome& outcome = *served.transfer().outcome();
    TransferReport about{served.asked().behind, served.asked().name, served.asked().write, true};
    about.bytes = served.transfer().bytes();
    about.took = common_->network.now() - served.began();
    about.ending = ending_of(outcome, about.write);
    about.reason = outcome.text;
    if (outcome.how == Outcome::How::refused && outcome.text.empty()) about.reason = in_words(outcome.code);
    report(about);
}

void Server::Desk::over(Served& served) {
    if (!served.is_proven()) count_unproven(served.asked().behind, false);
    const auto found = transfers_.find(served.asked().client);
    if (found != transfers_.end() && found->second.get() == &served) transfers_.erase(found);
    close_if_done();
}

void Server::Desk::abort() {
    stopping_ = true;
    const auto all = std::exchange(transfers_, {});
    for (const auto& [client, served] : all) served->abort(ErrorCode::not_defined, "the server is stopped");
    for (const auto& [client, served] : all) served->forget();
    close_if_done();
}

void Server::Desk::close_if_done() {
    if (!stopping_ || !transfers_.empty() || !socket_) return;
    rest_.cancel();
    socket_->close();
    socket_.reset();
}

Server::Server(session::Network& network, std::shared_ptr<Files> files, Log log, Options options)
    : network_(network), desk_(std::make_shared<Desk>(network, std::move(files), std::move(log), options)) {}

Server::~Server() { abort(); }

session::Address Server::start(const session::Address& at, session::error_code& error) {
    session::Datagram socket = network_.open_datagram(at, error);
    if (error) return {};
    const session::Address local = socket.local();
    start(std::move(socket));
    return local;
}

void Server::start(session::Datagram socket) { desk_->start(std::move(socket)); }
void Server::stop() { desk_->stop(); }
void Server::abort() { desk_->abort(); }
std::size_t Server::active() const noexcept { return desk_->active(); }

}  // namespace strata::application::tftp
