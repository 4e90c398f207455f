// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/server/connection.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/http/server/request_reader.hpp"
#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr std::size_t first_read = 4096;  // for a request; memory, for each client that says nothing

// Why a request is not served that its head, or what there is of it, speaks against.
std::optional<Answer> refusal_of(const RequestHead& head, const error_code& error) {
    if (head.refused != 0) return error_answer(head.refused);
    return error ? std::nullopt : refuse_early(head.parser);
}

// So much of it as is known.
Request refused_request(const RequestHead& head, const error_code& error) {
    const bool is_read = head.refused == 0 && (!error || error == beast::http::error::body_limit);
    return is_read ? request_of(head.parser) : Request{};
}

}  // namespace

// A request that has come.
struct Connection::Heard {
    RequestHead head;
    Instant began{};     // its first byte
    bool whole = false;  // with its body
};

Connection::Connection(std::shared_ptr<Shared> shared, Client with, std::optional<NoPlace> refused)
    : WatchedConversation(shared->network, std::move(with), shared->options.patience),
      shared_(std::move(shared)),
      deliveries_(*watchdog, shared_->log, [this] { show_idle(); }),
      outlet_{shared_->network, client.stream, *watchdog, shared_->date},
      buffer_(shared_->options.header_max + 8192),
      refused_(refused),
      idle_(!refused) {}

// The deliveries are told by it.
Connection::~Connection() { watchdog->stop(); }

awaitable<void> Connection::converse() { return refused_ ? turn_away() : serve(); }

awaitable<void> Connection::serve() {
    client.stream.set_no_delay(true);
    try {
        for (bool more = true; more && !stopping_; ++requests_) {
            Heard heard;
            more = co_await hear_request(heard);
            if (more) more = co_await answer_request(heard);
        }
    } catch (const std::exception&) {
        // Out of memory, say: this client is lost, the others are not.
        client.stream.abort();
    }
    tell_lost();
}

awaitable<void> Connection::turn_away() {
    const Answer busy =
        error_answer(503, refused_ == NoPlace::full ? "Too many connections: try again soon."
                                                    : "Too many connections from your address: close some of them.");
    const Request unread;
    co_await refuse(unread, busy, shared_->network.now());
    tell_lost();
}

void Connection::finish() {
    stopping_ = true;
    if (idle_) client.stream.cancel();
}

void Connection::leave() {
    leaving_ = true;
    if (idle_) client.stream.cancel();
}

// A client that still takes an answer is not idle, though nothing is asked.
void Connection::show_idle() {
    if (client.place) client.place->set_idle(idle_ && deliveries_.size() == 0);
}

void Connection::set_idle(bool idle) {
    idle_ = idle;
    show_idle();
}

// False: there is none that is served, and what there was to say to that has been said.
awaitable<bool> Connection::hear_request(Heard& heard) {
    const ServerOptions& options = shared_->options;
    RequestParser& parser = heard.head.parser;
    parser.header_limit(static_cast<std::uint32_t>(options.header_max));
    parser.body_limit(options.body_max);
    // Whoever stays silent is parted from in order: what was sent before may still be on its way.
    watchdog->only_cancels(true);
    watchdog->expect_within(requests_ == 0 ? options.request_timeout : options.idle_timeout);
    error_code error;
    if (buffer_.size() == 0) {
        set_idle(true);
        buffer_.commit(
            co_await client.stream.async_read_some(buffer_.prepare(first_read), redirect_error(use_awaitable, error)));
        set_idle(false);
    }
    if (error) {
        co_await see_arrive();
        co_return false;
    }
    // The time for a request runs from its first byte. Cancelled
    // only: there is still something to say.
    heard.began = shared_->network.now();
    watchdog->expect_within(options.request_timeout);
    if (!parse_head(buffer_, heard.head, options.header_max, error))
        error = co_await read_head(client.stream, buffer_, heard.head, options.header_max);
    std::optional<Answer> refusal = refusal_of(heard.head, error);
    // A client that waits with the body until it is asked for gets the answer instead.
    heard.whole = !error && !refusal && (parser.is_done() || !expects_continue(parser));
    if (heard.whole && !parser.is_done()) error = co_await skip_body(client.stream, buffer_, parser);
    const bool timed_out = watchdog->barked();
    watchdog->only_cancels(false);
    if (error || timed_out) refusal = answer_to_garbage(error, timed_out);
    if (refusal) {
        const Request request = refused_request(heard.head, error);
        // What nobody may do here he may not do at length.
        if (error == beast::http::error::body_limit && !is_allowed(request.method)) refusal = method_refusal();
        co_await refuse(request, *refusal, heard.began);
    } else if (error) {
        co_await see_arrive();
    }
    co_return !error && !refusal;
}

// False: it was the last on this connection.
awaitable<bool> Connection::answer_request(const Heard& heard) {
    const ServerOptions& options = shared_->options;
    const auto& message = heard.head.parser.get();
    const Request request = request_of(heard.head.parser);
    const Answer answered =
        answer(shared_->files, {shared_->network.now(), shared_->network.calendar()}, request, options.answers);
    const bool knows_chunks = message.version() >= 11;
    const bool keep_alive = heard.whole && (knows_chunks || !answered.listing) && message.keep_alive() && !stopping_ &&
                            !leaving_ && requests_ + 1 < options.requests_max && answered.status != 400;
    Sent sent;
    if (answered.listing) {
        sent = co_await send_listing(outlet_, answered, keep_alive, knows_chunks, shared_->files.root(),
                                     shared_->listings);
    } else {
        sent = co_await send(outlet_, answered, keep_alive);
    }
    note(request, answered, sent, heard.began);
    if (!sent.whole) co_return false;
    if (!keep_alive) (void)co_await part(client.stream, *watchdog, options.body_max);
    // Most have arrived by now, and were only not asked for.
    if (deliveries_.size() >= options.unacknowledged_max) watchdog->look();
    if (deliveries_.size() >= options.unacknowledged_max) co_await see_arrive();
    co_return keep_alive;
}

// Says that this is not served, and takes leave: what is behind it is not read as another request.
awaitable<void> Connection::refuse(const Request& request, const Answer& refusal, Instant began) {
    const Sent sent = co_await send(outlet_, refusal, false);
    note(request, refusal, sent, began);
    if (sent.whole) (void)co_await part(client.stream, *watchdog, shared_->options.body_max);
}

// Nothing more is asked: what was answered may still be on its way.
awaitable<void> Connection::see_arrive() {
    const bool arrived = co_await watchdog->all_arrived();
    if (!arrived) client.stream.abort();
}

// An answer was written, or not all of it: then nothing may follow.
void Connection::note(const Request& request, const Answer& answer, const Sent& sent, Instant began) {
    deliveries_.add({client.address, request.method, request.target, answer.status, sent.body_bytes}, began,
                    sent.whole);
    if (!sent.whole) client.stream.abort();
}

void Connection::tell_lost() {
    deliveries_.lost(why_lost(cut_off, outlet_.file_short, watchdog->barked()), shared_->network.now());
}

}  // namespace strata::application::http
