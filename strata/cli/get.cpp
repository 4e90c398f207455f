// strata get URL: fetches a file by http:// or fetch://.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <optional>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/fetch/client.hpp"
#include "strata/7_application/http/client.hpp"
#include "strata/7_application/output/output_file.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/progress_bar.hpp"

namespace strata::cli {
namespace {

namespace http = application::http;

struct GetOptions {
    std::string url;
    std::string output;
    std::string net = "kernel";
    std::string encoding = "UTF-8";
    std::optional<std::string> sha256;
    bool resume = false;
    bool force = false;
};

// The name to save under: the URL's last part; never one that leads elsewhere, or that a terminal obeys when it is listed.
std::string local_name(const http::Url& url) {
    const std::string path = url.target.substr(0, url.target.find('?'));
    const std::string name = http::percent_decode_leniently(path.substr(path.rfind('/') + 1));
    if (name.empty() || name == "." || name == ".." || name.contains('/') || name.contains('\0')) {
        throw WrongUse("the URL " + url.to_string() + " names no file to save under; give one with -o FILE");
    }
    // "-" would be standard output, where it is not a file's name.
    return name == "-" ? "./-" : printable_name(name);
}

http::Url parse(const GetOptions& options) {
    const auto url = http::parse_url(options.url);
    if (!url)
        throw WrongUse("'" + printable(options.url) +
                       "' is no URL that can be fetched; write http://HOST[:PORT]/PATH or fetch://HOST[:PORT]/NAME");
    return *url;
}

// Lower case; empty if none was given.
std::string parse_digest(const std::optional<std::string>& given) {
    if (!given) return "";
    std::string text = *given;
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter + 32) : letter;
    });
    const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!good) throw WrongUse("--sha256: '" + printable(text) + "' is no SHA-256; write its 64 hexadecimal digits");
    return text;
}

boost::asio::awaitable<void> get(session::Network& network, GetOptions options, http::Url url,
                                 application::OutputFile& out, ProgressBar& bar) {
    application::ClientOptions client;
    client.on_notice = [](const std::string& notice) { fmt::print(stderr, "strata: {}\n", printable(notice)); };
    application::Progress on_progress = [&bar](std::uint64_t done, std::optional<std::uint64_t> total) {
        bar.update(done, total);
    };
    if (url.scheme == "http") {
        co_await http::fetch(network, url, out, on_progress, client);
    } else {
        const auto name = http::name_of_target(url.target);
        if (!name || name->empty())
            throw WrongUse("the URL " + url.to_string() + " names no file; write fetch://HOST[:PORT]/NAME");
        co_await application::fetch::fetch(network, url.host, url.port, *name, options.encoding, out, on_progress,
                                           client);
    }
}

int print_digest(const std::string& digest, const std::string& name) {
    fmt::print(stderr, "{}  {}\n", digest, name == "-" ? "(standard output)" : printable(name));
    return 0;
}

int run(const GetOptions& options) {
    const http::Url url = parse(options);
    const std::string wanted = parse_digest(options.sha256);
    const std::string name = options.output.empty() ? local_name(url) : options.output;
    application::OutputFile out(name, {.resume = options.resume, .force = options.force});
    if (out.is_finished()) {
        // The digest says what no server can say better.
        if (!wanted.empty() && out.finished_digest() == wanted) return print_digest(wanted, name);
        fmt::print(stderr, "strata: {} is there already: it is compared with the server's\n", printable(name));
    }
    boost::asio::io_context io{1};
    const auto opened = open_network(io, parse_net_option(options.net), {});
    ProgressBar bar(name);
    std::exception_ptr failed;
    bool interrupted = false;
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const session::error_code& error, int) {
        if (error) return;
        interrupted = true;
        io.stop();
    });
    boost::asio::co_spawn(io, get(opened->network(), options, url, out, bar), [&](std::exception_ptr thrown) {
        failed = thrown;
        signals.cancel();
        // Our own stack's last segments (the FIN) leave before it is taken down.
        boost::asio::post(io, [&io] { io.stop(); });
    });
    io.run();
    bar.finish();
    if (interrupted) throw Interrupted("interrupted; " + out.advice());
    try {
        if (failed) std::rethrow_exception(failed);
    } catch (const application::OutputInterrupted& error) {
        throw Interrupted(error.what());
    }

    const std::string digest = out.digest();
    if (!wanted.empty() && digest != wanted) {
        throw std::runtime_error("the SHA-256 of " + url.to_string() + " is " + digest + ", not the one given: " +
                                 out.discard() + "; check the digest, or whom you fetch from");
    }
    out.commit();
    return print_digest(digest, name);
}

}  // namespace

void add_get(CLI::App& app, Action& action) {
    auto options = std::make_shared<GetOptions>();
    CLI::App* command = app.add_subcommand("get", "Fetch a file by http:// or fetch://.");
    command->add_option("URL", options->url, "fetch this: http://HOST[:PORT]/PATH or fetch://HOST[:PORT]/NAME")
        ->required();
    command
        ->add_option("-o", options->output,
                     "save it under this name (default: the URL's last part; - is standard output)")
        ->type_name("FILE");
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->add_flag("--resume", options->resume, "go on with what an earlier fetch left");
    command->add_flag("--force", options->force, "replace an existing file");
    command
        ->add_option("--encoding", options->encoding,
                     "use this character set for the name in the plain download protocol: UTF-8 (default), GBK, …")
        ->type_name("CHARSET");
    command->add_option("--sha256", options->sha256, "put it in place only if it has this digest")->type_name("HEX");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace strata::cli
