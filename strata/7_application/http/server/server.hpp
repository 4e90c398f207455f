// An HTTP/1.1 server (RFC 9110, RFC 9112) for a folder, on any session::Network.
//
// Requests are parsed by Boost.Beast; what is answered is decided in answer.cpp, and connection.cpp
// has a conversation. Clients that are slow, silent or greedy are bounded by the options: time for
// a request, time without progress, header size, number of connections.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/files/open_files.hpp"
#include "strata/7_application/http/server/access/access.hpp"
#include "strata/7_application/http/server/answer.hpp"
#include "strata/7_application/http/server/listing/listings.hpp"
#include "strata/7_application/http/server/shelves.hpp"
#include "strata/7_application/http/server/writing/put.hpp"
#include "strata/7_application/serving/ending.hpp"
#include "strata/7_application/serving/stream_service.hpp"

namespace strata::application::http {

struct ServerOptions {
    std::shared_ptr<Places>
        places{};  // for how many; unset, its own, of PlacesOptions. Others are turned away with 503,
    std::size_t turned_away_max = 64;     // so many at a time; more are reset
    std::size_t unacknowledged_max = 64;  // answers on one connection that have not arrived: then its requests wait
    std::size_t header_max = 16 << 10;    // bytes of a request's line, and of its fields: more of either is 431
    std::size_t body_max = 1 << 20;       // of a request body that is read and thrown away: more is 413
    PutOptions puts{};                    // where the root may be written
    OpenFilesOptions files{};             // kept open for whoever asks again
    ListingsOptions listings{};           // of folders, kept for a second
    AnswerOptions answers{};
    AccessOptions access{};
    ShelvesOptions shelves{};
    // Conversations are over TLS. The hands are shaken within request_timeout, and in a place.
    std::optional<presentation::TlsServer> tls{};
    Duration request_timeout = 20s;      // from the first byte of a request to its last
    Duration idle_timeout = 60s;         // between requests
    Patience patience{};                 // with a client that takes its answer, or sends a file, slowly
    std::uint64_t requests_max = 10000;  // on one connection, before it is closed
    // The client behind a conversation's remote address, where a gateway is between; unset, itself.
    std::function<session::Address(const session::Address&)> client_behind{};
};

// What is told of each request, when its answer has arrived or the conversation is over.
struct RequestReport {
    session::Address client;
    std::string method;
    std::string target;
    std::string user{};            // who has logged in, or tried to: what he said
    unsigned status = 0;           // 0: a file that was put broke off before there was an answer
    std::uint64_t body_bytes = 0;  // that have arrived: the client's host has acknowledged them
    std::uint64_t received = 0;    // bytes of a file that was put
    Duration took{};               // from the request's first byte to the acknowledgment of the answer's last
    Ending ending = Ending::whole;
};

class Server final : public StreamService {
public:
    using Options = ServerOptions;
    using Log = std::function<void(const RequestReport&)>;
    // Network and root outlive the server. The log must not throw: it
    // is called from the event loop.
    Server(session::Network& network, const FileRoot& root, Log log = {}, Options options = {});
};

}  // namespace strata::application::http
