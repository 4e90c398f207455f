// strata talk: text over TCP, UDP and Unix sockets, for people and for scripts.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/talk/talk.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

namespace asio = boost::asio;
namespace talk = application::talk;

constexpr double timeout_max = 1'000'000;  // seconds

struct TalkOptions {
    std::string how;
    std::string target;
    std::string net = "kernel";
    std::string encoding = "UTF-8";
    std::string message;
    std::string reply;
    bool has_message = false;
    bool has_reply = false;
    bool once = false;
    double timeout = 10;
};

// Standard input, opened anew where that is possible: Asio makes it non-blocking, which would otherwise hit everybody who has it open,
// the shell among them, and standard output on the same terminal.
int open_input() {
    const int opened = ::open("/proc/self/fd/0", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    return opened >= 0 ? opened : ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

// How much of the text is safely said now: not the beginning of a character that goes on behind the piece we have.
std::size_t whole_characters(const std::string& text, bool ended) {
    const std::size_t end = text.size();
    if (ended || end < 4) return end;
    for (std::size_t back = 1; back < 4; ++back) {
        if ((static_cast<unsigned char>(text[end - back]) & 0xc0) == 0xc0) return end - back;
    }
    return end;
}

// What is typed.
class TypedLines final : public talk::LineSource {
public:
    explicit TypedLines(asio::io_context& io) : input_(io, open_input()) {}
    asio::awaitable<std::optional<std::string>> next() override {
        boost::system::error_code error;
        const std::size_t size = co_await asio::async_read_until(input_, asio::dynamic_buffer(waiting_, line_max), '\n',
                                                                 asio::redirect_error(asio::use_awaitable, error));
        // The last line may lack its newline; a line that is too long is said in pieces.
        if (error && waiting_.empty()) co_return std::nullopt;
        const std::size_t taken = error ? whole_characters(waiting_, error != asio::error::not_found) : size;
        std::string line = waiting_.substr(0, error ? taken : taken - 1);
        waiting_.erase(0, taken);
        if (line.ends_with('\r')) line.pop_back();
        co_return line;
    }

private:
    static constexpr std::size_t line_max = 16 << 10;  // fits into a datagram in any encoding
    asio::posix::stream_descriptor input_;
    std::string waiting_;
};

// Standard input that can be waited for: a terminal or a pipe, not a file.
std::unique_ptr<TypedLines> typed_lines(asio::io_context& io) {
    try {
        return std::make_unique<TypedLines>(io);
    } catch (const boost::system::system_error&) {
        return nullptr;
    }
}

void print_line(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

int run(const TalkOptions& options) {
    const auto target = talk::parse_target(options.target);
    if (!target)
        throw WrongUse("'" + printable(options.target) +
                       "' is nobody to talk to; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH");
    if (options.has_message && options.how == "listen" && target->kind == talk::Target::Kind::udp)
        throw WrongUse("a UDP listener knows nobody to send --message to; use --reply, or talk connect");
    talk::Options how;
    how.encoding = options.encoding;
    if (options.has_message) how.message = options.message;
    if (options.has_reply) how.reply = options.reply;
    how.once = options.once;
    how.timeout = saturating_seconds(options.timeout);

    asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    const auto lines = options.has_message || options.has_reply || options.once ? nullptr : typed_lines(io);
    std::exception_ptr failed;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) io.stop();
    });
    auto body = options.how == "listen" ? talk::listen(opened->network(), *target, how, print_line, lines.get())
                                        : talk::connect(opened->network(), *target, how, print_line, lines.get());
    asio::co_spawn(io, std::move(body), [&](std::exception_ptr thrown) {
        failed = thrown;
        asio::post(io, [&io] { io.stop(); });
    });
    io.run();
    if (failed) std::rethrow_exception(failed);
    return 0;
}

}  // namespace

void add_talk(CLI::App& app, Action& action) {
    auto options = std::make_shared<TalkOptions>();
    CLI::App* command =
        app.add_subcommand("talk", "Talk over TCP, UDP or a Unix socket; interactively, or by --message and --reply.");
    command->add_option("HOW", options->how, "listen to others, or connect to one")
        ->required()
        ->check(CLI::IsMember({"listen", "connect"}));
    command->add_option("WHERE", options->target, "talk there: tcp://HOST:PORT, udp://HOST:PORT or unix:PATH")
        ->required();
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->add_option("--encoding", options->encoding, "use this character set for the text: UTF-8 (default), GBK, …")
        ->type_name("CHARSET");
    auto* message =
        command->add_option("--message", options->message, "send this, then wait for one answer and print it");
    auto* reply = command->add_option("--reply", options->reply, "answer each message that arrives with this");
    command->add_flag("--once", options->once, "end after one exchange");
    command->add_option("--timeout", options->timeout, "wait so many seconds for an answer (default 10)")
        ->type_name("SECONDS")
        ->check(seconds_above_zero(timeout_max));
    command->callback([options, message, reply, &action] {
        options->has_message = message->count() > 0;
        options->has_reply = reply->count() > 0;
        action = [options] { return run(*options); };
    });
}

}  // namespace strata::cli
