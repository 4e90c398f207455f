// The plain download protocol's server: reads a name, sends the
// file's bytes, closes. No byte: there is no such file.
#pragma once

#include <functional>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/open_files.hpp"
#include "strata/7_application/serving/ending.hpp"
#include "strata/7_application/serving/stream_service.hpp"

namespace strata::application::plain {

struct ServerOptions {
    std::shared_ptr<Places> places{};  // for how many; unset, its own, of PlacesOptions. Others are reset
    OpenFilesOptions files{};          // kept open for whoever asks again
    Duration quiet = 50ms;             // a name without a newline ends when nothing came for so long
    Duration name_timeout = 20s;       // until the first byte of a name
    Patience patience{};               // with a client that takes the file slowly
    std::string encoding = "UTF-8";    // of names on the wire; those on the disk are UTF-8
    // The client behind a conversation's remote address, where a gateway is between; unset, itself.
    std::function<session::Address(const session::Address&)> client_behind{};
};

struct RequestReport {
    session::Address client;
    std::string name;  // in UTF-8
    bool found = false;
    bool turned_away = false;  // before it could say a name: there was no place
    std::uint64_t bytes = 0;   // that have arrived: the client's host has acknowledged them
    Duration took{};           // until the last of them was
    Ending ending = Ending::whole;
};

class Server final : public StreamService {
public:
    using Options = ServerOptions;
    using Log = std::function<void(const RequestReport&)>;
    // Network and root outlive the server. The log must not throw.
    // Throws std::invalid_argument for an unknown encoding.
    Server(session::Network& network, const FileRoot& root, Log log = {}, Options options = {});
};

}  // namespace strata::application::plain
