// strata: serve, get, talk and ping, on the kernel's sockets or on our own TCP/IP; and wire, a cable between TAPs.
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
#include "strata/cli/wrong_use/sentence.hpp"

namespace {

constexpr int done = 0, failed = 1, wrong_use = 2, interrupted = 130;

// One sentence on one line, whatever a peer said of it: a reason phrase, a Location.
int complain(std::string_view what, int code) {
    std::fprintf(stderr, "strata: %s\n", strata::printable(what).c_str());
    return code;
}

int show_help(const CLI::App& app) {
    const auto pages = strata::cli::read_pages(app);
    const auto chosen = app.get_subcommands();
    const auto* page = chosen.empty() ? nullptr : pages.find_command(chosen.front()->get_name());
    std::fputs(strata::cli::help_text(pages, page == nullptr ? pages.program : *page).c_str(), stdout);
    return done;
}

// glibc would learn from the first file buffer that is let go of to keep all later ones: after a crowd, 128 KiB a client for good.
void give_large_buffers_back() {
#ifdef __GLIBC__
    constexpr int large = 128 << 10;
    (void)::mallopt(M_MMAP_THRESHOLD, large);
#endif
}

}  // namespace

int main(int count, char** values) {
    give_large_buffers_back();
    // A reader that goes away (a closed pipe, a peer) is an error where we write, not the end of us.
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App app;
    strata::cli::Action action;
    strata::cli::define_program(app, action);
    try {
        app.parse(count, values);
        return action ? action() : wrong_use;
    } catch (const CLI::CallForHelp&) {
        return show_help(app);
    } catch (const CLI::Success& asked_for_version) {
        return app.exit(asked_for_version) == 0 ? done : wrong_use;
    } catch (const CLI::ParseError& error) {
        return complain(strata::cli::explain(app, error), wrong_use);
    } catch (const strata::cli::WrongUse& error) {
        return complain(error.what(), wrong_use);
    } catch (const strata::cli::Interrupted& error) {
        return complain(error.what(), interrupted);
    } catch (const std::exception& error) {
        return complain(error.what(), failed);
    }
}
