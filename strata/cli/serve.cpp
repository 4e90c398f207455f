// strata serve DIR: a folder, over HTTP and the plain download protocol, until Ctrl-C.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <expected>
#include <map>
#include <optional>
#include <thread>

#include "strata/0_foundation/printable.hpp"
#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/nfs/work/caller.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/control_socket.hpp"
#include "strata/cli/demo.hpp"
#include "strata/cli/lan.hpp"
#include "strata/cli/log_writer.hpp"
#include "strata/cli/open_network.hpp"
#include "strata/cli/qr_code.hpp"
#include "strata/cli/rate.hpp"
#include "strata/cli/request_log.hpp"
#include "strata/cli/rights/rights.hpp"
#include "strata/cli/rights/writing.hpp"
#include "strata/cli/rpc_announcement.hpp"
#include "strata/cli/serve_access.hpp"
#include "strata/cli/serve_options.hpp"
#include "strata/cli/serve_plan.hpp"
#include "strata/cli/worker_loops.hpp"

namespace strata::cli {
namespace {

using application::FileRoot;

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

// Connections, and the files that are kept open for them, are
// descriptors: as many as this user may have.
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
        check_access(options_);
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
        FileRoot::Options how{.hidden = options.hidden, .rights = parse_rights(options.write)};
        how.keep_free = parse_byte_count("--keep-free", options.keep_free);
        auto root = FileRoot::open(folder, how);
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

    session::Address start_service(std::size_t index, const session::Address& at, session::error_code& error) {
        return workers_ ? workers_->start(index, at, error) : services_->start(index, at, error);
    }

    // At the first of its ports that can be had. Where none was asked for, it is left out, and the
    // sentence says why.
    std::expected<Endpoint, std::string> open(const ServicePlan& plan, std::size_t index) {
        std::optional<session::Address> listens;
        std::string why;
        for (const std::uint16_t port : plan.ports) {
            const session::Address at = opened_->listen_address(options_.bind, port);
            session::error_code error;
            if (!listens) listens = start_service(index, at, error);
            if (error) {
                why = "cannot listen on " + at.to_string() + ": " + error.message();
                listens.reset();
                continue;
            }
            try {
                return opened_->expose(options_.bind, port, *listens, plan.carried);
            } catch (const CannotListen& error_outside) {
                why = error_outside.what();
            }
        }
        if (plan.asked_for) throw std::runtime_error(why + elsewhere(plan.option()));
        return std::unexpected(std::move(why));
    }

    [[nodiscard]] ServeParts parts(const Identity& identity) {
        return {.root = root_,
                .own_stack = opened_->own_stack(),
                .access = access_,
                .client_behind = [this](const session::Address& at) { return opened_->client_behind(at); },
                .open_door = data_doors(),
                .keeps_root = identity.account.user == roots_user && application::nfs::can_act_as_others(),
                .registry = registry_,
                .tell = [this](LogEntry entry) { log(std::move(entry)); }};
    }

    // Unset where clients reach what listens as it is.
    decltype(ServeParts::open_door) data_doors() {
        if (!opened_->has_doors()) return {};
        return
            [this](const session::Address& listens_at,
                   const session::Address& client) -> std::expected<application::ftp::DataDoor, session::error_code> {
                session::Address at;
                session::error_code error;
                auto door = opened_->open_door(client, listens_at, at, error);
                if (error) return std::unexpected(error);
                return application::ftp::DataDoor{at.endpoint(), std::move(door)};
            };
    }

    void make_services(const ServicePlans& plans) {
        const std::size_t threads = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
        if (threads <= 1) {
            services_ = std::make_unique<Services>(opened_->network(), plans);
            return;
        }
        if (parse_net_option(options_.net).kind != NetOption::Kind::kernel)
            throw WrongUse(
                "--threads: a stack of ours runs on one thread; use the kernel's network, or leave --threads out");
        workers_ = std::make_unique<WorkerLoops>(threads, plans);
    }

    // Where this machine's clients find them, in the plans' order.
    std::vector<std::expected<Endpoint, std::string>> open_all(const ServicePlans& plans) {
        make_services(plans);
        std::vector<std::expected<Endpoint, std::string>> opened;
        opened.reserve(plans.size());
        for (std::size_t i = 0; i < plans.size(); ++i) {
            opened.push_back(open(plans[i], i));
            if (opened.back() && plans[i].opened) plans[i].opened(*opened.back());
        }
        const auto there = [](const auto& each) { return each.has_value(); };
        if (std::ranges::none_of(opened, there))
            throw std::runtime_error(opened.front().error() + elsewhere(plans.front().option()));
        return opened;
    }

    // What needs rights is opened before they are given up, and
    // threads, which would keep theirs, are made afterwards.
    void start(const Identity& identity) {
        access_ = open_access(options_, root_, opened_->listen_address(options_.bind, 0));
        const ServicePlans plans = plan_services(options_, parts(identity));
        const auto at = open_all(plans);
        control_ = std::make_unique<ControlSocket>(
            io_, options_.control, [this](std::string_view question) { return opened_->answer(question); });
        if (identity.gives_up) {
            give_up_rights(identity.account);
            check_that_it_may_enter(identity.account);
        }
        check_that_it_may_write(root_, identity.account.name);
        if (workers_) workers_->begin();
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (at[i]) {
                announce(plans[i], *at[i]);
            } else {
                say_without(plans[i], at[i].error());
            }
        }
        say_rights(identity);
        for (const std::string& sentence : sentences_of(access_, options_)) fmt::print("{}\n", sentence);
        const std::string writing = sentence_of_writing(root_, identity.account.name);
        if (!writing.empty()) fmt::print("{}\n", writing);
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (!at[i] || !plans[i].sentences) continue;
            for (const std::string& each : plans[i].sentences(identity.account.name)) fmt::print("{}\n", each);
        }
        if (root_.walks_by_steps())
            fmt::print("this system has no openat2: names are walked part by part, and no link is followed\n");
        std::fflush(stdout);
    }

    void say_without(const ServicePlan& plan, const std::string& why) {
        const std::string& instead = plan.without;
        const std::string sentence =
            fmt::format("without {}: {}{}\n", plan.name, why, instead.empty() ? elsewhere(plan.option()) : instead);
        const bool has_another = plan.name == "rpcbind" && !opened_->own_stack() && !opened_->has_doors();
        if (!has_another) return fmt::print("{}", sentence);
        // This machine's own, on whose network we are, may be the one that has the port.
        announcement_ = std::make_unique<RpcAnnouncement>(opened_->network(), registry_);
        announcement_->begin([sentence](std::size_t taken) {
            fmt::print("{}", taken != 0 ? "this machine's rpcbind tells where NFS is\n" : sentence);
            std::fflush(stdout);
        });
    }

    // The folder is open: the folders above it need not be entered any more.
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

    // This machine's own clients use the loopback address where everybody may come in; the others
    // see the addresses that they know.
    void announce(const ServicePlan& plan, const Endpoint& at) {
        if (plan.path.empty()) {
            fmt::print("{} at {}\n", plan.name, at.to_string());
            return;
        }
        const auto url_of = [&](const IpAddress& address) {
            return fmt::format("{}://{}", plan.name, Endpoint{address, at.port}.to_string());
        };
        const bool everywhere = at.address.is_any();
        const std::string url = url_of(everywhere ? IpAddress{Ipv4Address::loopback()} : at.address);
        urls_[plan.name] = url + "/";
        fmt::print("serving {} at {}{}\n", printable(options_.folder), url, plan.path);
        if (!everywhere) return;
        std::string first;
        for (const IpAddress& address : own_addresses()) {
            if (!at.address.is_v4() || address.is_v4()) fmt::print("  and at {}{}\n", url_of(address), plan.path);
            if (first.empty()) first = url_of(address) + "/";
        }
        const bool shown = plan.name == "http" && !options_.no_qr && ::isatty(STDOUT_FILENO) == 1;
        if (shown && !first.empty()) fmt::print("{}", qr_code(first));
    }

    void log(LogEntry entry) {
        if (format_ == LogFormat::off) return;
        entry.time = opened_->network().calendar();
        log_.add(line_of(entry, format_));
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
        if (announcement_) announcement_->end();
        if (services_) services_->stop();
        control_->stop();
        if (workers_) workers_->stop(deadline_);
        wait_until_idle();
    }

    void wait_until_idle() {
        const bool idle = (!services_ || services_->idle()) && (!workers_ || workers_->ended()) &&
                          !opened_->carrying() && (!announcement_ || announcement_->idle());
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
        boost::asio::co_spawn(io_, demo(io_, root_, urls_["http"], urls_["fetch"]), [this](std::exception_ptr failed) {
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
    ServeAccess access_;
    std::shared_ptr<application::rpcbind::Registry> registry_ = std::make_shared<application::rpcbind::Registry>();
    std::unique_ptr<RpcAnnouncement> announcement_;
    std::unique_ptr<ControlSocket> control_;
    std::unique_ptr<Services> services_;       // on this loop,
    std::unique_ptr<WorkerLoops> workers_;     // or on several of their own
    std::map<std::string, std::string> urls_;  // by the services' names
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
    add_serve_options(*command, *options);
    command->callback([options, &action] {
        name_the_folder(*options);
        action = [options] { return Serving(*options).run(); };
    });
}

}  // namespace strata::cli
