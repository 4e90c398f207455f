#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/printable.hpp"
#include "strata/5_session/idioms/connect_to.hpp"
#include "strata/7_application/serving/news.hpp"
#include "strata/7_application/talk/peer.hpp"
#include "strata/7_application/talk/streams.hpp"

namespace strata::application::talk {

namespace asio = session::asio;
using asio::awaitable;
using asio::use_awaitable;
using session::Address;
using session::Stream;

namespace {

// A conversation, and the lines that are said in it.
struct Call {
    Call(session::Network& on, std::shared_ptr<Peer> with, LineSource* from, Print says)
        : peer(std::move(with)), lines(from), print(std::move(says)), news(on) {}
    std::shared_ptr<Peer> peer;
    LineSource* lines;
    Print print;
    News news;             // a line has been sent, or the last one has
    bool reading = false;  // lines are not at their end
    bool sending = false;  // one is on its way
    std::string not_sent;  // in words; empty if nothing was lost
};

awaitable<void> send_line(Call& call, Line line) {
    const std::string beginning = beginning_of(line.text);
    try {
        const bool sent = co_await call.peer->send(std::move(line));
        if (!sent && call.not_sent.empty()) call.not_sent = beginning + " and what came behind it was not sent";
    } catch (const TalkError& error) {
        call.print(std::string("* ") + error.what());
        if (!call.lines->is_person() && call.not_sent.empty()) call.not_sent = beginning + " was not sent";
    }
}

awaitable<void> send_lines(std::shared_ptr<Call> call) {
    bool within_a_line = false;
    while (!call->peer->is_broken()) {
        auto line = co_await call->lines->next();
        if (!line) break;
        if (line->text.empty() && !within_a_line) continue;
        within_a_line = !line->ends;
        call->sending = true;
        co_await send_line(*call, std::move(*line));
        call->sending = false;
        call->news.tell();
    }
    call->reading = false;
    call->peer->end();
    call->news.tell();
}

// The peer says no more. A program's output is sent to its end all the
// same: a peer that has said its last word may still read. A person sees that
// the conversation is over; only what was typed already is still sent.
awaitable<void> send_the_rest(Call& call) {
    const bool person = call.lines->is_person();
    if (call.reading && !person && !call.peer->is_broken())
        call.print("* the peer has said its last word; what is left to say is still sent");
    while (!call.peer->is_broken() && (person ? call.sending : call.reading))
        (void)co_await call.news.next(1s);  // a reset is told by nobody
    if (call.not_sent.empty() && person && !call.lines->unfinished().empty())
        call.not_sent = beginning_of(call.lines->unfinished()) + " was not sent";
    if (call.not_sent.empty() && !person && call.reading) call.not_sent = "what was left of the input was not sent";
    if (!call.not_sent.empty() || person) co_return;
    const bool arrived = co_await call.peer->arrived();
    if (!arrived) call.not_sent = "not all that was sent has arrived";
}

awaitable<Stream> open(session::Network& network, Target target, Duration timeout) {
    std::string failure;
    try {
        // Named, not temporary: g++ 12 destroys temporaries of a co_await twice.
        if (target.kind == Target::Kind::tcp) {
            Stream stream = co_await session::connect_to(network, target.host, target.port, timeout);
            co_return stream;
        }
        const Address path{session::UnixPath{target.path}};
        Stream stream = co_await network.async_connect(path, use_awaitable);
        co_return stream;
    } catch (const boost::system::system_error& error) {
        failure = error.code().message();
    }
    throw TalkError("cannot connect to " + target.to_string() + ": " + failure +
                    "; check the address, and that somebody listens there");
}

awaitable<void> converse(std::shared_ptr<Call> call, Target target) {
    Peer& peer = *call->peer;
    call->print("* connected to " + printable(peer.name().to_string()));
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message) break;
        call->print(peer.shown(*message));
    }
    if (call->lines != nullptr) co_await send_the_rest(*call);
    call->print("* the conversation is over");
    if (!call->not_sent.empty())
        throw TalkError("not everything was said to the peer at " + target.to_string() + ": " + call->not_sent);
}

}  // namespace

awaitable<void> connect_stream(session::Network& network, Target target, Options options, Print print,
                               LineSource* lines) {
    const presentation::Charset charset = charset_named(options.encoding);
    const Script script(options, charset);
    Stream stream = co_await open(network, target, options.timeout);
    const auto peer = std::make_shared<Peer>(network, std::move(stream), charset, options);
    if (!script.is_one()) {
        const auto call = std::make_shared<Call>(network, peer, lines, print);
        call->reading = lines != nullptr;
        if (lines != nullptr) asio::co_spawn(network.get_executor(), send_lines(call), asio::detached);
        co_await converse(call, target);
        co_return;
    }
    bool taken = false;
    const bool exchanged = co_await peer->play(script, print, taken);
    if (exchanged || !script.is_bounded()) co_return;
    const std::string why = peer->was_silent() ? "said nothing within " + in_seconds(script.timeout) +
                                                     " s; give it more time with --timeout"
                                               : "ended the conversation without an answer; check what runs there";
    throw TalkError("the peer at " + target.to_string() + " " + why);
}

}  // namespace strata::application::talk
