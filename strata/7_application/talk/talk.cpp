#include "strata/7_application/talk/talk.hpp"

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/talk/datagrams.hpp"
#include "strata/7_application/talk/streams.hpp"
#include "strata/7_application/talk/text.hpp"

namespace strata::application::talk {

namespace asio = session::asio;

std::string received_line(const session::Address& from, std::string_view text) {
    std::string name = from.is_unix() ? from.unix_path().path : from.endpoint().address.to_string();
    if (from.is_unix() && name.empty()) name = "unix";  // a client's socket seldom has a path
    if (!from.is_unix()) name += ", " + std::to_string(number_of(from.endpoint().port));
    return "(" + printable(name) + ") >>>>>>> " + printable_lines(text);
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
