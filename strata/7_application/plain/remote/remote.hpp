// FetchRemote: a server of the plain download protocol, which can be read and nothing else.
#pragma once

#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application::plain {

class FetchRemote final : public Remote {
public:
    FetchRemote(session::Network& network, const Url& of, const RemoteOptions& options)
        : Remote(of), network_(network), options_(options) {}

    // What is there is compared with what comes, from the first byte on.
    [[nodiscard]] session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                      Progress on_progress) override;

private:
    session::Network& network_;
    const RemoteOptions& options_;
};

}  // namespace strata::application::plain
