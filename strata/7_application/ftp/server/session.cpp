#include "strata/7_application/ftp/server/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/ftp/message/reply.hpp"
#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::ftp {

namespace {

constexpr std::size_t unread_max = 64 << 10;  // that a client may send behind its last command

// What is said without logging in (RFC 959 5.4; RFC 4217).
constexpr bool needs_login(Verb verb) {
    switch (verb) {
        case Verb::user:
        case Verb::pass:
        case Verb::acct:
        case Verb::quit:
        case Verb::rein:
        case Verb::auth:
        case Verb::ccc:
        case Verb::pbsz:
        case Verb::prot:
        case Verb::feat:
        case Verb::opts:
        case Verb::clnt:
        case Verb::help:
        case Verb::noop:
        case Verb::syst:
        case Verb::abor:
        case Verb::unknown: return false;
        default: return true;
    }
}

// What is nothing without it.
constexpr bool needs_argument(Verb verb) {
    switch (verb) {
        case Verb::user:
        case Verb::auth:
        case Verb::pbsz:
        case Verb::prot:
        case Verb::type:
        case Verb::stru:
        case Verb::mode:
        case Verb::rest:
        case Verb::allo:
        case Verb::port:
        case Verb::eprt:
        case Verb::opts:
        case Verb::clnt:
        case Verb::cwd:
        case Verb::size:
        case Verb::mdtm:
        case Verb::mfmt:
        case Verb::hash:
        case Verb::dele:
        case Verb::rmd:
        case Verb::mkd:
        case Verb::rnfr:
        case Verb::rnto:
        case Verb::retr:
        case Verb::stor:
        case Verb::appe:
        case Verb::site: return true;
        default: return false;
    }
}

}  // namespace

Session::Session(std::shared_ptr<Shared> shared, Client with, std::optional<NoPlace> refused)
    : WatchedConversation(shared->network, std::move(with), shared->options.patience),
      shared_(std::move(shared)),
      refused_(refused),
      control_(shared_->network, client.stream, *watchdog),
      data_(*shared_, client.address),
      transfer_news_(shared_->network) {}

Session::Wait Session::converse() {
    client.stream.set_no_delay(true);
    began_ = shared_->network.now();
    if (shared_->options.implicit_tls) {
        client.stream = data_.protect_control(std::move(client.stream));
        under_tls_ = true;
        protect_ = true;
    }
    if (refused_) {
        say_goodbye(421, refused_ == NoPlace::full ? "Too many connections: try again soon."
                                                   : "Too many connections from your address: close some of them.");
    } else {
        say(220, "Strata FTP.");
        try {
            co_await serve();
        } catch (const std::exception&) {
            // Out of memory, say: this client is lost, the others are not.
            over_ = false;
        }
    }
    cancel_transfer(cut_off ? Ending::by_server : Ending::by_client);
    co_await transfer_over();
    data_.forget();
    const bool told = over_ && co_await control_.said();
    if (told) {
        (void)co_await part(client.stream, *watchdog, unread_max);
    } else {
        client.stream.abort();
    }
}

// Until it is over, or the client has left.
Session::Wait Session::serve() {
    while (!over_) {
        const bool told = co_await control_.said();
        if (!told) co_return;
        if (std::exchange(begin_tls_, false)) {
            client.stream = data_.protect_control(std::move(client.stream));
            under_tls_ = true;
            heard_ = false;
        }
        std::optional<Command> command = co_await next_command();
        if (!command) co_return;
        const bool about_the_transfer =
            command->verb == Verb::abor || (command->verb == Verb::stat && command->argument.empty());
        if (!about_the_transfer) co_await transfer_over();
        if (over_) co_return;
        Command taken = std::move(*command);
        co_await obey(std::move(taken));
    }
}

// Nothing: there will be none. A client that was silent for too long is told so.
session::asio::awaitable<std::optional<Command>> Session::next_command() {
    waiting_ = true;
    watchdog->only_cancels(true);
    expect_command();
    std::optional<CommandReader::Line> line = co_await control_.next_line();
    waiting_ = false;
    if (client.place) client.place->set_idle(false);
    const bool timed_out = watchdog->barked();
    watchdog->only_cancels(false);
    watchdog->reset();
    // Without a hello there is no TLS to say anything under.
    if (!line && under_tls_ && !heard_) co_return std::nullopt;
    heard_ = true;
    if (!line && timed_out) say_goodbye(421, "Nothing was said for too long.");
    if (!line && !timed_out && stopping_) say_goodbye(421, "The server is stopping.");
    if (!line && !timed_out && leaving_) say_goodbye(421, "Others need the place.");
    if (!line) co_return std::nullopt;
    Command command = parse_command(line->text);
    if (line->too_long) command = {};  // what it begins with is not what it is
    co_return command;
}

// While a transfer runs nobody is waited for.
void Session::expect_command() {
    if (!waiting_) return;
    if (client.place) client.place->set_idle(!transfer_);
    const ServerOptions& options = shared_->options;
    if (transfer_) return watchdog->reset();
    if (is_logged_in()) return watchdog->expect_within(options.idle_timeout);
    const Duration spent = shared_->network.now() - began_;
    watchdog->expect_within(std::max<Duration>(options.login_timeout - spent, 1ms));
}

void Session::finish() {
    stopping_ = true;
    if (waiting_ && !transfer_) client.stream.cancel();
}

void Session::leave() {
    leaving_ = true;
    if (waiting_ && !transfer_) client.stream.cancel();
}

void Session::abort() {
    WatchedConversation::abort();
    cancel_transfer(Ending::by_server);
}

void Session::say(unsigned code, std::string_view text) {
    code_ = code;
    control_.say(reply(code, text));
}

void Session::say_goodbye(unsigned code, std::string_view text) {
    say(code, text);
    over_ = true;
}

void Session::say_long(unsigned code, LongReply text) {
    code_ = code;
    control_.say(std::move(text).end("That is all."));
}

void Session::note(std::string request, std::uint64_t bytes, Duration took, Ending ending) {
    if (shared_->log)
        shared_->log({client.address, is_logged_in() ? user_ : "", std::move(request), code_, bytes, took, ending});
}

// Why a command is not obeyed, whatever it says: code and text of a reply.
std::optional<std::string> Session::objection(const Command& command) const {
    if (command.verb == Verb::unknown && command.name.empty()) return reply(500, "That is no command.");
    if (command.verb == Verb::unknown) return reply(500, "'" + command.name + "' is not known here.");
    if (needs_login(command.verb) && !is_logged_in()) return reply(530, "Log in first, with USER and PASS.");
    if (needs_argument(command.verb) && command.argument.empty())
        return reply(501, command.name + " needs an argument.");
    return std::nullopt;
}

Session::Wait Session::obey(Command command) {
    if (auto objected = objection(command)) {
        control_.say(std::move(*objected));
        co_return;
    }
    if (command.verb != Verb::rnto) renamed_.reset();
    switch (command.verb) {
        case Verb::pass: co_await password(std::move(command.argument)); break;
        case Verb::retr: co_await retrieve(std::move(command.argument)); break;
        case Verb::stor:
        case Verb::stou:
        case Verb::appe: co_await store(command.verb, std::move(command.argument)); break;
        case Verb::list:
        case Verb::nlst:
        case Verb::mlsd: co_await list(command.verb, std::move(command.argument)); break;
        case Verb::hash: co_await digest_of(std::move(command.argument)); break;
        case Verb::stat:
            if (command.argument.empty()) {
                status();
            } else {
                co_await status_of(std::move(command.argument));
            }
            break;
        default: obey_at_once(command);
    }
}

void Session::obey_at_once(const Command& command) {
    const std::string& argument = command.argument;
    switch (command.verb) {
        case Verb::user: return user(argument);
        case Verb::acct: return say(202, "No accounts are needed here.");
        case Verb::rein: return reinitialize();
        case Verb::quit: return say_goodbye(221, "Goodbye.");
        case Verb::auth: return authenticate(argument);
        case Verb::ccc: return say(533, "What is protected stays protected.");
        case Verb::pbsz: return protection_buffer(argument);
        case Verb::prot: return protection(argument);
        case Verb::type: return type(argument);
        case Verb::stru: return structure(argument);
        case Verb::mode: return mode(argument);
        case Verb::rest: return restart(argument);
        case Verb::allo: return allocate(argument);
        case Verb::port: return port(argument);
        case Verb::eprt: return extended_port(argument);
        case Verb::pasv: return passive();
        case Verb::epsv: return extended_passive(argument);
        case Verb::feat: return features();
        case Verb::opts: return options_of(argument);
        case Verb::clnt: return say(200, "Noted.");
        case Verb::help: return help();
        case Verb::syst: return say(215, "UNIX Type: L8");
        case Verb::noop: return say(200, "Here I am.");
        case Verb::abor: return abort_transfer();
        case Verb::smnt: return say(502, "There is nothing to mount here.");
        case Verb::cwd: return change_folder(argument);
        case Verb::cdup: return change_folder("..");
        case Verb::pwd: return print_folder();
        case Verb::size: return size_of(argument);
        case Verb::mdtm: return date_of(argument);
        case Verb::mfmt: return set_date(argument);
        case Verb::mlst: return facts_of(argument);
        case Verb::dele: return remove(argument, false);
        case Verb::rmd: return remove(argument, true);
        case Verb::mkd: return make_folder(argument);
        case Verb::rnfr: return rename_from(argument);
        case Verb::rnto: return rename_to(argument);
        case Verb::site: return site(argument);
        default: return say(502, command.name + " is not done here.");
    }
}

FileTime Session::now() const { return std::chrono::time_point_cast<FileTime::duration>(shared_->network.calendar()); }

}  // namespace strata::application::ftp
