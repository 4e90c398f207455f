#include "strata/7_application/ftp/client/conversation.hpp"

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <variant>
#include <vector>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/5_session/idioms/connect_to.hpp"
#include "strata/7_application/ftp/message/data_address.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

constexpr std::size_t read_at_a_time = 4096;
constexpr Duration taken_for_alive = 20s;
constexpr unsigned preliminaries_max = 100;  // a server that tells how far it is
constexpr std::string_view try_again = "try again";

[[noreturn]] void fail_lost(std::string why) { throw Failure(std::move(why), std::string(try_again), true, true); }

[[noreturn]] void fail_by(const error_code& error) {
    if (error == asio::error::eof) fail_lost("the server has ended the conversation");
    if (error.category() == presentation::certificate_category())
        throw Failure(error.message(), "name who signed it with --cacert FILE", false, true);
    fail_lost("the conversation was lost: " + error.message());
}

// What is in a name ends no command: it would begin another.
void check_command(std::string_view command) {
    if (command.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        throw Failure("a name with a line's end in it cannot be said in FTP", "give it another name", false, false);
}

std::string said(const Reply& reply) {
    return "the server says '" + std::to_string(reply.code) + " " + printable(reply.text()) + "'";
}

struct Accepted {
    error_code error;
    Stream stream;
};

awaitable<Accepted> accept(session::Acceptor& acceptor) {
    Accepted accepted;
    accepted.stream = co_await acceptor.async_accept(redirect_error(use_awaitable, accepted.error));
    co_return accepted;
}

awaitable<void> wait(session::Timer& timer) {
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
}

}  // namespace

void refuse(const Reply& reply, std::string remedy) {
    throw Failure(said(reply), std::move(remedy), reply.may_pass(), reply.code == 421);
}

Conversation::Conversation(session::Network& network, Url server, const RemoteOptions& options)
    : network_(network), server_(std::move(server)), options_(options) {
    tls_manner_ = {.protocol = "ftp", .session = std::make_shared<presentation::TlsSession>()};
    if (in_lower_case(options.ftp.encoding) != "utf-8") {
        auto charset = presentation::Charset::find(options.ftp.encoding);
        if (!charset)
            throw TransferError("the encoding '" + options.ftp.encoding +
                                "' is not known here; UTF-8 and GBK are among those that are");
        charset_ = std::move(*charset);
    }
}

Conversation::~Conversation() {
    if (watchdog_) watchdog_->stop();
}

Stream Conversation::over_tls(Stream below) {
    return options_.http.tls.over(std::move(below), server_.host, network_.calendar(), tls_manner_);
}

awaitable<Stream> Conversation::call_at(IpAddress address, std::uint16_t port) {
    const std::string host = address.to_string();
    std::string failure;
    Stream stream;
    try {
        stream = co_await session::connect_to(network_, host, port, options_.client.connect_timeout);
    } catch (const boost::system::system_error& error) {
        failure = error.code().message();
    }
    if (!failure.empty()) fail_lost("port " + std::to_string(port) + " of " + host + ": " + failure);
    co_return stream;
}

awaitable<void> Conversation::begin() {
    co_await connect();
    watchdog_ = Watchdog::make(network_, stream_);
    stream_.set_no_delay(true);
    if (server_.scheme == "ftps") {
        stream_ = over_tls(std::move(stream_));
        protected_ = true;
    }
    const Reply greeting = co_await next_final_reply();
    if (!greeting.is_done()) refuse(greeting, std::string(try_again));
    if (server_.scheme == "ftpes") co_await protect();
    co_await log_in();
    co_await learn_features();
}

// Each address in turn; that which answers is called for data too.
awaitable<void> Conversation::connect() {
    error_code error;
    const std::vector<IpAddress> addresses =
        co_await network_.async_resolve(server_.host, redirect_error(use_awaitable, error));
    if (error)
        throw Failure("'" + printable(server_.host) + "' is not found: " + error.message(), "check the host's name",
                      true, true);
    std::string why;
    for (const IpAddress& address : addresses) {
        try {
            stream_ = co_await call_at(address, server_.port);
            peer_ = address;
            co_return;
        } catch (const Failure& failure) {
            why = failure.why;
        }
    }
    throw Failure(why, "check the host and the port, and that a server runs there", true, true);
}

awaitable<void> Conversation::protect() {
    const Reply answer = co_await ask("AUTH TLS");
    if (answer.code != 234) refuse(answer, "it has no TLS: use ftp://, or another server");
    // Whoever is between could have said it (RFC 4217 15).
    if (reader_.has_unread()) fail_lost("the server says more than it was asked, before TLS");
    stream_ = over_tls(std::move(stream_));
    protected_ = true;
}

awaitable<void> Conversation::log_in() {
    const http::Credentials named = server_.credentials.value_or(http::Credentials{});
    if (named.password.empty()) {
        const auto known = options_.http.netrc.of(server_.host, named.user);
        if (known) server_.credentials = known;
    }
    const bool anonymous = !server_.credentials;
    const std::string user = anonymous ? "anonymous" : server_.credentials->user;
    const std::string password = anonymous ? "anonymous@" : server_.credentials->password;
    if (!anonymous && !protected_ && options_.client.on_notice)
        options_.client.on_notice("the password for " + server_.host + " goes there in clear; ftpes:// protects it");
    Reply answer = co_await ask("USER " + user);
    if (answer.wants_more()) answer = co_await ask("PASS " + password);
    if (answer.wants_more()) refuse(answer, "it wants an account (ACCT), which is not done here");
    if (!answer.is_done())
        refuse(answer, anonymous ? "give a name and a password: ftp://USER:PASSWORD@HOST/, or put them into .netrc"
                                 : "check name and password");
    if (!protected_) co_return;
    (void)co_await ask("PBSZ 0");
    const Reply level = co_await ask("PROT P");
    if (!level.is_done()) refuse(level, "it does not protect what it sends: use ftp:// if that may be");
}

// RFC 2389. Who knows none is asked for nothing beyond RFC 959.
awaitable<void> Conversation::learn_features() {
    const Reply answer = co_await ask("FEAT");
    if (!answer.is_done()) co_return;
    for (const std::string& line : answer.lines) {
        const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
        features_.insert(in_lower_case(line.substr(begin, line.find(' ', begin) - begin)));
    }
    // Some have to be told so, though they said it themselves (RFC 2640 has no such word).
    if (!charset_ && has("UTF8")) (void)co_await ask("OPTS UTF8 ON");
}

awaitable<void> Conversation::send(std::string command) {
    check_command(command);
    command += "\r\n";
    watchdog_->expect_within(options_.client.stall_timeout);
    error_code error;
    co_await stream_.async_write(asio::buffer(command), redirect_error(use_awaitable, error));
    used_at_ = network_.now();
    if (watchdog_->barked()) fail_lost("the server says nothing any more");
    if (error) fail_by(error);
}

awaitable<Reply> Conversation::next_reply() {
    std::vector<char> buffer(read_at_a_time);
    for (;;) {
        std::optional<Reply> reply = reader_.next();
        if (reader_.is_broken()) throw Failure("what answers there speaks no FTP", "check host and port", false, true);
        if (reply) {
            watchdog_->reset();
            used_at_ = network_.now();
            if (reply->code == 421) refuse(*reply, std::string(try_again));
            co_return std::move(*reply);
        }
        watchdog_->expect_within(options_.client.stall_timeout);
        error_code error;
        const std::size_t count =
            co_await stream_.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (watchdog_->barked()) fail_lost("the server says nothing any more");
        if (error) fail_by(error);
        reader_.add({buffer.data(), count});
    }
}

awaitable<Reply> Conversation::ask(std::string command) {
    co_await send(std::move(command));
    co_return co_await next_final_reply();
}

awaitable<Reply> Conversation::next_final_reply() {
    for (unsigned i = 0; i < preliminaries_max; ++i) {
        Reply reply = co_await next_reply();
        if (!reply.is_preliminary()) co_return reply;
    }
    fail_lost("the server says again and again that it goes on, and comes to no end");
}

awaitable<Reply> Conversation::ask_well(std::string command) {
    Reply reply = co_await ask(std::move(command));
    if (!reply.is_done() && !reply.wants_more()) refuse(reply, "check the name, and what you may do there");
    co_return reply;
}

awaitable<void> Conversation::set_type(char type) {
    if (type_ == type) co_return;
    std::string command = "TYPE ";
    command += type;
    (void)co_await ask_well(std::move(command));
    type_ = type;
}

// The server's, which waits there for us.
awaitable<std::uint16_t> Conversation::ask_for_port() {
    if (!no_extended_) {
        const Reply answer = co_await ask("EPSV");
        const auto port = answer.code == 229 ? find_extended_passive_port(answer.text()) : std::nullopt;
        if (port) co_return *port;
        if (!peer_.is_v4()) refuse(answer, "the server has no EPSV, which IPv6 needs; call it by IPv4");
        no_extended_ = true;
    }
    const Reply answer = co_await ask("PASV");
    const auto at = answer.code == 227 ? find_passive_address(answer.text()) : std::nullopt;
    if (!at) refuse(answer, "the server opens no port for data");
    co_return number_of(at->port);
}

awaitable<void> Conversation::command_transfer(std::string command, std::uint64_t restart) {
    if (restart != 0) {
        const Reply answer = co_await ask("REST " + std::to_string(restart));
        if (!answer.wants_more()) refuse(answer, "the server cannot continue a file: leave --resume out");
    }
    co_await send(std::move(command));
    const Reply answer = co_await next_reply();
    if (!answer.is_preliminary()) refuse(answer, "check the name, and what you may do there");
}

awaitable<Stream> Conversation::call(std::string command, std::uint64_t restart) {
    const std::uint16_t port = co_await ask_for_port();
    Stream stream = co_await call_at(peer_, port);
    co_await command_transfer(std::move(command), restart);
    co_return stream;
}

awaitable<Stream> Conversation::be_called(std::string command, std::uint64_t restart) {
    using namespace asio::experimental::awaitable_operators;
    const session::Address local = stream_.local();
    error_code error;
    session::Acceptor acceptor = network_.listen(session::Address{local.endpoint().address, 0}, error);
    if (error) fail_lost("no port can be opened for data: " + error.message());
    const Endpoint at = acceptor.local().endpoint();
    std::string arrangement =
        at.address.is_v4() ? "PORT " + format_port_argument(at) : "EPRT " + format_eprt_argument(at);
    (void)co_await ask_well(std::move(arrangement));
    co_await command_transfer(std::move(command), restart);
    session::Timer timer = network_.make_timer();
    timer.expires_after(options_.client.connect_timeout);
    for (;;) {
        awaitable<Accepted> accepting = accept(acceptor);
        awaitable<void> waiting = wait(timer);
        std::variant<Accepted, std::monostate> first = co_await (std::move(accepting) || std::move(waiting));
        if (first.index() != 0) fail_lost("the server does not call for its data; it may not reach us");
        Accepted accepted = std::move(std::get<0>(first));
        if (accepted.error) fail_lost("no data connection: " + accepted.error.message());
        const session::Address from = accepted.stream.remote();
        if (!from.is_unix() && from.endpoint().address == peer_) co_return std::move(accepted.stream);
        accepted.stream.abort();  // a stranger
    }
}

awaitable<Stream> Conversation::begin_transfer(std::string command, std::uint64_t restart) {
    Stream stream;
    if (options_.ftp.active) {
        stream = co_await be_called(std::move(command), restart);
    } else {
        stream = co_await call(std::move(command), restart);
    }
    if (protected_) stream = over_tls(std::move(stream));
    co_return stream;
}

awaitable<void> Conversation::end_transfer() {
    const Reply answer = co_await next_final_reply();
    if (!answer.is_done()) refuse(answer, std::string(try_again));
}

awaitable<bool> Conversation::goes_on() {
    if (network_.now() - used_at_ < taken_for_alive) co_return true;
    bool alive = true;
    try {
        (void)co_await ask("NOOP");
    } catch (const Failure&) {
        alive = false;
    }
    co_return alive;
}

awaitable<void> Conversation::leave() {
    try {
        (void)co_await ask("QUIT");
    } catch (const std::exception&) {
        // It is over either way.
    }
    stream_.close();
}

std::string Conversation::outward(const std::string& name) const {
    if (!charset_) return name;
    auto encoded = charset_->encode(name);
    if (!encoded)
        throw Failure("'" + printable(name) + "' cannot be written in " + charset_->name(), "choose another encoding",
                      false, false);
    return std::move(*encoded);
}

std::string Conversation::inward(const std::string& name) const {
    if (!charset_) return name;
    return charset_->decode(name, presentation::OnInvalid::replace).value_or(name);
}

}  // namespace strata::application::ftp
