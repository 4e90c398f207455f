#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/connect_to.hpp"
#include "strata/7_application/talk/peer.hpp"
#include "strata/7_application/talk/streams.hpp"

namespace strata::application::talk {

namespace asio = session::asio;
using asio::awaitable;
using asio::use_awaitable;
using session::Address;
using session::Stream;

namespace {

awaitable<void> send_lines(std::shared_ptr<Peer> peer, LineSource* lines, presentation::Charset charset, Print print) {
    for (;;) {
        const auto line = co_await lines->next();
        if (!line) break;
        if (line->empty()) continue;
        try {
            if (!peer->post(encoded(charset, *line))) print("* the peer does not read: the line was dropped");
        } catch (const TalkError& error) {
            print(std::string("* ") + error.what());
        }
    }
    peer->end();
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

awaitable<void> converse(std::shared_ptr<Peer> peer, Print print) {
    print("* connected to " + peer->name().to_string());
    for (;;) {
        const auto text = co_await peer->receive();
        if (!text) break;
        print(received_line(peer->name(), *text));
    }
    print("* the conversation is over");
}

}  // namespace

awaitable<void> connect_stream(session::Network& network, Target target, Options options, Print print,
                               LineSource* lines) {
    const presentation::Charset charset = charset_named(options.encoding);
    const Script script(options, charset);
    Stream stream = co_await open(network, target, options.timeout);
    const auto peer = std::make_shared<Peer>(network, std::move(stream), charset);
    if (!script.is_one()) {
        if (lines != nullptr)
            asio::co_spawn(network.get_executor(), send_lines(peer, lines, charset, print), asio::detached);
        co_await converse(peer, print);
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
