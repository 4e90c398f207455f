// The control socket: what is asked of a running stack, by programs of the same user on the same
// machine. One protocol for all askers:
//
//     asker:   QUESTION NEWLINE                 words of printable ASCII, with blanks between them
//     server:  "ok" NEWLINE lines               fields of a line are separated by TAB
//        or    "no " SENTENCE NEWLINE           what is wrong with the question, or why there is no answer
//     and the server closes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "strata/5_session/network.hpp"
#include "strata/7_application/serving/stream_service.hpp"

namespace strata::application::control {

inline constexpr std::size_t question_max = 256;  // bytes, its newline included

struct ServerOptions {
    std::size_t askers_max = 8;        // at a time; more are reset
    Duration question_timeout = 5s;    // for a question to be asked
    std::size_t answer_max = 1 << 20;  // bytes; a longer one is refused
    Patience patience{.stall_timeout = 5s};
};

struct Answer {
    bool given = false;
    std::string text;  // lines, each with its end; or the sentence that says why none was given
};

class Server final : public StreamService {
public:
    using Options = ServerOptions;
    // Called with the question, without its end, on the network's event loop.
    using Respond = std::function<Answer(std::string_view question)>;
    // The network outlives the server.
    Server(session::Network& network, Respond respond, Options options = {});
};

}  // namespace strata::application::control
