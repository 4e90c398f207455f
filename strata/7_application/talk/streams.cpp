#include "strata/7_application/talk/streams.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <deque>
#include <map>
#include <vector>

#include "strata/5_session/connect_to.hpp"
#include "strata/7_application/talk/text.hpp"
#include "strata/7_application/watchdog.hpp"

namespace strata::application::talk {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::Address;
using session::error_code;
using session::Stream;

namespace {

constexpr std::size_t waiting_max = 256;  // messages that wait to be written to one peer; more are dropped, with a word

// One peer's conversation.
struct Peer {
    Peer(session::Network& network, Stream opened, const presentation::Charset& charset)
        : stream(std::move(opened)),
          watchdog(Watchdog::make(network, stream)),
          decoder(charset.decoder()),
          name(stream.remote()) {
        stream.set_no_delay(true);
    }
    ~Peer() { watchdog->stop(); }
    Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    presentation::Charset::Decoder decoder;
    Address name;
    std::deque<std::string> waiting;
    bool writing = false;
};

// The next message; nothing at the end of the conversation.
awaitable<std::optional<std::string>> receive(Peer& peer) {
    std::vector<char> buffer(message_max);
    for (;;) {
        error_code error;
        const auto count =
            co_await peer.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (error) co_return std::nullopt;
        std::string text = peer.decoder.convert({buffer.data(), count}).value_or("");
        if (!text.empty()) co_return without_newline(std::move(text));  // else: half a character, the rest comes
    }
}

awaitable<bool> send(Peer& peer, std::string bytes) {
    error_code error;
    co_await asio::async_write(peer.stream, asio::buffer(bytes), redirect_error(use_awaitable, error));
    co_return !error;
}

// Writes what waits, one after another.
awaitable<void> write_waiting(std::shared_ptr<Peer> peer) {
    peer->writing = true;
    while (!peer->waiting.empty()) {
        const std::string next = std::move(peer->waiting.front());
        peer->waiting.pop_front();
        const bool sent = co_await send(*peer, next);
        if (!sent) peer->waiting.clear();
    }
    peer->writing = false;
}

bool post(const std::shared_ptr<Peer>& peer, const std::string& bytes) {
    if (peer->waiting.size() >= waiting_max) return false;
    peer->waiting.push_back(bytes);
    if (!peer->writing) asio::co_spawn(peer->stream.get_executor(), write_waiting(peer), asio::detached);
    return true;
}

// Says that we are done and waits, briefly, until the peer is as well: what was sent has then arrived.
awaitable<void> part(Peer& peer) {
    peer.stream.shut_down_sending();
    peer.watchdog->expect_within(1s);
    for (int i = 0; i < 64; ++i) {
        const auto more = co_await receive(peer);
        if (!more) break;
    }
}

// A script's part: a message and its answer, or replies. True if an exchange took place.
awaitable<bool> play_script(std::shared_ptr<Peer> peer, const Options& options, const presentation::Charset& charset,
                            const Print& print) {
    bool exchanged = false;
    if (options.message) {
        peer->watchdog->expect_within(options.timeout);
        const std::string bytes = encoded(charset, *options.message);
        const bool sent = co_await send(*peer, bytes);
        if (!sent) co_return false;
    }
    for (;;) {
        if (options.once || options.message) peer->watchdog->expect_within(options.timeout);
        const auto text = co_await receive(*peer);
        if (!text) break;
        peer->watchdog->reset();
        print(received_line(peer->name, *text));
        exchanged = true;
        if (options.reply) {
            const std::string bytes = encoded(charset, *options.reply);
            const bool sent = co_await send(*peer, bytes);
            if (!sent) break;
        }
        if (options.once || (options.message && !options.reply)) break;
    }
    if (exchanged) co_await part(*peer);
    co_return exchanged;
}

bool is_script(const Options& options) { return options.message || options.reply || options.once; }

// ------------------------------------------------------------------------------------------------ listening

struct Room {
    session::Network& network;
    Options options;
    presentation::Charset charset;
    Print print;
    session::Acceptor acceptor;
    std::map<unsigned, std::shared_ptr<Peer>> peers;
    unsigned last_number = 0;
    bool over = false;  // one exchange took place, and one was wanted
};

awaitable<void> host_peer(std::shared_ptr<Room> room, Stream stream) {
    const auto peer = std::make_shared<Peer>(room->network, std::move(stream), room->charset);
    const unsigned number = ++room->last_number;
    room->peers.emplace(number, peer);
    if (is_script(room->options)) {
        const bool exchanged = co_await play_script(peer, room->options, room->charset, room->print);
        if (exchanged && (room->options.once || (room->options.message && !room->options.reply))) {
            room->over = true;
            room->acceptor.close();
        }
    } else {
        room->print("* " + std::to_string(number) + " is " + peer->name.to_string());
        for (;;) {
            const auto text = co_await receive(*peer);
            if (!text) break;
            room->print("@" + std::to_string(number) + " " + received_line(peer->name, *text));
        }
        room->print("* " + std::to_string(number) + " has gone");
    }
    room->peers.erase(number);
}

// "@2 text" goes to the second peer, anything else to all.
void say(Room& room, const std::string& line) {
    std::string text = line;
    unsigned number = 0;
    if (line.starts_with('@')) {
        const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), number);
        if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') {
            return room.print("* write '@NUMBER text' to answer one, or text for all");
        }
        text.assign(end + 1, line.data() + line.size());
    }
    std::string bytes;
    try {
        bytes = encoded(room.charset, text);
    } catch (const TalkError& error) {
        return room.print(std::string("* ") + error.what());
    }
    unsigned told = 0;
    for (const auto& [peer_number, peer] : room.peers) {
        if ((number == 0 || peer_number == number) && post(peer, bytes)) ++told;
    }
    if (told == 0)
        room.print(number == 0 ? "* nobody is there yet" : "* nobody has the number " + std::to_string(number));
}

awaitable<void> read_lines(std::shared_ptr<Room> room, LineSource* lines) {
    for (;;) {
        const auto line = co_await lines->next();
        if (!line) break;
        if (!line->empty()) say(*room, *line);
    }
    room->over = true;
    room->acceptor.close();
}

// A room where nobody came, or nobody said anything, in time.
awaitable<void> close_in_time(std::shared_ptr<Room> room) {
    session::Timer timer = room->network.make_timer();
    timer.expires_after(room->options.timeout);
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
    if (!error && !room->over) room->acceptor.close();
}

Address stream_address(const Target& target, IpAddress host) {
    if (target.kind == Target::Kind::unix_stream) return session::UnixPath{target.path};
    return Address{host, target.port};
}

}  // namespace

awaitable<void> listen_streams(session::Network& network, Target target, Options options, Print print,
                               LineSource* lines) {
    IpAddress host;
    if (target.kind == Target::Kind::tcp) {
        error_code unknown;
        const auto found = co_await network.async_resolve(target.host, redirect_error(use_awaitable, unknown));
        if (unknown)
            throw TalkError("cannot listen on " + target.to_string() + ": " + unknown.message() +
                            "; write an address of this machine");
        host = found.front();
    }
    error_code error;
    session::Acceptor acceptor = network.listen(stream_address(target, host), error);
    if (error)
        throw TalkError("cannot listen on " + target.to_string() + ": " + error.message() +
                        "; choose another port or path");
    const auto room =
        std::make_shared<Room>(network, options, charset_named(options.encoding), print, std::move(acceptor));
    print("* listening on " + (target.kind == Target::Kind::tcp ? "tcp://" : std::string()) +
          room->acceptor.local().to_string());
    if (lines != nullptr && !is_script(options))
        asio::co_spawn(network.get_executor(), read_lines(room, lines), asio::detached);
    const bool bounded = options.once || options.message;
    if (bounded) asio::co_spawn(network.get_executor(), close_in_time(room), asio::detached);
    while (!room->over) {
        Stream stream = co_await room->acceptor.async_accept(redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
        if (error) {
            session::Timer pause = network.make_timer();
            pause.expires_after(100ms);
            co_await pause.async_wait(redirect_error(use_awaitable, error));
        } else if (room->peers.size() >= options.clients_max) {
            stream.abort();
        } else {
            asio::co_spawn(network.get_executor(), host_peer(room, std::move(stream)), asio::detached);
        }
    }
    if (bounded && !room->over) {
        throw TalkError("nobody said anything on " + target.to_string() + " within " +
                        std::to_string(options.timeout / 1s) + " s; give it more time with --timeout");
    }
}

// ------------------------------------------------------------------------------------------------ connecting

namespace {

awaitable<void> send_lines(std::shared_ptr<Peer> peer, LineSource* lines, presentation::Charset charset, Print print) {
    for (;;) {
        const auto line = co_await lines->next();
        if (!line) break;
        if (line->empty()) continue;
        try {
            if (!post(peer, encoded(charset, *line))) print("* the peer does not read: the line was dropped");
        } catch (const TalkError& error) {
            print(std::string("* ") + error.what());
        }
    }
    peer->stream.shut_down_sending();
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

}  // namespace

awaitable<void> connect_stream(session::Network& network, Target target, Options options, Print print,
                               LineSource* lines) {
    const presentation::Charset charset = charset_named(options.encoding);
    Stream stream = co_await open(network, target, options.timeout);
    const auto peer = std::make_shared<Peer>(network, std::move(stream), charset);
    if (is_script(options)) {
        const bool exchanged = co_await play_script(peer, options, charset, print);
        if (!exchanged) {
            const std::string why = peer->watchdog->barked()
                                        ? "said nothing within " + std::to_string(options.timeout / 1s) +
                                              " s; give it more time with --timeout"
                                        : "ended the conversation without an answer; check what runs there";
            throw TalkError("the peer at " + target.to_string() + " " + why);
        }
        co_return;
    }
    print("* connected to " + peer->name.to_string());
    if (lines != nullptr)
        asio::co_spawn(network.get_executor(), send_lines(peer, lines, charset, print), asio::detached);
    for (;;) {
        const auto text = co_await receive(*peer);
        if (!text) break;
        print(received_line(peer->name, *text));
    }
    print("* the conversation is over");
}

}  // namespace strata::application::talk
