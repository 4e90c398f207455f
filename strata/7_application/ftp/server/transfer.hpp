// Transfer: what goes over one data connection: a file in either direction, or a folder's listing.
//
// Made when the command that asks for it has been found good, and run beside the session's
// commands. It knows no control connection: how it ended is told by its outcome.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/7_application/files/writing/upload.hpp"
#include "strata/7_application/ftp/message/entry_lines.hpp"
#include "strata/7_application/ftp/server/data_channel.hpp"
#include "strata/7_application/ftp/server/shared.hpp"

namespace strata::application::ftp {

// What the client is told, and the log.
struct Outcome {
    unsigned code = 226;
    std::string text{"It is there."};
    Ending ending = Ending::whole;
    bool in_order = false;  // though it is not whole: the client has said its end
};

class Transfer {
public:
    Transfer(Shared& shared, std::string request) : shared_(shared), request_(std::move(request)) {}
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    virtual ~Transfer() = default;

    // Over a data connection, which it ends.
    [[nodiscard]] session::asio::awaitable<Outcome> run(session::Stream stream);
    // From now on it is to come to nothing; it ends soon.
    void cancel(Ending why);
    [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_.has_value(); }
    // "RETR /a/b".
    [[nodiscard]] const std::string& request() const noexcept { return request_; }
    // That have arrived so far, at the client or here.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    Instant began{};

protected:
    // Everything, but the connection's end.
    [[nodiscard]] virtual session::asio::awaitable<Outcome> carry(session::Stream& stream, Watchdog& watchdog) = 0;
    // Sends bytes, or a piece of a file.
    [[nodiscard]] session::asio::awaitable<session::error_code> send(session::Stream& stream, Watchdog& watchdog,
                                                                     Bytes bytes, session::FileSlice file = {});
    // The end: 226 once everything has arrived, as far as can be known.
    [[nodiscard]] session::asio::awaitable<Outcome> send_end(session::Stream& stream, Watchdog& watchdog);
    // Of one that did not come to its end.
    [[nodiscard]] Outcome lost(const Watchdog& watchdog, bool file_is_short) const;

    Shared& shared_;
    std::uint64_t bytes_ = 0;

private:
    std::string request_;
    std::optional<Ending> cancelled_;
    session::Stream* stream_ = nullptr;  // while it runs
};

// RETR, from an offset on.
[[nodiscard]] std::shared_ptr<Transfer> make_sending(Shared& shared, std::string request,
                                                     std::shared_ptr<const OpenFile> file, std::uint64_t from,
                                                     bool ascii);
// STOR, STOU and APPE. `size`: bytes that are to come, if the client has said so.
[[nodiscard]] std::shared_ptr<Transfer> make_receiving(Shared& shared, std::string request, Upload upload, bool ascii,
                                                       std::optional<std::uint64_t> size);

// LIST, NLST and MLSD.
struct ListingWanted {
    enum class Form : std::uint8_t { list, names, facts } form = Form::list;
    std::string folder;   // its name
    std::string prefix;   // said before each name: NLST of another folder
    std::string pattern;  // empty: all
    FactsWanted facts{};
    bool utf8 = true;                         // else in the server's encoding
    std::shared_ptr<const FileRoot> keeps{};  // the root, if it is a user's own
};
[[nodiscard]] std::shared_ptr<Transfer> make_listing(Shared& shared, std::string request, const FileRoot& root,
                                                     std::shared_ptr<const OpenFile> folder, ListingWanted wanted);
// Of one file, whose line is known.
[[nodiscard]] std::shared_ptr<Transfer> make_line(Shared& shared, std::string request, std::string line);

}  // namespace strata::application::ftp
