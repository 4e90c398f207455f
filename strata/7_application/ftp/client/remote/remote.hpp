// FtpRemote: a server of FTP, by URLs of RFC 1738 3.2: ftp://[USER:PASSWORD@]HOST[:PORT]/PATH[;type=a|i];
// ftpes:// and ftps:// are the same under TLS. The path is meant from the folder that one is in
// after logging in; "/%2Fetc" is "/etc".
//
// One conversation for all calls, begun with the first and anew after one that broke.
#pragma once

#include "strata/7_application/ftp/client/conversation.hpp"
#include "strata/7_application/remote/remote.hpp"

namespace strata::application::ftp {

class FtpRemote final : public Remote {
public:
    FtpRemote(session::Network& network, const Url& of, const RemoteOptions& options)
        : Remote(of), network_(network), options_(options) {}

    [[nodiscard]] session::asio::awaitable<RemoteEntry> stat(std::string target) override;
    // By MLSD, or by LIST as servers of Unix and of DOS write it;
    // what cannot be read there is left out.
    [[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> list(std::string target) override;
    // A part is continued if date and size are what they were (MDTM, SIZE).
    [[nodiscard]] session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                      Progress on_progress) override;
    // Resuming goes on with STOR behind REST, where the server has the file's beginning: the last
    // 64 KiB of it are fetched and compared. Without the wish to replace it is asked first whether
    // there is a file: of what comes in between nobody is told.
    [[nodiscard]] session::asio::awaitable<void> write(std::string target, InputFile& in, WriteOptions options,
                                                       Progress on_progress) override;
    [[nodiscard]] session::asio::awaitable<FileVersion> version(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> read_piece(std::string target, FileVersion of, Piece piece,
                                                            Take take) override;
    [[nodiscard]] session::asio::awaitable<bool> make_folder(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> rename(std::string from, std::string to) override;
    [[nodiscard]] session::asio::awaitable<void> remove(std::string target) override;
    [[nodiscard]] session::asio::awaitable<void> set_date(std::string target, std::chrono::sys_seconds date) override;
    [[nodiscard]] session::asio::awaitable<void> leave() override;

private:
    // What a target names.
    struct Place {
        std::string path;  // as the server wants it
        bool text = false;
    };
    struct Known {
        FileVersion version;
        std::optional<std::chrono::sys_seconds> date;
    };
    template <typename Result>
    [[nodiscard]] session::asio::awaitable<Result> tell(session::asio::awaitable<Result> task, std::string verb,
                                                        std::string target, const OutputFile* out = nullptr);
    [[nodiscard]] session::asio::awaitable<std::shared_ptr<Conversation>> conversation();
    [[nodiscard]] static Place place_of(const Conversation& with, std::string_view target);
    [[nodiscard]] static Place file_of(const Conversation& with, std::string_view target);
    [[nodiscard]] session::asio::awaitable<Known> ask_version(Conversation& with, const Place& place);
    [[nodiscard]] session::asio::awaitable<RemoteEntry> look(std::string target);
    [[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> entries(std::string target);
    [[nodiscard]] session::asio::awaitable<std::string> listing(Conversation& with, std::string command);
    [[nodiscard]] session::asio::awaitable<void> fetch(std::string target, OutputFile& out, Progress on_progress);
    [[nodiscard]] session::asio::awaitable<FileVersion> look_at_version(std::string target);
    [[nodiscard]] session::asio::awaitable<void> fetch_piece(std::string target, FileVersion of, Piece piece,
                                                             Take take);
    [[nodiscard]] session::asio::awaitable<std::uint64_t> sent_already(Conversation& with, const Place& place,
                                                                       const InputFile& in);
    [[nodiscard]] session::asio::awaitable<void> store(std::string target, InputFile& in, WriteOptions options,
                                                       Progress on_progress);
    [[nodiscard]] session::asio::awaitable<bool> make(std::string target);
    [[nodiscard]] session::asio::awaitable<void> move(std::string from, std::string to);
    [[nodiscard]] session::asio::awaitable<void> erase(std::string target);
    [[nodiscard]] session::asio::awaitable<void> date(std::string target, std::chrono::sys_seconds date);

    session::Network& network_;
    const RemoteOptions& options_;
    std::shared_ptr<Conversation> conversation_;
};

}  // namespace strata::application::ftp
