// An FTP server for a folder (RFC 959, as RFC 1123 4.1 amends it; 2228 and
// 4217 TLS, 2389 FEAT, 2428 IPv6, 2577 how not to be used against others,
// 2640 UTF-8, 3659 MLSx, SIZE, MDTM, REST), on any session::Network.
//
//     client ── control connection ── Session ── commands, replies
//        └───── data connection, one for each file or listing: PASV, EPSV; PORT, EPRT
//
// One event loop, no process and no thread a client: a silent one costs kilobytes. Clients that are
// slow, silent or greedy are bounded by the options. A data connection is the client's own or none:
// what comes from another address is cut off, and nobody else's address is called.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <expected>
#include <functional>
#include <string>

#include "strata/7_application/files/open_files.hpp"
#include "strata/7_application/serving/ending.hpp"
#include "strata/7_application/serving/stream_service.hpp"

namespace strata::presentation {
class TlsServer;
}

namespace strata::application::ftp {

// A port that clients are told of, for as long as it is held.
struct DataDoor {
    Endpoint at;
    std::shared_ptr<void> open;
};

// Whom a client has shown to be.
struct LoggedIn {
    std::string user;
    std::shared_ptr<const FileRoot> root;  // with his rights
};
// Told the user's name, his password and where he is; the network is the server's. Nothing: it is
// not he, or he may not try now.
using LogIn = std::function<session::asio::awaitable<std::optional<LoggedIn>>(
    session::Network& network, std::string user, std::string password, session::Address from)>;

// One of them, at random, is that of the next data connection. Not the kernel's choice: its own are
// used up by those that rest (TIME-WAIT) after some ten thousand files a minute.
struct PortRange {
    std::uint16_t first = 49152;  // RFC 6335
    std::uint16_t last = 65535;
};

struct ServerOptions {
    std::shared_ptr<Places> places{};            // for how many; unset, its own, of PlacesOptions. Others are told 421,
    std::size_t turned_away_max = 64;            // so many at a time; more are reset
    Duration login_timeout = 60s;                // from its beginning until a client has logged in
    Duration idle_timeout = 300s;                // between commands (RFC 1123 4.1.3.2: at least five minutes)
    Duration data_timeout = 30s;                 // until a data connection has come
    std::size_t strangers_max = 16;              // that come to a data port before its client: then it is closed
    unsigned failed_logins_max = 3;              // on one connection, before it is closed
    Patience patience{};                         // with a client that takes, or sends, a file slowly
    std::size_t listings_at_once_max = 2;        // made at a time; the others wait
    std::size_t digests_at_once_max = 1;         // the same of HASH
    std::uint64_t size_max = ~std::uint64_t{0};  // bytes of a file that is put: more is 552
    // A file that has come, and whose size nobody told, waits a sixteenth of the time that it took,
    // and no longer than this, for the end of the control connection: it would be that of a client
    // that was killed, and half a file.
    Duration doubt_max = 50ms;
    bool sync = true;                // the disk has what is answered with 226
    OpenFilesOptions files{};        // kept open for whoever asks again
    std::string encoding = "UTF-8";  // of names, until a client says OPTS UTF8 ON. Unknown: std::invalid_argument
    bool anonymous = true;           // whoever comes may read, and what the root's rights allow
    LogIn log_in{};                  // others; unset, there are none
    bool insecure_login = false;     // passwords are taken without TLS too
    std::shared_ptr<const presentation::TlsServer> tls{};  // for AUTH TLS
    bool implicit_tls = false;                             // from the first byte (RFC 4217 12: port 990)
    // Data connections under TLS go on with the session of their control connection, and show by
    // that whose they are; others are refused with 522 (RFC 4217 10.2). Many clients cannot do it.
    bool data_resumption = false;
    PortRange data_ports{};                       // for PASV and EPSV
    std::optional<Ipv4Address> public_address{};  // said in answer to PASV; unset, where the client has found us
    // Where a gateway is between: makes a data port that we listen at reachable for the client
    // whose control connection has this remote address. Unset, it is as it is.
    std::function<std::expected<DataDoor, session::error_code>(const session::Address& listens_at,
                                                               const session::Address& client)>
        open_door{};
    // The client behind a conversation's remote address, where a gateway is between; unset, itself.
    std::function<session::Address(const session::Address&)> client_behind{};
};

// What is told of each transfer and each change when it is over, and of logins that failed.
struct CommandReport {
    session::Address client;
    std::string user;         // empty: not logged in
    std::string request;      // "RETR /a/b", with the path as the client would see it
    unsigned code = 0;        // of the last reply; 0: there was nobody to be told
    std::uint64_t bytes = 0;  // that have arrived, in either direction
    Duration took{};
    Ending ending = Ending::whole;
};

class Server final : public StreamService {
public:
    using Options = ServerOptions;
    using Log = std::function<void(const CommandReport&)>;
    // Network and root outlive the server. The log must not throw: it
    // is called from the event loop.
    Server(session::Network& network, const FileRoot& root, Log log = {}, Options options = {});
};

}  // namespace strata::application::ftp
