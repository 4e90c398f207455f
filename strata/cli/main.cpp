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

namespace {

constexpr int done = 0, failed = 1, wrong_use = 2, interrupted = 130;

// What a peer said may be part of it: a reason phrase, a Location.
int complain(const char* what, int code) {
    std::fprintf(stderr, "strata: %s\n", strata::printable(what).c_str());
    return code;
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
    CLI::App app{"Serve, fetch, talk and ping: on the kernel's sockets or on a TCP/IP stack of its own."};
    app.name("strata");
    app.require_subcommand(1);
    app.set_version_flag("--version", "strata 0.1.0");
    strata::cli::Action action;
    strata::cli::add_serve(app, action);
    strata::cli::add_get(app, action);
    strata::cli::add_talk(app, action);
    strata::cli::add_ping(app, action);
    strata::cli::add_wire(app, action);
    try {
        app.parse(count, values);
        return action ? action() : wrong_use;
    } catch (const CLI::Success& asked_for_help) {
        return app.exit(asked_for_help) == 0 ? done : wrong_use;
    } catch (const CLI::ParseError& error) {
        app.exit(error);
        return wrong_use;
    } catch (const strata::cli::WrongUse& error) {
        return complain(error.what(), wrong_use);
    } catch (const strata::cli::Interrupted& error) {
        return complain(error.what(), interrupted);
    } catch (const std::exception& error) {
        return complain(error.what(), failed);
    }
}
