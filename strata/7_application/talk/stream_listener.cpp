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

// Who is here, and what is said to them.
struct Room : std::enable_shared_from_this<Room> {
    Room(session::Network& on, presentation::Charset text, Script plays, Print says, Options with, LineSource* from)
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
    static Conversations visits_of(Room& room);
    session::Network& network;
    Options options;
    LineSource* lines;
    presentation::Charset charset;
    Script script;
    Print print;
    News news;             // somebody came, went, or has taken something
    Conversations visits;  // of those too who are not among the peers any more: what was said to them may be on its way
    std::map<unsigned, std::shared_ptr<Peer>> peers;
    std::set<unsigned> given_up;  // fed, and took nothing for a while
    unsigned last_number = 0;
    unsigned addressed = 0;  // whom the line goes to, of which a piece was said: 0 is everybody
    bool within_a_line = false;
    std::size_t not_sent = 0;  // lines, to anybody or to one
    bool taken = false;        // the only exchange takes place
    bool over = false;
};

void close(Room& room) {
    room.over = true;
    room.visits.stop();
}

awaitable<void> host_script(Room& room, Peer& peer) {
    const bool exchanged = co_await peer.play(room.script, room.print, room.taken);
    if (exchanged && room.script.is_single()) close(room);
}

awaitable<void> host_conversation(Room& room, Peer& peer, unsigned number) {
    room.print("* " + std::to_string(number) + " is " + printable(peer.name().to_string()));
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message) break;
        room.print("@" + std::to_string(number) + " " + peer.shown(*message));
    }
    // Who has said its last word may still listen.
    if (room.is_fed() && !room.over && !peer.is_broken()) {
        room.print("* " + std::to_string(number) + " has said its last word");
        while (!room.over && !peer.is_broken()) (void)co_await room.news.next(look_again);
    }
    room.print("* " + std::to_string(number) + " has gone");
}

awaitable<void> take_leave(Room& room, Peer& peer) {
    peer.end_soon();
    const bool arrived = co_await peer.arrived();
    if (!arrived) room.not_sent += std::max<std::size_t>(peer.waiting_lines(), 1);
}

// One peer's, from its coming until it has all that was said to it.
class Visit final : public Conversation {
public:
    Visit(std::shared_ptr<Room> room, Client client)
        : room_(std::move(room)),
          peer_(std::make_shared<Peer>(room_->network, std::move(client.stream), room_->charset, room_->options)),
          place_(std::move(client.place)) {}
    awaitable<void> converse() override {
        const unsigned number = ++room_->last_number;
        room_->peers.emplace(number, peer_);
        peer_->on_written([room_of = std::weak_ptr(room_)] {
            if (const auto still = room_of.lock()) still->news.tell();
        });
        room_->news.tell();
        if (room_->script.is_one()) {
            co_await host_script(*room_, *peer_);
        } else {
            co_await host_conversation(*room_, *peer_, number);
        }
        room_->peers.erase(number);
        room_->given_up.erase(number);
        if (!room_->script.is_one()) co_await take_leave(*room_, *peer_);
        room_->news.tell();
    }
    void abort() override { peer_->abort(); }

private:
    std::shared_ptr<Room> room_;
    std::shared_ptr<Peer> peer_;
    std::optional<Places::Place> place_;
};

std::unique_ptr<Conversation> turn_away(Room& room, Client client) {
    if (room.over || room.taken) return nullptr;
    client.stream.abort();
    if (!room.script.is_one())
        room.print("* somebody was turned away: " + std::to_string(room.options.clients_max) + " are here already");
    return nullptr;
}

// The room outlives the accepting: listen_streams() has both.
Conversations Room::visits_of(Room& room) {
    const std::size_t most = room.options.clients_max;
    const auto begin = [&room](Client client) -> std::unique_ptr<Conversation> {
        if (room.over || room.taken) return nullptr;
        return std::make_unique<Visit>(room.shared_from_this(), std::move(client));
    };
    const auto refuse = [&room](Client client, NoPlace) { return turn_away(room, std::move(client)); };
    const PlacesOptions places{.connections_max = most, .per_address_max = most};
    return {room.network, {.places = std::make_shared<Places>(places)}, begin, refuse};
}

void post(Room& room, unsigned number, Peer& peer, const Line& line) {
    if (peer.post(line) || !line.ends) return;
    ++room.not_sent;
    room.print("* " + std::to_string(number) + " does not read: the line was dropped for it");
}

// "@2 text" goes to the second peer, anything else to all.
void say(Room& room, Line line) {
    if (!std::exchange(room.within_a_line, !line.ends)) {
        room.addressed = 0;
        if (line.text.starts_with('@')) {
            const char* const last = line.text.data() + line.text.size();
            const auto [end, error] = std::from_chars(line.text.data() + 1, last, room.addressed);
            if (error != std::errc{} || end == last || *end != ' ' || room.addressed == 0) {
                room.addressed = nobody;
                return room.print("* write '@NUMBER text' to answer one, or text for all");
            }
            line.text.erase(0, static_cast<std::size_t>(end + 1 - line.text.data()));
        }
    }
    if (room.addressed == nobody) return;
    try {
        (void)encoded(room.charset, line.text);
    } catch (const TalkError& error) {
        ++room.not_sent;
        return room.print(std::string("* ") + error.what());
    }
    bool anybody = false;
    for (const auto& [number, peer] : room.peers) {
        if (room.addressed != 0 && number != room.addressed) continue;
        anybody = true;
        post(room, number, *peer, line);
    }
    if (anybody || !line.ends) return;
    if (room.addressed == 0) ++room.not_sent;
    room.print(room.addressed == 0 ? "* nobody is there yet"
                                   : "* nobody has the number " + std::to_string(room.addressed));
}

// A program's output waits until somebody is there, and until they have taken what was said before;
// but not for ever for one who takes nothing.
awaitable<void> wait_for_readers(Room& room) {
    while (room.peers.empty() && room.last_number == 0) (void)co_await room.news.next();
    for (;;) {
        std::vector<unsigned> full;
        for (const auto& [number, peer] : room.peers) {
            if (!peer->is_full()) {
                room.given_up.erase(number);
            } else if (!room.given_up.contains(number)) {
                full.push_back(number);
            }
        }
        if (full.empty()) co_return;
        const bool moved = co_await room.news.next(slow_peer_patience);
        if (!moved) room.given_up.insert(full.begin(), full.end());
    }
}

awaitable<void> read_lines(std::shared_ptr<Room> room) {
    for (;;) {
        if (room->is_fed()) co_await wait_for_readers(*room);
        auto line = co_await room->lines->next();
        if (!line) break;
        if (!line->text.empty() || room->within_a_line) say(*room, std::move(*line));
    }
    room->over = true;
    for (const auto& [number, peer] : room->peers) peer->end_soon();
    room->news.tell();
    close(*room);
}

// A room where nobody came, or nobody said anything, in time.
awaitable<void> close_in_time(std::shared_ptr<Room> room) {
    session::Timer timer = room->network.make_timer();
    timer.expires_after(room->script.timeout);
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
    if (!error && !room->taken) room->visits.stop();
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
    const auto room = std::make_shared<Room>(network, charset, script, print, options, lines);
    print("* listening on " + std::string(local.is_unix() ? "" : "tcp://") + acceptor.local().to_string());
    if (room->lines != nullptr) asio::co_spawn(network.get_executor(), read_lines(room), asio::detached);
    if (script.is_bounded()) asio::co_spawn(network.get_executor(), close_in_time(room), asio::detached);
    co_await room->visits.accept(std::move(acceptor));
    if (script.is_bounded() && !room->over) {
        throw TalkError("nobody said anything on " + target.to_string() + " within " + in_seconds(script.timeout) +
                        " s; give it more time with --timeout");
    }
    // Each peer's watchdog sees to it that it goes.
    if (room->visits.active() > 0) co_await room->visits.all_ended();
    if (room->not_sent > 0 && room->is_fed()) {
        throw TalkError("not everything was said on " + target.to_string() + ": " + std::to_string(room->not_sent) +
                        " lines, or their ends, did not reach everybody they were for");
    }
}

}  // namespace strata::application::talk
