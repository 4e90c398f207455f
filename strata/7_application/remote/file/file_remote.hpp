// FileRemote: this machine's files, by file:///PATH (RFC 8089), with the rights of whoever runs it.
#pragma once

#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application {

class FileRemote final : public Remote {
public:
    FileRemote(session::Network& network, const Url& of, const RemoteOptions& options)
        : Remote(of), network_(network), options_(options) {}

    [[nodiscard]] session::asio::awaitable<RemoteEntry> stat(std::string target) override;
    [[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> list(std::string target) override;
    // A file's version is its place on the disk, its size and its date: what it is is asked for
    // again at the end.
    [[nodiscard]] session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                      Progress on_progress) override;
    // It gets its name when it is whole.
    [[nodiscard]] session::asio::awaitable<void> write(std::string target, InputFile& in, WriteOptions options,
                                                       Progress on_progress) override;
    [[nodiscard]] session::asio::awaitable<bool> make_folder(std::string target) override;
    // Nothing that is there is replaced.
    [[nodiscard]] session::asio::awaitable<void> rename(std::string from, std::string to) override;
    [[nodiscard]] session::asio::awaitable<void> remove(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> set_date(std::string target, std::chrono::sys_seconds date) override;

private:
    // Of a target. Throws TransferError: it holds what no path may.
    [[nodiscard]] std::string path_of(const std::string& target, std::string_view verb) const;

    session::Network& network_;
    const RemoteOptions& options_;
};

}  // namespace strata::application
