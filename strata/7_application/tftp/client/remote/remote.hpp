// TftpRemote: a server of TFTP, by URLs of RFC 3617: tftp://HOST[:PORT]/NAME[;mode=octet|netascii].
#pragma once

#include <expected>

#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application::tftp {

// What is behind the slash, decoded: "//x" is the name "/x", as servers with a root of their own
// want it.
struct NameInUrl {
    std::string name;
    std::optional<Mode> mode{};  // the URL's own
};
// Errors: in words, what is wrong with it and what to write.
[[nodiscard]] std::expected<NameInUrl, std::string> name_in(std::string_view target);

class TftpRemote final : public Remote {
public:
    TftpRemote(session::Network& network, const Url& of, const RemoteOptions& options)
        : Remote(of), network_(network), options_(options) {}

    // There are neither versions nor ranges: what is there is compared with what comes, from the
    // first byte on.
    [[nodiscard]] session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                      Progress on_progress) override;
    // Whether a file that is there is replaced is the server's to say. What has no size is kept
    // first, until it ends.
    [[nodiscard]] session::asio::awaitable<void> write(std::string target, InputFile& in, WriteOptions options,
                                                       Progress on_progress) override;

private:
    struct Job {
        RemoteFile file;
        RequestOptions options;
    };
    [[nodiscard]] Job job_for(std::string target, std::string_view verb) const;

    session::Network& network_;
    const RemoteOptions& options_;
};

}  // namespace strata::application::tftp
