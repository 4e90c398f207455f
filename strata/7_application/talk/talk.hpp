// talk: text between people and programs, over TCP, UDP and Unix sockets, on any session::Network.
//
// Over a stream a message is a line, and one of ours ends each; a program that knows no line ends
// is spoken to as it speaks (see Messages). Over UDP it is a datagram. What arrives is printed as
// "(ADDR, PORT) >>>>>>> TEXT". Scripts give a message or a reply; people type lines.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/talk/lines.hpp"
#include "strata/7_application/talk/target.hpp"

namespace strata::application::talk {

struct Options {
    std::string encoding = "UTF-8";
    std::optional<std::string> message;  // sent first; then one answer is waited for
    std::optional<std::string> reply;    // answers each message that arrives
    bool once = false;                   // ends after one exchange
    Duration timeout = 10s;              // bounds the waiting of a message, and of once
    bool raw = false;                // bytes unchanged: no line ends are added, and what one read brings is a message
    std::size_t clients_max = 256;   // of a listener
    std::size_t line_max = 1 << 20;  // bytes of a line that arrives; a longer one is shown in pieces
    std::size_t waiting_max =
        1 << 20;  // bytes that wait to be written to one of a listener's clients, and one line's piece
    // A text without a line end is a message if nothing follows for
    // so long; not if the peer has ever ended a line.
    Duration unfinished_patience = 500ms;
};

// One sentence for people.
struct TalkError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Print = std::function<void(const std::string& line)>;

// "(10.0.0.7, 40000) >>>>>>> text", harmless on a terminal.
[[nodiscard]] std::string received_line(const session::Address& from, std::string_view text);

// Run until done; cancelling ends them. `lines` may be null: nothing is typed. Throw TalkError,
// also for what could not be sent.
[[nodiscard]] session::asio::awaitable<void> listen(session::Network& network, Target target, Options options,
                                                    Print print, LineSource* lines);
[[nodiscard]] session::asio::awaitable<void> connect(session::Network& network, Target target, Options options,
                                                     Print print, LineSource* lines);

}  // namespace strata::application::talk
