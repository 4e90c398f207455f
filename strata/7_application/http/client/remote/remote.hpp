// HttpRemote: a server of HTTP, as `get`, `put` and `ls` see it (RFC 9110; MKCOL is RFC 4918's).
//
// Each call is a request on a connection of its own. A folder is what a path that ends in '/' is;
// what is in it is known of servers that say so in JSON, as ours does (docs/protocols/http.md).
#pragma once

#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application::http {

class HttpRemote final : public Remote {
public:
    HttpRemote(session::Network& network, const Url& of, const RemoteOptions& options)
        : Remote(of), network_(network), options_(options) {}

    [[nodiscard]] session::asio::awaitable<RemoteEntry> stat(std::string target) override;
    [[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> list(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                      Progress on_progress) override;
    [[nodiscard]] session::asio::awaitable<FileVersion> version(std::string target) override;
    // By range (RFC 9110 14.2): servers that know none answer otherwise than with 206.
    [[nodiscard]] session::asio::awaitable<void> read_piece(std::string target, FileVersion of, Piece piece,
                                                            Take take) override;
    [[nodiscard]] session::asio::awaitable<void> write(std::string target, InputFile& in, WriteOptions options,
                                                       Progress on_progress) override;
    [[nodiscard]] session::asio::awaitable<bool> make_folder(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> remove(std::string target) override;

private:
    session::Network& network_;
    const RemoteOptions& options_;
};

}  // namespace strata::application::http
