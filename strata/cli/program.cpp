// The command line as a whole; what it says of itself (help, man
// pages, completions) is read from what is defined here.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/help/help_text.hpp"
#include "strata/cli/version.hpp"
#include "strata/cli/wrong_use/checks.hpp"
#include "strata/cli/wrong_use/sentence.hpp"

namespace strata::cli {
namespace {

struct ExitCode {
    static constexpr int done = 0, failed = 1, wrong_use = 2, interrupted = 130;
};

// One sentence on one line, whatever names that are not ours contain.
int complain(std::string_view what, int code) {
    std::fprintf(stderr, "strata: %s\n", printable(what).c_str());
    return code;
}

int show_help(const CLI::App& app) {
    const auto pages = read_pages(app);
    const auto chosen = app.get_subcommands();
    const auto* page = chosen.empty() ? nullptr : pages.find_command(chosen.front()->get_name());
    std::fputs(help_text(pages, page == nullptr ? pages.program : *page).c_str(), stdout);
    return ExitCode::done;
}

// glibc would learn from the first file buffer that is let go of to keep all later ones: after a
// crowd, 128 KiB a client for good.
void give_large_buffers_back() {
#ifdef __GLIBC__
    constexpr int large = 128 << 10;
    (void)::mallopt(M_MMAP_THRESHOLD, large);
#endif
}

}  // namespace

void define_program(CLI::App& app, Action& action) {
    app.name("strata");
    app.description("Serve, fetch, talk and ping: on the kernel's sockets or on a TCP/IP stack of its own.");
    app.require_subcommand(1);
    app.set_help_flag("-h,--help", "show this, and end");
    app.set_version_flag("--version", version_line(), "show which version this is and how it was built, and end");
    add_serve(app, action);
    add_get(app, action);
    add_put(app, action);
    add_ls(app, action);
    add_talk(app, action);
    add_ping(app, action);
    add_traceroute(app, action);
    add_wire(app, action);
    add_arp(app, action);
    add_arping(app, action);
    add_rarp(app, action);
    add_dhcp(app, action);
    add_multicast(app, action);
    add_users(app, action);
    add_help(app, action);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) refuse_empty_values(*command);
}

int run_program(int count, char** values) {
    give_large_buffers_back();
    // A reader that closes its end (a closed pipe, a peer) is an error
    // where we write, not the end of us.
    std::signal(SIGPIPE, SIG_IGN);
    // So is a file that may not grow any further (RLIMIT_FSIZE).
    std::signal(SIGXFSZ, SIG_IGN);
    CLI::App app;
    Action action;
    define_program(app, action);
    try {
        app.parse(count, values);
        return action ? action() : ExitCode::wrong_use;
    } catch (const CLI::CallForHelp&) {
        return show_help(app);
    } catch (const CLI::Success& asked_for_version) {
        return app.exit(asked_for_version) == 0 ? ExitCode::done : ExitCode::wrong_use;
    } catch (const CLI::ParseError& error) {
        return complain(explain(app, error), ExitCode::wrong_use);
    } catch (const WrongUse& error) {
        return complain(error.what(), ExitCode::wrong_use);
    } catch (const Interrupted& error) {
        return complain(error.what(), ExitCode::interrupted);
    } catch (const std::exception& error) {
        return complain(error.what(), ExitCode::failed);
    }
}

}  // namespace strata::cli
