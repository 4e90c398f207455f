// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/server/connection.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/http/server/request_reader.hpp"
#include "strata/7_application/http/server/writing/body_reader.hpp"
#include "strata/7_application/serving/deliver.hpp"
#include "strata/7_application/serving/intake.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr std::size_t first_read = 4096;     // for a request; memory, for each client that says nothing
constexpr std::size_t body_read = 64 << 10;  // for a file that is put; memory, for each that arrives

// RFC 9110 15.2.1.
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

// Why a request is not served that its head, or what there is of it, speaks against.
std::optional<Answer> refusal_of(const RequestHead& head, const error_code& error) {
    if (head.refused != 0) return error_answer(head.refused);
    return error ? std::nullopt : refuse_early(head.parser);
}

Client over_tls(Client client, const std::optional<presentation::TlsServer>& tls) {
    if (tls) client.stream = tls->over(std::move(client.stream));
    return client;
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
    std::shared_ptr<Shelf> shelf{};
    std::shared_ptr<Put> put{};
    std::optional<Answer> answer{};  // already decided
};

Connection::Connection(std::shared_ptr<Shared> shared, Client with, std::optional<NoPlace> refused)
    : WatchedConversation(shared->network, over_tls(std::move(with), shared->options.tls), shared->options.patience),
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
    parser.body_limit(boost::none);  // until it is known whose body it is
    user_.clear();
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
    if (!error && !refusal) refusal = co_await hear_body(heard, error);
    const bool timed_out = watchdog->barked();
    watchdog->only_cancels(false);
    const bool has_reason = error == beast::http::error::body_limit && refusal;
    if ((error || timed_out) && !has_reason) refusal = answer_to_garbage(error, timed_out);
    if (refusal) {
        const Request request = refused_request(heard.head, error);
        heard.put.reset();  // what has come of it is gone before that is said
        co_await refuse(request, *refusal, heard.began);
    } else if (error) {
        note_broken(heard);
        co_await see_arrive();
    }
    co_return !error && !refusal;
}

// Who says that he is somebody; others are strangers, or have an answer already.
std::optional<Credentials> Connection::ask_who(Heard& heard, const Request& request) const {
    const ServerOptions& options = shared_->options;
    heard.shelf = shared_->shelves.everybodys();
    Visitor visitor = visitor_of(request, options.access, options.tls.has_value(), heard.shelf->root().rights());
    if (auto* const refusal = std::get_if<Answer>(&visitor)) heard.answer = std::move(*refusal);
    auto* const known = std::get_if<Credentials>(&visitor);
    return known == nullptr ? std::nullopt : std::optional(std::move(*known));
}

// Finds out whether it is he, and has his shelf then; or has an answer for him.
awaitable<void> Connection::admit(Heard& heard, Credentials who) {
    const ServerOptions& options = shared_->options;
    user_ = who.user;
    watchdog->reset();  // it is not the client who takes his time now
    const LoginResult result = co_await options.access.users->log_in(shared_->network, std::move(who.user),
                                                                     std::move(who.password), client.address);
    watchdog->expect_within(options.request_timeout);
    if (result) {
        heard.shelf = shared_->shelves.of(*result);
    } else {
        heard.answer = login_refusal(result.error());
    }
}

// Throws the body away, or keeps it where it is a file that is put. What is answered at once, with
// the rest of it unread, if that cannot be; nothing if all of it has come, or its client waits for
// the answer instead.
awaitable<std::optional<Answer>> Connection::hear_body(Heard& heard, error_code& error) {
    RequestParser& parser = heard.head.parser;
    const Request request = request_of(parser);
    if (auto who = ask_who(heard, request)) co_await admit(heard, std::move(*who));
    const FileRoot& root = heard.shelf->root();
    // What nobody may do here he may not do at length.
    if (!heard.answer && !is_allowed(request.method, root.rights())) heard.answer = method_refusal(root.rights());
    if (!heard.answer && request.method == "PUT") {
        auto put = Put::begin(root, now(), request, shared_->options.puts);
        if (put) heard.put = std::move(*put);
        if (heard.put) co_return co_await receive(heard, error);
        heard.answer = std::move(put.error());
    }
    // A client that waits with the body until it is asked for gets the answer instead.
    heard.whole = parser.is_done() || !expects_continue(parser);
    if (!heard.whole || parser.is_done()) co_return std::nullopt;
    const std::size_t most = shared_->options.body_max;
    parser.body_limit(most);
    if (parser.content_length().value_or(0) > most) error = beast::http::error::body_limit;
    if (!error) error = co_await skip_body(client.stream, buffer_, parser);
    if (error == beast::http::error::body_limit) co_return heard.answer;
    co_return std::nullopt;
}

// As hear_body(), of a file.
awaitable<std::optional<Answer>> Connection::receive(Heard& heard, error_code& error) {
    BodyReader body(client.stream, buffer_, heard.head.parser);
    const bool waits = !body.done() && expects_continue(heard.head.parser) && buffer_.size() == 0;
    if (waits) error = co_await ask_for_body();
    std::vector<std::byte> room(body_read);
    Intake intake(shared_->options.patience, shared_->network.now());
    while (!error && !body.done()) {
        watchdog->expect_within(shared_->options.patience.stall_timeout);
        const std::size_t count = co_await body.read_some(room, error);
        if (auto refused = heard.put->write(Bytes(room).first(count))) co_return refused;
        if (!error && intake.too_slow(shared_->network.now(), heard.put->size())) error = asio::error::timed_out;
    }
    heard.whole = !error;
    co_return std::nullopt;
}

awaitable<error_code> Connection::ask_for_body() {
    const Outgoing question{bytes_of(go_on)};
    co_return co_await deliver(client.stream, *watchdog, question);
}

Moment Connection::now() const { return {shared_->network.now(), shared_->network.calendar()}; }

awaitable<Answer> Connection::decide(const Heard& heard, const Request& request) {
    if (heard.answer) co_return *heard.answer;
    if (!heard.put) {
        Answer answered = answer(heard.shelf->files, now(), request, shared_->options.answers);
        // Another may find something else there.
        if (shared_->options.access.users) answered.fields.emplace_back("Vary", "Authorization");
        co_return answered;
    }
    watchdog->reset();  // it is not the client who takes his time now
    heard.put->is_whole(now());
    if (!heard.put->waits_for_the_disk()) {
        heard.put->do_it();
    } else {
        const asio::any_io_executor executor = shared_->network.get_executor();
        error_code none;
        auto doing = Aside::of(executor).async_do(heard.put, executor, redirect_error(use_awaitable, none));
        co_await std::move(doing);
    }
    co_return heard.put->answer();
}

// False: it was the last on this connection.
awaitable<bool> Connection::answer_request(const Heard& heard) {
    const ServerOptions& options = shared_->options;
    const auto& message = heard.head.parser.get();
    const Request request = request_of(heard.head.parser);
    const Answer answered = co_await decide(heard, request);
    const bool knows_chunks = message.version() >= 11;
    const bool keep_alive = heard.whole && (knows_chunks || !answered.listing) && message.keep_alive() && !stopping_ &&
                            !leaving_ && requests_ + 1 < options.requests_max && answered.status != 400;
    Sent sent;
    if (answered.listing) {
        sent = co_await send_listing(outlet_, answered, keep_alive, knows_chunks, heard.shelf->root(),
                                     heard.shelf->listings);
    } else {
        sent = co_await send(outlet_, answered, keep_alive);
    }
    note(request, answered, sent, heard.began, heard.put ? heard.put->size() : 0);
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
void Connection::note(const Request& request, const Answer& answer, const Sent& sent, Instant began,
                      std::uint64_t received) {
    deliveries_.add({client.address, request.method, request.target, user_, answer.status, sent.body_bytes, received},
                    began, sent.whole);
    if (!sent.whole) client.stream.abort();
}

// A file that does not arrive is of interest, though nobody is there to be answered.
void Connection::note_broken(const Heard& heard) {
    if (!heard.put || !shared_->log) return;
    const Request request = request_of(heard.head.parser);
    shared_->log({client.address, request.method, request.target, user_, 0, 0, heard.put->size(),
                  shared_->network.now() - heard.began, why_lost(cut_off, false, watchdog->barked())});
}

void Connection::tell_lost() {
    deliveries_.lost(why_lost(cut_off, outlet_.file_short, watchdog->barked()), shared_->network.now());
}

}  // namespace strata::application::http
