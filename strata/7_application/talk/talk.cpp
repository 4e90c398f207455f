#include "strata/7_application/talk/talk.hpp"

#include "strata/7_application/talk/datagrams.hpp"
#include "strata/7_application/talk/streams.hpp"

namespace strata::application::talk {

namespace asio = session::asio;

std::string received_line(const session::Address& from, std::string_view text) {
    std::string line = from.is_unix() ? "(" + (from.unix_path().path.empty() ? "unix" : from.unix_path().path) + ")"
                                      : "(" + from.endpoint().address.to_string() + ", " +
                                            std::to_string(number_of(from.endpoint().port)) + ")";
    line += " >>>>>>> ";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        // Newlines and tabs are text; other control characters could play tricks on a terminal.
        const bool harmless = letter == '\n' || letter == '\t' || (byte >= ' ' && byte != 0x7f);
        line += harmless ? letter : '?';
    }
    return line;
}

asio::awaitable<void> listen(session::Network& network, Target target, Options options, Print print,
                             LineSource* lines) {
    if (target.kind == Target::Kind::udp) {
        co_await listen_datagrams(network, target, options, print, lines);
    } else {
        co_await listen_streams(network, target, options, print, lines);
    }
}

asio::awaitable<void> connect(session::Network& network, Target target, Options options, Print print,
                              LineSource* lines) {
    if (target.kind == Target::Kind::udp) {
        co_await connect_datagrams(network, target, options, print, lines);
    } else {
        co_await connect_stream(network, target, options, print, lines);
    }
}

}  // namespace strata::application::talk
