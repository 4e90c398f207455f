// Remote: the files of one server, whatever protocol it speaks, as `get`, `put` and `ls` see them.
//
//     URL ── make_remote() ──▶ Remote ── read ──▶ OutputFile
//            (registry/)              ◀─ write ── InputFile
//                                     ── list, stat ──▶ RemoteEntry
//
// A protocol has a Remote of its own in a folder of its client, and a line in
// registry/registry.cpp. What it has no words for it leaves as it is here: NotSupported. A Remote
// may keep a conversation open from one call to the next (FTP does); one call at a time. After a
// PassingError the same call may be made again: whatever it needs is begun anew.
//
// A `target` is a URL's path as it is written there: it begins with '/', is percent-encoded, and
// may have what the protocol lets follow (a query, ";type=a").
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "strata/5_session/network.hpp"
#include "strata/7_application/files/input/input_file.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application {

using http::Url;

struct RemoteEntry {
    enum class Kind : std::uint8_t { file, folder, link, other };
    std::string name;        // of a list: one name, in bytes, that is_entry_name(); of stat(): what the target names
    Kind kind = Kind::file;  // link: a symbolic one, where the protocol tells
    std::optional<std::uint64_t> size;             // bytes of a file
    std::optional<std::chrono::sys_seconds> date;  // when it was changed last
};

struct WriteOptions {
    // A file that is there is replaced, as far as the server lets us. Without: where the protocol
    // can say so, it stays and the call fails; TFTP cannot, and its servers decide.
    bool replace = false;
    // What is there is a beginning of the file that an earlier attempt left, and is gone on with.
    // Where the protocol has no word for that it is as without.
    bool resume = false;
};

// One sentence, as of every TransferError: the protocol, or this
// server, does not know the operation.
struct NotSupported : TransferError {
    using TransferError::TransferError;
};

class Remote {
public:
    // `of`: a URL of the server, with credentials where they are given; its target does not matter.
    explicit Remote(Url of) : server_(std::move(of)) {}
    Remote(const Remote&) = delete;
    Remote& operator=(const Remote&) = delete;
    virtual ~Remote() = default;

    // The same server, and the same person there.
    [[nodiscard]] bool serves(const Url& url) const {
        return url.has_origin_of(server_) && url.credentials == server_.credentials &&
               url.parameters == server_.parameters;
    }

    // Everything below throws TransferError (NotSupported, PassingError), OutputError or
    // InputError. The arguments that are references outlive the call.

    [[nodiscard]] virtual session::asio::awaitable<RemoteEntry> stat(std::string target);
    // What is in a folder, in the server's order; no more than RemoteOptions::entries_max.
    [[nodiscard]] virtual session::asio::awaitable<std::vector<RemoteEntry>> list(std::string target);
    // Into `out`, which is not committed yet, from byte out.size() on if what is
    // there is known for a part of what the server has now (out.version(), what
    // note_version() was told of it), else from the first: two files are never
    // mixed. Tells `out` version and date, where there are any. The total is told to
    // `on_progress` where it is known. What arrived stays in `out` when it throws.
    [[nodiscard]] virtual session::asio::awaitable<void> read(std::string target, OutputFile& out,
                                                              Progress on_progress);
    // What the server says of a file's version, without its bytes; only where it can be read in
    // pieces it has a total.
    [[nodiscard]] virtual session::asio::awaitable<FileVersion> version(std::string target);
    // The bytes [first, end) of a file, which is not empty, in their order. Throws if the file is
    // not of this version; nothing of another is taken.
    struct Piece {
        std::uint64_t first = 0;
        std::uint64_t end = 0;
    };
    using Take = std::function<void(Bytes)>;
    [[nodiscard]] virtual session::asio::awaitable<void> read_piece(std::string target, FileVersion of, Piece piece,
                                                                    Take take);
    // All of `in`, from its first byte: it is restarted where an earlier attempt read of it.
    // Returns when the server says that it has it whole.
    [[nodiscard]] virtual session::asio::awaitable<void> write(std::string target, InputFile& in, WriteOptions options,
                                                               Progress on_progress);
    // False: there is a folder (or something else) of that name already.
    [[nodiscard]] virtual session::asio::awaitable<bool> make_folder(std::string target);
    [[nodiscard]] virtual session::asio::awaitable<void> rename(std::string from, std::string to);
    // A file, or an empty folder.
    [[nodiscard]] virtual session::asio::awaitable<void> remove(std::string target);
    [[nodiscard]] virtual session::asio::awaitable<void> set_date(std::string target, std::chrono::sys_seconds date);
    // Says goodbye, where there is a conversation and a word for it. Does not throw.
    [[nodiscard]] virtual session::asio::awaitable<void> leave();

protected:
    [[nodiscard]] const Url& server() const noexcept { return server_; }
    [[nodiscard]] Url url_of(std::string target) const;
    // "cannot VERB URL: tftp has no word for that; use another protocol".
    [[noreturn]] void refuse(std::string_view verb, std::string target) const;

private:
    Url server_;
};

// One name within a folder, and nothing that leads elsewhere: not empty, ".", "..", longer than 255
// bytes, or with '/' or NUL in it. What a server lists is checked by it before it is a RemoteEntry.
[[nodiscard]] bool is_entry_name(std::string_view name) noexcept;
// The target of a name within a folder.
[[nodiscard]] std::string target_within(std::string_view folder, std::string_view name);

}  // namespace strata::application
