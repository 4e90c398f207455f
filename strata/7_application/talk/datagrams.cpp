#include "strata/7_application/talk/datagrams.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <vector>

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
    Options options;
    presentation::Charset charset;
    Print print;
    session::Datagram socket;
    std::string name;             // of the target, for errors
    std::optional<Address> peer;  // who was connected to, or spoke last
    bool over = false;
    bool late = false;
};

awaitable<error_code> send(Table& table, const std::string& text, Address to) {
    const std::string bytes = encoded(table.charset, text);
    error_code error;
    co_await table.socket.async_send_to(asio::buffer(bytes), to, redirect_error(use_awaitable, error));
    co_return error;
}

// "@10.0.0.7:8080 text" goes there, anything else to who was connected to or spoke last.
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
        const error_code error = co_await send(table, line, *to);
        if (error) problem = "cannot send to " + to->to_string() + ": " + error.message();
    } catch (const TalkError& error) {
        problem = error.what();
    }
    if (!problem.empty()) table.print("* " + problem);
}

awaitable<void> read_lines(std::shared_ptr<Table> table, LineSource* lines) {
    for (;;) {
        const auto line = co_await lines->next();
        if (!line) break;
        if (!line->empty()) co_await say(*table, *line);
    }
    table->over = true;
    table->socket.cancel();
}

awaitable<void> end_in_time(std::shared_ptr<Table> table) {
    session::Timer timer = table->network.make_timer();
    timer.expires_after(table->options.timeout);
    error_code error;
    co_await timer.async_wait(redirect_error(use_awaitable, error));
    if (error || table->over) co_return;
    table->late = true;
    table->socket.cancel();
}

awaitable<void> converse(std::shared_ptr<Table> table) {
    const Options& options = table->options;
    std::vector<char> buffer(message_max);
    while (!table->over) {
        error_code error;
        const auto [count, from] =
            co_await table->socket.async_receive_from(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
        if (error) {
            // ICMP said that nobody is there.
            if (options.message || options.once)
                throw TalkError("cannot talk to " + table->name + ": " + error.message() +
                                "; check that somebody listens there");
            table->print("* " + error.message());
            continue;
        }
        // A datagram stands for itself: no character reaches into the next.
        const std::string text = without_newline(
            table->charset.decode({buffer.data(), count}, presentation::OnInvalid::replace).value_or("?"));
        table->print(received_line(from, text));
        table->peer = from;
        if (options.reply) co_await send(*table, *options.reply, from);
        if (options.once || (options.message && !options.reply)) table->over = true;
    }
}

awaitable<void> run(std::shared_ptr<Table> table, LineSource* lines) {
    const Options& options = table->options;
    const bool script = options.message || options.reply || options.once;
    if (options.message && table->peer) {
        const error_code error = co_await send(*table, *options.message, *table->peer);
        if (error) throw TalkError("cannot send to " + table->name + ": " + error.message() + "; check the address");
    }
    if (lines != nullptr && !script)
        asio::co_spawn(table->network.get_executor(), read_lines(table, lines), asio::detached);
    if (options.once || options.message)
        asio::co_spawn(table->network.get_executor(), end_in_time(table), asio::detached);
    co_await converse(table);
    if (table->late) {
        throw TalkError("nothing came from " + table->name + " within " + std::to_string(options.timeout / 1s) +
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
    const IpAddress host = co_await resolve(network, target);
    error_code error;
    session::Datagram socket = network.open_datagram(Address{host, target.port}, error);
    if (error)
        throw TalkError("cannot listen on " + target.to_string() + ": " + error.message() + "; choose another port");
    print("* listening on udp://" + socket.local().to_string());
    const auto table = std::make_shared<Table>(network, options, charset_named(options.encoding), print,
                                               std::move(socket), target.to_string());
    co_await run(table, lines);
}

awaitable<void> connect_datagrams(session::Network& network, Target target, Options options, Print print,
                                  LineSource* lines) {
    const IpAddress host = co_await resolve(network, target);
    error_code error;
    const Address any{host.is_v4() ? IpAddress{Ipv4Address::any()} : IpAddress{Ipv6Address{}}, 0};
    session::Datagram socket = network.open_datagram(any, error);
    const Address peer{host, target.port};
    if (!error) error = socket.connect(peer);
    if (error) throw TalkError("cannot talk to " + target.to_string() + ": " + error.message() + "; check the address");
    const auto table = std::make_shared<Table>(network, options, charset_named(options.encoding), print,
                                               std::move(socket), target.to_string());
    table->peer = peer;
    co_await run(table, lines);
}

}  // namespace strata::application::talk
