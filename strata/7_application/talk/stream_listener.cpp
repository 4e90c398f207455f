#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <map>

#include "strata/0_foundation/printable.hpp"
#include "strata/5_session/accept_each.hpp"
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

// Who is here, and the door they come in by.
struct Room {
    Room(session::Network& on, presentation::Charset text, Script plays, Print says, session::Acceptor door)
        : network(on),
          charset(std::move(text)),
          script(std::move(plays)),
          print(std::move(says)),
          acceptor(std::move(door)),
          last_gone(on.make_timer()) {}
    session::Network& network;
    presentation::Charset charset;
    Script script;
    Print print;
    session::Acceptor acceptor;
    session::Timer last_gone;  // cancelled when the room is empty and nobody comes in any more
    std::map<unsigned, std::shared_ptr<Peer>> peers;
    unsigned last_number = 0;
    bool taken = false;  // the only exchange takes place
    bool over = false;
};

void close(Room& room) {
    room.over = true;
    room.acceptor.close();
}

awaitable<void> host_script(Room& room, Peer& peer) {
    const bool exchanged = co_await peer.play(room.script, room.print, room.taken);
    if (exchanged && room.script.is_single()) close(room);
}

awaitable<void> host_conversation(Room& room, Peer& peer, unsigned number) {
    room.print("* " + std::to_string(number) + " is " + printable(peer.name().to_string()));
    for (;;) {
        const auto text = co_await peer.receive();
        if (!text) break;
        room.print("@" + std::to_string(number) + " " + received_line(peer.name(), *text));
    }
    room.print("* " + std::to_string(number) + " has gone");
}

awaitable<void> host_peer(std::shared_ptr<Room> room, Stream stream) {
    const auto peer = std::make_shared<Peer>(room->network, std::move(stream), room->charset);
    const unsigned number = ++room->last_number;
    room->peers.emplace(number, peer);
    if (room->script.is_one()) {
        co_await host_script(*room, *peer);
    } else {
        co_await host_conversation(*room, *peer, number);
    }
    room->peers.erase(number);
    if (room->over && room->peers.empty()) room->last_gone.cancel();
}

// "@2 text" goes to the second peer, anything else to all.
void say(Room& room, const std::string& line) {
    std::string text = line;
    unsigned number = 0;
    if (line.starts_with('@')) {
        const char* const last = line.data() + line.size();
        const auto [end, error] = std::from_chars(line.data() + 1, last, number);
        if (error != std::errc{} || end == last || *end != ' ' || number == 0)
            return room.print("* write '@NUMBER text' to answer one, or text for all");
        text.assign(end + 1, last);
    }
    std::string bytes;
    try {
        bytes = encoded(room.charset, text);
    } catch (const TalkError& error) {
        return room.print(std::string("* ") + error.what());
    }
    bool anybody = false;
    for (const auto& [peer_number, peer] : room.peers) {
        if (number != 0 && peer_number != number) continue;
        anybody = true;
        if (!peer->post(bytes))
            room.print("* " + std::to_string(peer_number) + " does not read: the line was dropped for it");
    }
    if (!anybody)
        room.print(number == 0 ? "* nobody is there yet" : "* nobody has the number " + std::to_string(number));
}

awaitable<void> read_lines(std::shared_ptr<Room> room, LineSource* lines) {
    for (;;) {
        const auto line = co_await lines->next();
        if (!line) break;
        if (!line->empty()) say(*room, *line);
    }
    for (const auto& [number, peer] : room->peers) peer->end_soon();
    close(*room);
}

// A room where nobody came, or nobody said anything, in time.
awaitable<void> close_in_time(std::shared_ptr<Room> room) {
    session::Timer timer = room->network.make_timer();
    timer.expires_after(room->script.timeout);
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
    if (!error && !room->taken) room->acceptor.close();
}

void take(const std::shared_ptr<Room>& room, Stream stream, std::size_t clients_max) {
    if (room->over || room->taken) return stream.close();
    if (room->peers.size() < clients_max)
        return asio::co_spawn(room->network.get_executor(), host_peer(room, std::move(stream)), asio::detached);
    stream.abort();
    if (!room->script.is_one())
        room->print("* somebody was turned away: " + std::to_string(clients_max) + " are here already");
}

awaitable<Address> resolve(session::Network& network, Target target) {
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
    const Address local = co_await resolve(network, target);
    error_code error;
    session::Acceptor acceptor = network.listen(local, error);
    if (error)
        throw TalkError("cannot listen on " + target.to_string() + ": " + error.message() +
                        "; choose another port or path");
    const auto room = std::make_shared<Room>(network, charset, script, print, std::move(acceptor));
    print("* listening on " + std::string(local.is_unix() ? "" : "tcp://") + room->acceptor.local().to_string());
    if (lines != nullptr && !script.is_one())
        asio::co_spawn(network.get_executor(), read_lines(room, lines), asio::detached);
    if (script.is_bounded()) asio::co_spawn(network.get_executor(), close_in_time(room), asio::detached);
    auto taken = [room, clients_max = options.clients_max](Stream stream) {
        take(room, std::move(stream), clients_max);
    };
    co_await session::accept_each(network, room->acceptor, taken);
    if (script.is_bounded() && !room->over) {
        throw TalkError("nobody said anything on " + target.to_string() + " within " + in_seconds(script.timeout) +
                        " s; give it more time with --timeout");
    }
    if (room->peers.empty()) co_return;
    room->last_gone.expires_after(5s);  // each peer's watchdog barks long before
    co_await room->last_gone.async_wait(redirect_error(use_awaitable, error));
}

}  // namespace strata::application::talk
