// strata serve DIR: a folder, over HTTP and the plain download protocol, until Ctrl-C.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <thread>

#include "strata/0_foundation/printable.hpp"
#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/http/message/url.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/demo.hpp"
#include "strata/cli/lan.hpp"
#include "strata/cli/log_writer.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/qr_code.hpp"
#include "strata/cli/request_log.hpp"
#include "strata/cli/rights/rights.hpp"
#include "strata/cli/services.hpp"
#include "strata/cli/worker_loops.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

namespace http = application::http;
namespace plain = application::plain;
using application::FileRoot;

constexpr std::size_t threads_max = 256;

struct ServeOptions {
    std::string folder = ".";
    std::string net = "kernel";
    std::string http_port;
    std::string fetch_port;
    std::string bind;
    std::string pcap;
    std::string encoding = "UTF-8";
    std::string log = "text";
    std::string charset;
    std::string run_as;
    bool hidden = false;
    bool no_index = false;
    bool no_qr = false;
    bool demo = false;
    std::size_t threads = 1;
    double seconds = 0;
};

// "off" is nothing.
std::optional<std::uint16_t> port_of(const std::string& option, const std::string& text, std::uint16_t otherwise) {
    if (text.empty()) return otherwise;
    if (text == "off") return std::nullopt;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw WrongUse(option + ": '" + text +
                       "' is no port; write a number from 1 to 65535, 0 for one that is free, or off");
    }
    return port;
}

LogFormat format_of(const std::string& name) {
    if (name == "text") return LogFormat::text;
    if (name == "json") return LogFormat::json;
    if (name == "off") return LogFormat::off;
    throw WrongUse("--log: '" + name + "' is no form of a log; write text, json or off");
}

// It becomes part of a header field.
void check_charset(const std::string& name) {
    if (!name.empty() && !presentation::Charset::find(name))
        throw WrongUse("--charset: '" + name +
                       "' is not known here; GBK, Big5 and ISO-8859-1 are among those that are");
}

// Connections, and the files that are kept open for them, are descriptors: as many as this user may have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

class Serving {
public:
    explicit Serving(const ServeOptions& options)
        : options_(options),
          format_(format_of(options.log)),
          opened_(open_network(io_, parse_net_option(options.net), options.pcap)),
          root_(open_root(options)) {}

    int run() {
        check_charset(options_.charset);
        const Identity identity = choose_identity();
        raise_descriptor_limit();
        start(identity);
        wait_for_the_end();
        if (options_.demo) demonstrate();
        io_.run();
        workers_.reset();
        log_.finish();
        if (demo_failed_) std::rethrow_exception(demo_failed_);
        opened_->print_counters();
        return 0;
    }

private:
    static FileRoot open_root(const ServeOptions& options) {
        const std::string& folder = options.folder;
        auto root = FileRoot::open(folder, {.hidden = options.hidden});
        if (!root)
            throw std::runtime_error("cannot serve the folder " + folder + ": " + root.error().message() +
                                     "; name a folder that can be read");
        return std::move(*root);
    }

    [[nodiscard]] Identity choose_identity() const {
        const auto owner = root_.owner();
        if (!owner) throw std::system_error(owner.error(), "cannot tell whose folder " + options_.folder + " is");
        return identity_of_this_process(options_.run_as, *owner);
    }

    static std::string elsewhere(const std::string& option) {
        return "; choose another port with " + option + ", or another address with --bind";
    }

    session::Acceptor listen(std::uint16_t port, const char* option) {
        const session::Address at = opened_->listen_address(options_.bind, port);
        session::error_code error;
        session::Acceptor acceptor = opened_->network().listen(at, error);
        if (error)
            throw std::runtime_error("cannot listen on " + at.to_string() + ": " + error.message() + elsewhere(option));
        return acceptor;
    }

    Endpoint expose(std::uint16_t port, const session::Address& listens_at, const char* option) {
        try {
            return opened_->expose(options_.bind, port, listens_at);
        } catch (const CannotListen& error) {
            throw std::runtime_error(error.what() + elsewhere(option));
        }
    }

    [[nodiscard]] ServicePlan plan() {
        ServicePlan plan;
        plan.http_port = port_of("--http", options_.http_port, opened_->own_stack() ? 80 : 8000);
        plan.fetch_port = port_of("--fetch", options_.fetch_port, 8080);
        if (!plan.http_port && !plan.fetch_port)
            throw WrongUse("nothing to serve: --http and --fetch are both off; give one of them a port");
        plan.http.answers = {.index = !options_.no_index, .charset = options_.charset};
        plan.http.places = std::make_shared<application::Places>(application::PlacesOptions{});
        plan.http.client_behind = [this](const session::Address& remote) { return opened_->client_behind(remote); };
        plan.http_log = [this](const http::RequestReport& report) {
            const std::string request = report.method.empty() ? "" : report.method + " " + report.target;
            log("http", report.client, request, std::to_string(report.status), report.body_bytes, report.took,
                report.ending);
        };
        plan.fetch.encoding = options_.encoding;
        plan.fetch.places = std::make_shared<application::Places>(application::PlacesOptions{});
        plan.fetch.client_behind = plan.http.client_behind;
        plan.fetch_log = [this](const plain::RequestReport& report) {
            const std::string_view result = report.turned_away ? "turned away" : report.found ? "found" : "missing";
            log("fetch", report.client, report.name, result, report.bytes, report.took, report.ending);
        };
        return plan;
    }

    struct Exposed {
        Endpoint http, fetch;
    };

    Exposed open_ports(const ServicePlan& what) {
        const std::size_t threads = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
        session::Address http_at, fetch_at;
        if (threads > 1) {
            open_workers(threads, what);
            http_at = workers_->http();
            fetch_at = workers_->fetch();
        } else {
            services_ = std::make_unique<Services>(opened_->network(), root_, what);
            if (what.http_port) http_at = services_->serve_http(listen(*what.http_port, "--http"));
            if (what.fetch_port) fetch_at = services_->serve_fetch(listen(*what.fetch_port, "--fetch"));
        }
        Exposed at;
        if (what.http_port) at.http = expose(*what.http_port, http_at, "--http");
        if (what.fetch_port) at.fetch = expose(*what.fetch_port, fetch_at, "--fetch");
        return at;
    }

    // What needs rights is opened before they are given up, and threads, which would keep theirs, are made afterwards.
    void start(const Identity& identity) {
        const ServicePlan what = plan();
        const Exposed at = open_ports(what);
        if (identity.gives_up) {
            give_up_rights(identity.account);
            check_that_it_may_enter(identity.account);
        }
        if (workers_) workers_->begin();
        if (what.http_port) announce("http", at.http, "/", http_url_);
        if (what.fetch_port) announce("fetch", at.fetch, "/NAME", fetch_url_);
        say_rights(identity);
        if (root_.walks_by_steps())
            fmt::print("this system has no openat2: names are walked part by part, and no link is followed\n");
        std::fflush(stdout);
    }

    // The folder is open: what stands above it need not be entered any more.
    void check_that_it_may_enter(const Account& account) const {
        if (root_.look("")) return;
        throw std::runtime_error(
            fmt::format("{} may not enter the folder {}; chmod a+rX it, or choose who may with --run-as NAME",
                        account.name, options_.folder));
    }

    void say_rights(const Identity& identity) const {
        const std::string sentence = sentence_of(identity);
        if (!sentence.empty()) fmt::print("{}\n", sentence);
        if (identity.gives_up && !root_.open_file(""))
            fmt::print("  {} may not list {}, only open what it knows the name of: chmod a+r it, or --run-as NAME\n",
                       printable(identity.account.name), printable(options_.folder));
    }

    // This machine's own clients use the loopback address where everybody may come in; the others see the addresses that they know.
    void announce(std::string_view scheme, const Endpoint& at, std::string_view tail, std::string& url) {
        const auto url_of = [&](const IpAddress& address) {
            return fmt::format("{}://{}", scheme, Endpoint{address, at.port}.to_string());
        };
        const bool everywhere = at.address.is_any();
        url = url_of(everywhere ? IpAddress{Ipv4Address::loopback()} : at.address) + "/";
        fmt::print("serving {} at {}{}\n", printable(options_.folder), url, tail.substr(1));
        if (!everywhere) return;
        std::string first;
        for (const IpAddress& address : own_addresses()) {
            if (!at.address.is_v4() || address.is_v4()) fmt::print("  and at {}{}\n", url_of(address), tail);
            if (first.empty()) first = url_of(address) + "/";
        }
        const bool shown = scheme == "http" && !options_.no_qr && ::isatty(STDOUT_FILENO) == 1;
        if (shown && !first.empty()) fmt::print("{}", qr_code(first));
    }

    void open_workers(std::size_t threads, const ServicePlan& what) {
        if (parse_net_option(options_.net).kind != NetOption::Kind::kernel)
            throw WrongUse(
                "--threads: a stack of ours runs on one thread; use the kernel's network, or leave --threads out");
        try {
            workers_ = std::make_unique<WorkerLoops>(
                threads, opened_->listen_address(options_.bind, what.http_port.value_or(0)),
                opened_->listen_address(options_.bind, what.fetch_port.value_or(0)), root_, what);
        } catch (const boost::system::system_error& error) {
            throw std::runtime_error("cannot " + std::string(error.what()) + elsewhere("--http or --fetch"));
        }
    }

    void log(std::string_view protocol, const session::Address& client, std::string_view request,
             std::string_view result, std::uint64_t bytes, Duration took, application::Ending ending) {
        if (format_ == LogFormat::off) return;
        log_.add(
            line_of({opened_->network().calendar(), client, protocol, request, result, bytes, took, ending}, format_));
    }

    void wait_for_the_end() {
        signals_.async_wait([this](const session::error_code& error, int) {
            if (!error) stop();
        });
        if (options_.seconds > 0) {
            limit_.expires_after(saturating_seconds(options_.seconds));
            limit_.async_wait([this](const session::error_code& error) {
                if (!error) stop();
            });
        }
    }

    // What can be finished within the second is; then whatever is left is cut off.
    void stop() {
        if (std::exchange(stopping_, true)) return io_.stop();
        signals_.cancel();
        limit_.cancel();
        deadline_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
        if (services_) services_->stop();
        if (workers_) workers_->stop(deadline_);
        wait_until_idle();
    }

    void wait_until_idle() {
        const bool idle = (!services_ || services_->idle()) && (!workers_ || workers_->ended()) && !opened_->carrying();
        const bool late = std::chrono::steady_clock::now() >= deadline_;
        if (idle || late) {
            if (services_) services_->abort();
            // The last segments leave with what is due now.
            boost::asio::post(io_, [this] { io_.stop(); });
            return;
        }
        limit_.expires_after(std::chrono::milliseconds(20));
        limit_.async_wait([this](const session::error_code&) { wait_until_idle(); });
    }

    void demonstrate() {
        boost::asio::co_spawn(io_, demo(io_, root_, http_url_, fetch_url_), [this](std::exception_ptr failed) {
            if (!failed) return;
            demo_failed_ = failed;
            stop();
        });
    }

    ServeOptions options_;
    LogFormat format_;
    LogWriter log_{STDOUT_FILENO};
    boost::asio::io_context io_{1};
    std::unique_ptr<OpenedNetwork> opened_;
    FileRoot root_;
    std::unique_ptr<Services> services_;    // on this loop,
    std::unique_ptr<WorkerLoops> workers_;  // or on several of their own
    std::string http_url_;
    std::string fetch_url_;
    boost::asio::signal_set signals_{io_, SIGINT, SIGTERM};
    boost::asio::steady_timer limit_{io_};
    std::chrono::steady_clock::time_point deadline_;
    bool stopping_ = false;
    std::exception_ptr demo_failed_;
};

}  // namespace

void add_serve(CLI::App& app, Action& action) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command =
        app.add_subcommand("serve", "Serve a folder over HTTP and the plain download protocol, until Ctrl-C.");
    command->add_option("DIR", options->folder,
                        "serve this folder (default: the current one); nothing outside of it is ever read");
    command->add_option("--net", options->net, net_option_help)->type_name("NET");
    command
        ->add_option("--http", options->http_port,
                     "serve HTTP on this port, on one that is free (0), or not: off (default 8000; 80 on a tap)")
        ->type_name("PORT");
    command
        ->add_option("--fetch", options->fetch_port,
                     "serve plain downloads on this port, on one that is free (0), or not: off (default 8080)")
        ->type_name("PORT");
    command
        ->add_option("--bind", options->bind,
                     "listen on this address (default: all, of IPv6 and IPv4; with embedded: 127.0.0.1)")
        ->type_name("ADDR");
    command->add_option("--pcap", options->pcap, "write what passes to this file (embedded and tap)")
        ->type_name("FILE");
    command
        ->add_option("--encoding", options->encoding,
                     "use this character set for names in the plain download protocol: UTF-8 (default), GBK, …")
        ->type_name("CHARSET");
    command
        ->add_option("--charset", options->charset,
                     "say that texts that are no UTF-8 are written so: GBK, … (default: say nothing, browsers guess)")
        ->type_name("CHARSET");
    command
        ->add_option("--run-as", options->run_as,
                     "run as this user, or NAME:GROUP, once all is open; root: keep all rights (default where root "
                     "starts it: who called sudo, else the folder's owner, else nobody)")
        ->type_name("NAME");
    command->add_flag("--hidden", options->hidden, "serve names that begin with a dot, too");
    command->add_flag("--no-index", options->no_index, "list folders that have an index.html, too");
    command->add_flag("--no-qr", options->no_qr, "show no QR code of the address, where a terminal would have one");
    command->add_option("--log", options->log, "tell of each request in a line of text (default), of json, or: off")
        ->type_name("FORM");
    command
        ->add_option("--threads", options->threads,
                     "serve on so many threads (default 1; 0: as many as there are processors; kernel network only)")
        ->type_name("N")
        ->check(whole_number(0, threads_max));
    command->add_flag("--demo", options->demo, "fetch a file through itself first, and say what to try");
    command->add_option("--for", options->seconds, "end by itself after so many seconds")
        ->type_name("SECONDS")
        ->check(seconds_from(0));
    command->callback([options, &action] { action = [options] { return Serving(*options).run(); }; });
}

}  // namespace strata::cli
