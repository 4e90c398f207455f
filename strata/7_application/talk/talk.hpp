// talk: text between people and programs, over TCP, UDP and Unix sockets, on any session::Network.
//
// Over a stream a message is what one read brings, as plain sockets use it; text is sent as it stands, without a newline. What arrives is
// printed as "(ADDR, PORT) >>>>>>> TEXT". Scripts give a message or a reply; people type lines.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/talk/target.hpp"

namespace strata::application::talk {

struct Options {
    std::string encoding = "UTF-8";
    std::optional<std::string> message;  // sent first; then one answer is waited for
    std::optional<std::string> reply;    // answers each message that arrives
    bool once = false;                   // ends after one exchange
    Duration timeout = 10s;              // bounds the waiting of a message, and of once
    std::size_t clients_max = 256;       // of a listener
};

// One sentence for people.
struct TalkError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Where typed lines come from; nothing at the end.
class LineSource {
public:
    virtual ~LineSource() = default;
    [[nodiscard]] virtual session::asio::awaitable<std::optional<std::string>> next() = 0;
};

using Print = std::function<void(const std::string& line)>;

// "(10.0.0.7, 40000) >>>>>>> text", harmless on a terminal.
[[nodiscard]] std::string received_line(const session::Address& from, std::string_view text);

// Run until done; cancelling ends them. `lines` may be null: nothing is typed. Throw TalkError.
[[nodiscard]] session::asio::awaitable<void> listen(session::Network& network, Target target, Options options,
                                                    Print print, LineSource* lines);
[[nodiscard]] session::asio::awaitable<void> connect(session::Network& network, Target target, Options options,
                                                     Print print, LineSource* lines);

}  // namespace strata::application::talk
