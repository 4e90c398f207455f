// NfsRemote: a server of NFS versions 3 and 4.0, by URLs of RFC 2224's kind:
// nfs://HOST[:PORT]/EXPORT/PATH[?version=3|4&transport=tcp|udp&mountport=PORT&uid=N&gid=N].
//
// Version 3 unless the URL says 4, or the server has no version 3. Which part of the path is
// version 3's export, the server says; version 4 begins at its root. What was mounted for one call
// serves the next ones that are beneath it.
#pragma once

#include "strata/7_application/nfs/client/mounting/mounting.hpp"
#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"

namespace strata::application::nfs {

class NfsRemote final : public Remote {
public:
    NfsRemote(session::Network& network, const Url& of, const RemoteOptions& options)
        : Remote(of), network_(network), options_(options) {}

    // Of a symbolic link itself, unless a '/' follows its name.
    [[nodiscard]] session::asio::awaitable<RemoteEntry> stat(std::string target) override;
    [[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> list(std::string target) override;
    // The file that a symbolic link within the export leads to. A part is continued if the file is
    // the one that it is a part of, by its number and its times; and one that changes while it is
    // read is no file.
    [[nodiscard]] session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                      Progress on_progress) override;
    [[nodiscard]] session::asio::awaitable<FileVersion> version(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> read_piece(std::string target, FileVersion of, Piece piece,
                                                            Take take) override;
    // Into NAME.part, which has its name when it is whole and on the server's disk, and stays to be
    // resumed when it is not: the last 64 KiB of it are fetched and compared then. Where the server
    // lets files be made and not renamed, into NAME itself, if it is not there.
    [[nodiscard]] session::asio::awaitable<void> write(std::string target, InputFile& in, WriteOptions options,
                                                       Progress on_progress) override;
    [[nodiscard]] session::asio::awaitable<bool> make_folder(std::string target) override;
    // Within what was mounted.
    [[nodiscard]] session::asio::awaitable<void> rename(std::string from, std::string to) override;
    [[nodiscard]] session::asio::awaitable<void> remove(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> set_date(std::string target, std::chrono::sys_seconds date) override;
    [[nodiscard]] session::asio::awaitable<void> leave() override;

private:
    using Path = client::Path;
    template <typename Result>
    [[nodiscard]] session::asio::awaitable<Result> tell(std::function<session::asio::awaitable<Result>()> task,
                                                        std::string verb, std::string target,
                                                        const OutputFile* out = nullptr);
    template <typename Result>
    [[nodiscard]] session::asio::awaitable<Result> twice_if_stale(
        const std::function<session::asio::awaitable<Result>()>& task);
    [[nodiscard]] static Path path_of(std::string_view target);
    [[nodiscard]] session::asio::awaitable<client::Volume*> volume_for(const Path& path);

    [[nodiscard]] session::asio::awaitable<RemoteEntry> look(std::string target);
    [[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> entries(std::string target);
    [[nodiscard]] session::asio::awaitable<void> fetch(std::string target, OutputFile& out,
                                                       const Progress& on_progress);
    [[nodiscard]] session::asio::awaitable<FileVersion> look_at_version(std::string target);
    [[nodiscard]] session::asio::awaitable<void> fetch_piece(std::string target, const FileVersion& of, Piece& piece,
                                                             const Take& take);
    [[nodiscard]] session::asio::awaitable<void> store_or_advise(std::string target, InputFile& in,
                                                                 WriteOptions options, const Progress& on_progress);
    [[nodiscard]] session::asio::awaitable<void> store(std::string target, InputFile& in, WriteOptions options,
                                                       const Progress& on_progress);
    [[nodiscard]] session::asio::awaitable<bool> make(std::string target);
    [[nodiscard]] session::asio::awaitable<void> move(std::string from, std::string to);
    [[nodiscard]] session::asio::awaitable<void> erase(std::string target);
    [[nodiscard]] session::asio::awaitable<void> date(std::string target, std::chrono::sys_seconds date);

    session::Network& network_;
    const RemoteOptions& options_;
    std::unique_ptr<client::Volume> volume_;
    std::optional<std::uint64_t> our_part_;  // the number of the file that an attempt before this one made
};

}  // namespace strata::application::nfs
