// strata talk: text over TCP, UDP and Unix sockets, for people and for scripts.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstdio>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/talk/talk.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/interruption.hpp"
#include "strata/cli/line_editor.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/typed_lines.hpp"
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
    bool raw = false;
    std::size_t line_max = 1 << 20;
    double timeout = 10;
};

// Where lines come from: an editor on a terminal, standard input as it is, or nothing where that is
// closed. A listener whose input is /dev/null only listens: what ends at once was not said by
// anybody, and must not end it.
struct Lines {
    std::unique_ptr<LineEditor> editor;
    std::unique_ptr<TypedLines> typed;
    [[nodiscard]] talk::LineSource* source() const {
        if (editor) return editor.get();
        return typed.get();
    }
};

Lines open_lines(asio::io_context& io, bool listens) {
    Lines lines;
    if (listens && input_is_null()) return lines;
    try {
        if (LineEditor::is_possible()) {
            lines.editor = std::make_unique<LineEditor>(io);
        } else {
            lines.typed = std::make_unique<TypedLines>(io);
        }
    } catch (const boost::system::system_error&) {
        // Standard input is closed: nothing is typed.
    }
    return lines;
}

void print_text(const std::string& line) {
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
    how.raw = options.raw;
    how.line_max = options.line_max;
    how.timeout = saturating_seconds(options.timeout);

    asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    const bool script = options.has_message || options.has_reply || options.once;
    const Lines lines = script ? Lines{} : open_lines(io, options.how == "listen");
    const auto print = [&lines](const std::string& line) {
        lines.editor ? lines.editor->print(line) : print_text(line);
    };
    std::exception_ptr failed;
    const Interruption interruption{io};
    auto body = options.how == "listen" ? talk::listen(opened->network(), *target, how, print, lines.source())
                                        : talk::connect(opened->network(), *target, how, print, lines.source());
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
    command->add_flag("--raw", options->raw,
                      "send bytes unchanged, without line ends of ours; what one read brings is a message");
    command
        ->add_option("--line-max", options->line_max,
                     "show an arriving line in pieces of so many bytes if it is longer (default 1048576)")
        ->type_name("BYTES")
        ->check(whole_number(1, 1 << 30));
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
