#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/serving/conversations.hpp"
#include "strata/7_application/serving/news.hpp"
#include "strata/7_application/talk/peer.hpp"
#include "strata/7_application/talk/streams.hpp"

namespace strata::application::talk {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::Address;
using session::error_code;
using session::Stream;

namespace {

constexpr unsigned nobody = std::numeric_limits<unsigned>::max();
constexpr Duration look_again = 1s;           // whether somebody who says no more is still there
constexpr Duration slow_peer_patience = 10s;  // a program's output waits for a client that takes nothing for so long

// The peers that are here, and what is said to them.
struct Chat : std::enable_shared_from_this<Chat> {
    Chat(session::Network& on, presentation::Charset text, Script plays, Print says, Options with, LineSource* from)
        : network(on),
          options(std::move(with)),
          lines(plays.is_one() ? nullptr : from),
          charset(std::move(text)),
          script(std::move(plays)),
          print(std::move(says)),
          news(on),
          visits(visits_of(*this)) {}
    // What is said comes from a program: it waits for its readers, and is sent to its end.
    [[nodiscard]] bool is_fed() const { return lines != nullptr && !lines->is_person(); }
    static Conversations visits_of(Chat& chat);
    session::Network& network;
    Options options;
    LineSource* lines;
    presentation::Charset charset;
    Script script;
    Print print;
    News news;             // somebody came, left, or has taken something
    Conversations visits;  // of those too who are not among the peers any more: what was said to them may be on its way
    std::map<unsigned, std::shared_ptr<Peer>> peers;
    std::set<unsigned> given_up;  // fed, and took nothing for a while
    unsigned last_number = 0;
    unsigned addressed = 0;  // whom the line is sent to, of which a piece was said: 0 is everybody
    bool within_a_line = false;
    std::size_t not_sent = 0;  // lines, to anybody or to one
    bool taken = false;        // the only exchange takes place
    bool over = false;
};

void close(Chat& chat) {
    chat.over = true;
    chat.visits.stop();
}

awaitable<void> host_script(Chat& chat, Peer& peer) {
    const bool exchanged = co_await peer.play(chat.script, chat.print, chat.taken);
    if (exchanged && chat.script.is_single()) close(chat);
}

awaitable<void> host_conversation(Chat& chat, Peer& peer, unsigned number) {
    chat.print("* " + std::to_string(number) + " is " + printable(peer.name().to_string()));
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message) break;
        chat.print("@" + std::to_string(number) + " " + peer.shown(*message));
    }
    // A peer that has said its last word may still listen.
    if (chat.is_fed() && !chat.over && !peer.is_broken()) {
        chat.print("* " + std::to_string(number) + " has said its last word");
        while (!chat.over && !peer.is_broken()) (void)co_await chat.news.next(look_again);
    }
    chat.print("* " + std::to_string(number) + " has left");
}

awaitable<void> take_leave(Chat& chat, Peer& peer) {
    peer.end_soon();
    const bool arrived = co_await peer.arrived();
    if (!arrived) chat.not_sent += std::max<std::size_t>(peer.waiting_lines(), 1);
}

// One peer's, from its coming until it has all that was said to it.
class Visit final : public Conversation {
public:
    Visit(std::shared_ptr<Chat> chat, Client client)
        : chat_(std::move(chat)),
          peer_(std::make_shared<Peer>(chat_->network, std::move(client.stream), chat_->charset, chat_->options)),
          place_(std::move(client.place)) {}
    awaitable<void> converse() override {
        const unsigned number = ++chat_->last_number;
        chat_->peers.emplace(number, peer_);
        peer_->on_written([room_of = std::weak_ptr(chat_)] {
            if (const auto still = room_of.lock()) still->news.tell();
        });
        chat_->news.tell();
        if (chat_->script.is_one()) {
            co_await host_script(*chat_, *peer_);
        } else {
            co_await host_conversation(*chat_, *peer_, number);
        }
        chat_->peers.erase(number);
        chat_->given_up.erase(number);
        if (!chat_->script.is_one()) co_await take_leave(*chat_, *peer_);
        chat_->news.tell();
    }
    void abort() override { peer_->abort(); }

private:
    std::shared_ptr<Chat> chat_;
    std::shared_ptr<Peer> peer_;
    std::optional<Places::Place> place_;
};

std::unique_ptr<Conversation> turn_away(Chat& chat, Client client) {
    if (chat.over || chat.taken) return nullptr;
    client.stream.abort();
    if (!chat.script.is_one())
        chat.print("* somebody was turned away: " + std::to_string(chat.options.clients_max) + " are here already");
    return nullptr;
}

// The chat outlives the accepting: listen_streams() has both.
Conversations Chat::visits_of(Chat& chat) {
    const std::size_t most = chat.options.clients_max;
    const auto begin = [&chat](Client client) -> std::unique_ptr<Conversation> {
        if (chat.over || chat.taken) return nullptr;
        return std::make_unique<Visit>(chat.shared_from_this(), std::move(client));
    };
    const auto refuse = [&chat](Client client, NoPlace) { return turn_away(chat, std::move(client)); };
    const PlacesOptions places{.connections_max = most, .per_address_max = most};
    return {chat.network, {.places = std::make_shared<Places>(places)}, begin, refuse};
}

void post(Chat& chat, unsigned number, Peer& peer, const Line& line) {
    if (peer.post(line) || !line.ends) return;
    ++chat.not_sent;
    chat.print("* " + std::to_string(number) + " does not read: the line was dropped for it");
}

// "@2 text" is sent to the second peer, anything else to all.
void say(Chat& chat, Line line) {
    if (!std::exchange(chat.within_a_line, !line.ends)) {
        chat.addressed = 0;
        if (line.text.starts_with('@')) {
            const char* const last = line.text.data() + line.text.size();
            const auto [end, error] = std::from_chars(line.text.data() + 1, last, chat.addressed);
            if (error != std::errc{} || end == last || *end != ' ' || chat.addressed == 0) {
                chat.addressed = nobody;
                return chat.print("* write '@NUMBER text' to answer one, or text for all");
            }
            line.text.erase(0, static_cast<std::size_t>(end + 1 - line.text.data()));
        }
    }
    if (chat.addressed == nobody) return;
    try {
        (void)encoded(chat.charset, line.text);
    } catch (const TalkError& error) {
        ++chat.not_sent;
        return chat.print(std::string("* ") + error.what());
    }
    bool anybody = false;
    for (const auto& [number, peer] : chat.peers) {
        if (chat.addressed != 0 && number != chat.addressed) continue;
        anybody = true;
        post(chat, number, *peer, line);
    }
    if (anybody || !line.ends) return;
    if (chat.addressed == 0) ++chat.not_sent;
    chat.print(chat.addressed == 0 ? "* nobody is there yet"
                                   : "* nobody has the number " + std::to_string(chat.addressed));
}

// A program's output waits until somebody is there, and until they have taken what was said before;
// but not for ever for one who takes nothing.
awaitable<void> wait_for_readers(Chat& chat) {
    while (chat.peers.empty() && chat.last_number == 0) (void)co_await chat.news.next();
    for (;;) {
        std::vector<unsigned> full;
        for (const auto& [number, peer] : chat.peers) {
            if (!peer->is_full()) {
                chat.given_up.erase(number);
            } else if (!chat.given_up.contains(number)) {
                full.push_back(number);
            }
        }
        if (full.empty()) co_return;
        const bool moved = co_await chat.news.next(slow_peer_patience);
        if (!moved) chat.given_up.insert(full.begin(), full.end());
    }
}

awaitable<void> read_lines(std::shared_ptr<Chat> chat) {
    for (;;) {
        if (chat->is_fed()) co_await wait_for_readers(*chat);
        auto line = co_await chat->lines->next();
        if (!line) break;
        if (!line->text.empty() || chat->within_a_line) say(*chat, std::move(*line));
    }
    chat->over = true;
    for (const auto& [number, peer] : chat->peers) peer->end_soon();
    chat->news.tell();
    close(*chat);
}

// A chat where nobody came, or nobody said anything, in time.
awaitable<void> close_in_time(std::shared_ptr<Chat> chat) {
    session::Timer timer = chat->network.make_timer();
    timer.expires_after(chat->script.timeout);
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
    if (!error && !chat->taken) chat->visits.stop();
}

awaitable<Address> where_to_listen(session::Network& network, Target target) {
    if (target.kind == Target::Kind::unix_stream) co_return session::UnixPath{target.path};
    error_code unknown;
    const auto found = co_await network.async_resolve(target.host, redirect_error(use_awaitable, unknown));
    if (unknown)
        throw TalkError("cannot listen on " + target.to_string() + ": " + unknown.message() +
                        "; write an address of this machine");
    co_return Address{found.front(), target.port};
}

}  // namespace

awaitable<void> listen_streams(session::Network& network, Target target, Options options, Print print,
                               LineSource* lines) {
    presentation::Charset charset = charset_named(options.encoding);
    Script script(options, charset);
    const Address local = co_await where_to_listen(network, target);
    error_code error;
    session::Acceptor acceptor = network.listen(local, error);
    if (error)
        throw TalkError("cannot listen on " + target.to_string() + ": " + error.message() +
                        "; choose another port or path");
    const auto chat = std::make_shared<Chat>(network, charset, script, print, options, lines);
    print("* listening on " + std::string(local.is_unix() ? "" : "tcp://") + acceptor.local().to_string());
    if (chat->lines != nullptr) asio::co_spawn(network.get_executor(), read_lines(chat), asio::detached);
    if (script.is_bounded()) asio::co_spawn(network.get_executor(), close_in_time(chat), asio::detached);
    co_await chat->visits.accept(std::move(acceptor));
    if (script.is_bounded() && !chat->over) {
        throw TalkError("nobody said anything on " + target.to_string() + " within " + in_seconds(script.timeout) +
                        " s; give it more time with --timeout");
    }
    // Each peer's watchdog makes it leave.
    if (chat->visits.active() > 0) co_await chat->visits.all_ended();
    if (chat->not_sent > 0 && chat->is_fed()) {
        throw TalkError("not everything was said on " + target.to_string() + ": " + std::to_string(chat->not_sent) +
                        " lines, or their ends, did not reach everybody they were for");
    }
}

}  // namespace strata::application::talk
