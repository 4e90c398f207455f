// Conversation: one with an FTP server, from the client's side: connected, logged in, and kept for
// as many files as are wanted (RFC 959, 2228, 2428, 4217).
//
// ftp:// is in clear, ftpes:// under TLS from AUTH on, ftps:// from the first byte; what is under
// TLS has its data connections under it too, or is given up. The address in an answer to PASV is
// not believed: data comes from the host that was called (RFC 2577 is about who believed it).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <set>
#include <string>

#include "strata/0_foundation/ascii.hpp"
#include "strata/6_presentation/charset.hpp"
#include "strata/6_presentation/tls/tls.hpp"
#include "strata/7_application/ftp/client/ftp_options.hpp"
#include "strata/7_application/ftp/message/reply_reader.hpp"
#include "strata/7_application/remote/remote.hpp"
#include "strata/7_application/remote/remote_options.hpp"
#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application::ftp {

// What went wrong, and what to do: the parts of a sentence.
struct Failure : std::exception {
    Failure(std::string reason, std::string advice, bool may_pass, bool over)
        : why(std::move(reason)), remedy(std::move(advice)), passing(may_pass), lost(over) {}
    [[nodiscard]] const char* what() const noexcept override { return why.c_str(); }
    std::string why;
    std::string remedy;
    bool passing;  // another attempt may go well
    bool lost;     // the conversation is over: a new one is needed for that
};

class Conversation {
public:
    // Network and options outlive it.
    Conversation(session::Network& network, Url server, const RemoteOptions& options);
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation();

    // All of these throw Failure.
    //
    // Connects and logs in.
    [[nodiscard]] session::asio::awaitable<void> begin();
    // One command, without its CR LF, and its last reply.
    [[nodiscard]] session::asio::awaitable<Reply> ask(std::string command);
    // The same, where anything but 2xx (and 3xx) is a failure.
    [[nodiscard]] session::asio::awaitable<Reply> ask_well(std::string command);
    // TYPE, if it is not that already: 'A' or 'I'.
    [[nodiscard]] session::asio::awaitable<void> set_type(char type);
    // Makes a data connection, from this byte on, and says the command that it is for.
    [[nodiscard]] session::asio::awaitable<session::Stream> begin_transfer(std::string command,
                                                                           std::uint64_t restart = 0);
    // What is said once the data connection has ended.
    [[nodiscard]] session::asio::awaitable<void> end_transfer();
    // Whether the server is still there; one that heard nothing for
    // long may have parted. Does not throw.
    [[nodiscard]] session::asio::awaitable<bool> goes_on();
    // Says goodbye. Does not throw.
    [[nodiscard]] session::asio::awaitable<void> leave();

    // Whether FEAT has named it: "MLST", "SIZE".
    [[nodiscard]] bool has(std::string_view feature) const { return features_.contains(in_lower_case(feature)); }
    // A name as the server has it, and back.
    [[nodiscard]] std::string outward(const std::string& name) const;
    [[nodiscard]] std::string inward(const std::string& name) const;
    [[nodiscard]] session::Network& network() noexcept { return network_; }

private:
    [[nodiscard]] session::asio::awaitable<void> connect();
    [[nodiscard]] session::asio::awaitable<void> protect();
    [[nodiscard]] session::asio::awaitable<void> log_in();
    [[nodiscard]] session::asio::awaitable<void> learn_features();
    [[nodiscard]] session::asio::awaitable<void> send(std::string command);
    [[nodiscard]] session::asio::awaitable<Reply> next_reply();
    // Without those that only say that it goes on.
    [[nodiscard]] session::asio::awaitable<Reply> next_final_reply();
    [[nodiscard]] session::asio::awaitable<std::uint16_t> ask_for_port();
    [[nodiscard]] session::asio::awaitable<session::Stream> call(std::string command, std::uint64_t restart);
    [[nodiscard]] session::asio::awaitable<session::Stream> be_called(std::string command, std::uint64_t restart);
    [[nodiscard]] session::asio::awaitable<void> command_transfer(std::string command, std::uint64_t restart);
    [[nodiscard]] session::Stream over_tls(session::Stream below);
    [[nodiscard]] session::asio::awaitable<session::Stream> call_at(IpAddress address, std::uint16_t port);

    session::Network& network_;
    Url server_;
    const RemoteOptions& options_;
    session::Stream stream_;
    std::shared_ptr<Watchdog> watchdog_;
    IpAddress peer_;  // that was called
    ReplyReader reader_;
    std::set<std::string> features_;                // in lower case
    presentation::TlsManner tls_manner_;            // data goes on with the session of the commands
    std::optional<presentation::Charset> charset_;  // nothing: names are UTF-8
    Instant used_at_{};
    char type_ = 'A';
    bool protected_ = false;
    bool no_extended_ = false;  // it knows no EPSV
};

// Throws for a reply that is a refusal.
[[noreturn]] void refuse(const Reply& reply, std::string remedy);

}  // namespace strata::application::ftp
