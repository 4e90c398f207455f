// strata get URL...: fetches files by http://, https:// or fetch://.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdlib>
#include <optional>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/http/client/client.hpp"
#include "strata/7_application/plain/client.hpp"
#include "strata/7_application/transfer/retries.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/progress_bar.hpp"
#include "strata/cli/rate.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

namespace http = application::http;

constexpr unsigned retries_max = 1000;

struct GetOptions {
    std::vector<std::string> urls;
    std::string output;
    std::string net = "kernel";
    std::string encoding = "UTF-8";
    std::string authorities;
    std::string rate;
    std::optional<std::string> sha256;
    unsigned retries = 0;
    bool resume = false;
    bool force = false;
    bool insecure = false;
    bool no_time = false;
    bool quiet = false;
};

// One of the files.
struct Wanted {
    http::Url url;
    std::string name;        // to save it under
    std::string fetch_name;  // by which the plain download protocol asks for it
};

// Empty for other schemes.
std::string fetch_name_of(const http::Url& url) {
    if (url.scheme != "fetch") return "";
    auto name = http::name_of_target(url.target);
    if (!name || name->empty())
        throw WrongUse("the URL " + url.to_string() + " names no file; write fetch://HOST[:PORT]/NAME");
    return std::move(*name);
}

// The name to save under: the URL's last part; never one that leads elsewhere, or that a terminal
// obeys when it is listed.
std::string local_name(const http::Url& url) {
    const std::string path = url.target.substr(0, url.target.find('?'));
    const std::string name = http::percent_decode_leniently(path.substr(path.rfind('/') + 1));
    if (name.empty() || name == "." || name == ".." || name.contains('/') || name.contains('\0')) {
        throw WrongUse("the URL " + url.to_string() + " names no file to save under; give one with -o FILE");
    }
    // "-" would be standard output, where it is not a file's name.
    return name == "-" ? "./-" : printable_name(name);
}

http::Url parse(const std::string& text) {
    const auto url = http::parse_url(text);
    if (!url)
        throw WrongUse("'" + printable(http::without_credentials(text)) +
                       "' is no URL that can be fetched; write http://HOST[:PORT]/PATH, https://HOST[:PORT]/PATH or "
                       "fetch://HOST[:PORT]/NAME");
    if (url->scheme == "fetch" && url->credentials)
        throw WrongUse(
            "the URL " + url->to_string() +
            " has a name and a password, which the plain download protocol has no place for; leave them out");
    return *url;
}

bool is_folder(const std::string& path) {
    struct stat facts{};
    return path.ends_with('/') || (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode));
}

std::vector<Wanted> all_wanted(const GetOptions& options) {
    const bool into_folder = is_folder(options.output);
    const bool one_for_all = !options.output.empty() && !into_folder;
    if (options.urls.size() > 1 && one_for_all && options.output != "-")
        throw WrongUse("several files cannot all be saved as '" + printable(options.output) +
                       "'; give a folder with -o DIR, or - for standard output");
    if (options.urls.size() > 1 && options.sha256)
        throw WrongUse("--sha256 is the digest of one file; fetch each with its own");
    std::vector<Wanted> wanted;
    for (const std::string& text : options.urls) {
        const http::Url url = parse(text);
        std::string name = one_for_all ? options.output : local_name(url);
        if (into_folder) name = fmt::format("{}{}{}", options.output, options.output.ends_with('/') ? "" : "/", name);
        wanted.push_back({url, std::move(name), fetch_name_of(url)});
    }
    return wanted;
}

// Lower case; empty if none was given.
std::string parse_digest(const std::optional<std::string>& given) {
    if (!given) return "";
    const std::string text = in_lower_case(*given);
    const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!good) throw WrongUse("--sha256: '" + printable(text) + "' is no SHA-256; write its 64 hexadecimal digits");
    return text;
}

// All of them, one after the other, over one network.
class Getting {
public:
    explicit Getting(const GetOptions& options) : options_(options), net_(parse_net_option(options.net)) {
        client_.rate_limit = options.rate.empty() ? 0 : parse_byte_rate("--limit-rate", options.rate);
        if (!options.quiet)
            client_.on_notice = [](const std::string& notice) {
                fmt::print(stderr, "strata: {}\n", printable(notice));
            };
        http_.tls = presentation::TlsClient({.verify = !options.insecure, .authorities = options.authorities});
        http_.proxies = http::Proxies([](const char* name) { return std::getenv(name); });
        if (const char* const home = std::getenv("HOME"))
            http_.netrc = http::Netrc::read(std::string(home) + "/.netrc");
    }

    // Throws what went wrong.
    void get(const Wanted& wanted, const std::string& digest) {
        application::OutputFile out(wanted.name,
                                    {.resume = options_.resume, .force = options_.force, .dated = !options_.no_time});
        if (out.is_finished()) {
            // The digest says what no server can say better.
            if (!digest.empty() && out.finished_digest() == digest) return print_digest(digest, wanted.name);
            notice(fmt::format("{} is there already: it is compared with the server's", wanted.name));
        }
        transfer(wanted, out);
        const std::string arrived = out.digest();
        if (!digest.empty() && arrived != digest) {
            throw std::runtime_error("the SHA-256 of " + wanted.url.to_string() + " is " + arrived +
                                     ", not the one given: " + out.discard() +
                                     "; check the digest, or whom you fetch from");
        }
        out.commit();
        print_digest(arrived, wanted.name);
    }

private:
    void notice(const std::string& text) const {
        if (client_.on_notice) client_.on_notice(text);
    }

    void print_digest(const std::string& digest, const std::string& name) const {
        if (options_.quiet) return;
        fmt::print(stderr, "{}  {}\n", digest, name == "-" ? "(standard output)" : printable(name));
    }

    void transfer(const Wanted& wanted, application::OutputFile& out) {
        io_.restart();
        if (!opened_) opened_ = open_network(io_, net_, {});
        std::optional<ProgressBar> bar;
        if (!options_.quiet) bar.emplace(wanted.name);
        std::exception_ptr failed;
        bool interrupted = false;
        boost::asio::signal_set signals(io_, SIGINT, SIGTERM);
        signals.async_wait([&](const session::error_code& error, int) {
            if (error) return;
            interrupted = true;
            io_.stop();
        });
        boost::asio::co_spawn(io_, all_attempts(wanted, out, bar), [&](std::exception_ptr thrown) {
            failed = thrown;
            signals.cancel();
            // Our own stack's last segments (the FIN) leave before it is taken down.
            boost::asio::post(io_, [this] { io_.stop(); });
        });
        io_.run();
        if (bar) bar->finish();
        if (interrupted) throw Interrupted("interrupted; " + out.advice());
        try {
            if (failed) std::rethrow_exception(failed);
        } catch (const application::OutputInterrupted& error) {
            throw Interrupted(error.what());
        }
    }

    boost::asio::awaitable<void> all_attempts(const Wanted& wanted, application::OutputFile& out,
                                              std::optional<ProgressBar>& bar) {
        bool is_first = true;
        const application::RetryOptions retries{.retries_max = options_.retries};
        const std::function<boost::asio::awaitable<void>()> next = [this, &wanted, &out, &bar, &is_first] {
            // A file that is compared is compared from its first byte on.
            if (!std::exchange(is_first, false) && out.is_finished()) out.restart();
            return attempt(wanted, out, bar);
        };
        co_await application::with_retries(opened_->network(), retries, client_.on_notice, next);
    }

    boost::asio::awaitable<void> attempt(const Wanted& wanted, application::OutputFile& out,
                                         std::optional<ProgressBar>& bar) {
        const application::Progress on_progress = [&bar](std::uint64_t done, std::optional<std::uint64_t> total) {
            if (bar) bar->update(done, total);
        };
        const http::Url& url = wanted.url;
        if (url.scheme != "fetch") {
            co_await http::fetch(opened_->network(), url, out, on_progress, client_, http_);
            co_return;
        }
        co_await application::plain::fetch(opened_->network(), url.host, url.port, wanted.fetch_name, options_.encoding,
                                           out, on_progress, client_);
    }

    const GetOptions& options_;
    NetOption net_;
    application::ClientOptions client_;
    http::HttpOptions http_;
    boost::asio::io_context io_{1};
    std::unique_ptr<OpenedNetwork> opened_;
};

int run(const GetOptions& options) {
    const std::vector<Wanted> all = all_wanted(options);
    const std::string digest = parse_digest(options.sha256);
    Getting getting(options);
    if (all.size() == 1) return getting.get(all.front(), digest), 0;
    // One that fails does not keep the others away.
    int failures = 0;
    for (const Wanted& wanted : all) {
        try {
            getting.get(wanted, digest);
        } catch (const Interrupted&) {
            throw;
        } catch (const std::exception& error) {
            fmt::print(stderr, "strata: {}\n", printable(error.what()));
            ++failures;
        }
    }
    if (failures > 0)
        throw std::runtime_error(fmt::format("{} of {} files were not fetched; see above", failures, all.size()));
    return 0;
}

}  // namespace

void add_get(CLI::App& app, Action& action) {
    auto options = std::make_shared<GetOptions>();
    CLI::App* command = app.add_subcommand("get", "Fetch files by http://, https:// or fetch://.");
    command
        ->add_option("URL", options->urls,
                     "fetch these: http://HOST[:PORT]/PATH, https://HOST[:PORT]/PATH or fetch://HOST[:PORT]/NAME")
        ->required();
    command
        ->add_option("-o", options->output,
                     "save it under this name, or in this folder (default: the URL's last part; - is standard output)")
        ->type_name("FILE");
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command->add_flag("--resume", options->resume, "go on with what an earlier fetch left");
    command->add_flag("--force", options->force, "replace an existing file");
    command->add_option("--retry", options->retries, "try again so many times what may pass, later each time")
        ->type_name("N")
        ->check(whole_number(0, retries_max));
    command->add_option("--limit-rate", options->rate, "read no more than so many bytes a second, such as 500K or 2M")
        ->type_name("RATE");
    command
        ->add_option("--encoding", options->encoding,
                     "use this character set for the name in the plain download protocol: UTF-8 (default), GBK, …")
        ->type_name("CHARSET");
    command->add_option("--sha256", options->sha256, "put it in place only if it has this digest")->type_name("HEX");
    command
        ->add_option("--cacert", options->authorities,
                     "trust these authorities (PEM) to sign a server's certificate, instead of the system's")
        ->type_name("FILE");
    command->add_flag("--insecure", options->insecure, "take any certificate: no one knows then who the server is");
    command->add_flag("--no-time", options->no_time, "leave the file the time of its coming, not the server's date");
    command->add_flag("-q,--quiet", options->quiet, "say nothing but what went wrong");
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace strata::cli
