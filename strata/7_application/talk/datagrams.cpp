#include "strata/7_application/talk/datagrams.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <vector>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/7_application/talk/text.hpp"

namespace strata::application::talk {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::Address;
using session::error_code;

namespace {

struct Table {
    session::Network& network;
    presentation::Charset charset;
    Script script;
    Print print;
    session::Datagram socket;
    std::string name;             // of the target, for errors
    std::optional<Address> peer;  // the one connected to, or that spoke last
    bool exchanged = false;
    bool over = false;
    std::size_t not_sent = 0;  // lines
};

constexpr std::size_t datagram_max = ipv4_datagram_max;

awaitable<error_code> send(Table& table, const std::string& bytes, Address to) {
    error_code error;
    co_await table.socket.async_send_to(asio::buffer(bytes), to, redirect_error(use_awaitable, error));
    co_return error;
}

// "@10.0.0.7:8080 text" is sent there, anything else to the one connected to or that spoke last.
awaitable<void> say(Table& table, std::string line) {
    std::optional<Address> to = table.peer;
    if (line.starts_with('@')) {
        const std::size_t space = line.find(' ');
        const auto endpoint =
            Endpoint::parse(std::string_view(line).substr(1, space == std::string::npos ? space : space - 1));
        if (!endpoint || space == std::string::npos) {
            table.print("* write '@ADDRESS:PORT text' to talk to somebody");
            co_return;
        }
        to = Address{*endpoint};
        line.erase(0, space + 1);
    }
    if (!to) {
        table.print("* nobody has spoken yet: write '@ADDRESS:PORT text'");
        co_return;
    }
    std::string problem;
    try {
        const std::string bytes = encoded(table.charset, line);
        error_code error;
        if (bytes.size() <= datagram_max) error = co_await send(table, bytes, *to);
        if (bytes.size() > datagram_max)
            problem = "a line of more than " + std::to_string(datagram_max) +
                      " bytes fits into no datagram, and was not sent; use tcp:// for lines of any length";
        if (error) problem = "cannot send to " + to->to_string() + ": " + error.message();
    } catch (const TalkError& error) {
        problem = error.what();
    }
    if (problem.empty()) co_return;
    ++table.not_sent;
    table.print("* " + problem);
}

awaitable<void> read_lines(std::shared_ptr<Table> table, LineSource* lines) {
    std::string text;  // of a line that comes in pieces
    for (;;) {
        auto line = co_await lines->next();
        if (!line) break;
        // What no datagram holds in any encoding is not kept, only that it was too long: a
        // character has at most four bytes here.
        if (text.size() <= 4 * datagram_max) text += line->text;
        if (!line->ends) continue;
        if (!text.empty()) co_await say(*table, std::exchange(text, {}));
    }
    table->over = true;
    table->socket.cancel();
}

awaitable<void> pause(session::Network& network, Duration duration) {
    session::Timer timer = network.make_timer();
    timer.expires_after(duration);
    error_code ignored;
    co_await timer.async_wait(redirect_error(use_awaitable, ignored));
}

awaitable<void> end_in_time(std::shared_ptr<Table> table) {
    co_await pause(table->network, table->script.timeout);
    if (table->over) co_return;
    table->over = true;
    table->socket.cancel();
}

awaitable<void> hear(Table& table, std::string_view bytes, Address from) {
    // A datagram is complete in itself: no character reaches into the next.
    const std::string text =
        without_newline(table.charset.decode(bytes, presentation::OnInvalid::replace).value_or("?"));
    table.print(received_line(from, text));
    table.peer = from;
    table.exchanged = true;
    if (table.script.reply) {
        const std::string answer = encoded(table.charset, *table.script.reply);
        const error_code error = co_await send(table, answer, from);
        if (error) table.print("* cannot answer " + from.to_string() + ": " + error.message());
    }
    if (table.script.is_single()) table.over = true;
}

awaitable<void> converse(std::shared_ptr<Table> table) {
    std::vector<char> buffer(message_max);
    while (!table->over) {
        error_code error;
        const auto [count, from] =
            co_await table->socket.async_receive_from(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
        if (!error) {
            co_await hear(*table, {buffer.data(), count}, from);
            continue;
        }
        // ICMP said that nobody is there.
        if (table->script.is_bounded())
            throw TalkError("cannot talk to " + table->name + ": " + error.message() +
                            "; check that somebody listens there");
        table->print("* " + error.message());
        co_await pause(table->network, 100ms);
    }
}

awaitable<void> run(std::shared_ptr<Table> table, LineSource* lines) {
    const Script& script = table->script;
    if (script.message && table->peer) {
        const std::string bytes = encoded(table->charset, *script.message);
        const error_code error = co_await send(*table, bytes, *table->peer);
        if (error) throw TalkError("cannot send to " + table->name + ": " + error.message() + "; check the address");
    }
    if (lines != nullptr && !script.is_one())
        asio::co_spawn(table->network.get_executor(), read_lines(table, lines), asio::detached);
    if (script.is_bounded()) asio::co_spawn(table->network.get_executor(), end_in_time(table), asio::detached);
    co_await converse(table);
    table->over = true;
    if (table->not_sent > 0 && lines != nullptr && !lines->is_person())
        throw TalkError(std::to_string(table->not_sent) + " lines were not sent to " + table->name +
                        ", for the reasons above");
    if (script.is_bounded() && !table->exchanged) {
        throw TalkError("nothing came from " + table->name + " within " + in_seconds(script.timeout) +
                        " s; give it more time with --timeout");
    }
}

awaitable<IpAddress> resolve(session::Network& network, Target target) {
    error_code error;
    const auto found = co_await network.async_resolve(target.host, redirect_error(use_awaitable, error));
    if (error)
        throw TalkError("cannot find " + target.host + ": " + error.message() +
                        "; check the name, or write an address");
    co_return found.front();
}

}  // namespace

awaitable<void> listen_datagrams(session::Network& network, Target target, Options options, Print print,
                                 LineSource* lines) {
    const presentation::Charset charset = charset_named(options.encoding);
    const Script script(options, charset);
    if (script.message)
        throw TalkError("nobody is known to send a message to on " + target.to_string() +
                        "; connect to somebody, or answer with --reply");
    const IpAddress host = co_await resolve(network, target);
    error_code error;
    session::Datagram socket = network.open_datagram(Address{host, target.port}, error);
    if (error)
        throw TalkError("cannot listen on " + target.to_string() + ": " + error.message() + "; choose another port");
    print("* listening on udp://" + socket.local().to_string());
    const auto table = std::make_shared<Table>(network, charset, script, print, std::move(socket), target.to_string());
    co_await run(table, lines);
}

awaitable<void> connect_datagrams(session::Network& network, Target target, Options options, Print print,
                                  LineSource* lines) {
    const presentation::Charset charset = charset_named(options.encoding);
    const Script script(options, charset);
    const IpAddress host = co_await resolve(network, target);
    error_code error;
    const Address any{host.is_v4() ? IpAddress{Ipv4Address::any()} : IpAddress{Ipv6Address{}}, 0};
    session::Datagram socket = network.open_datagram(any, error);
    const Address peer{host, target.port};
    if (!error) error = socket.connect(peer);
    if (error) throw TalkError("cannot talk to " + target.to_string() + ": " + error.message() + "; check the address");
    const auto table = std::make_shared<Table>(network, charset, script, print, std::move(socket), target.to_string());
    table->peer = peer;
    co_await run(table, lines);
}

}  // namespace strata::application::talk
