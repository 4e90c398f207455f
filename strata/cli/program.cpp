// The command line as a whole; what it says of itself (help, man pages, completions) is read from what is defined here.
#include <CLI/CLI.hpp>

#include "strata/cli/commands.hpp"
#include "strata/cli/version.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {

void define_program(CLI::App& app, Action& action) {
    app.name("strata");
    app.description("Serve, fetch, talk and ping: on the kernel's sockets or on a TCP/IP stack of its own.");
    app.require_subcommand(1);
    app.set_help_flag("-h,--help", "show this, and end");
    app.set_version_flag("--version", version_line(), "show which version this is and how it was built, and end");
    add_serve(app, action);
    add_get(app, action);
    add_talk(app, action);
    add_ping(app, action);
    add_wire(app, action);
    add_help(app, action);
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) refuse_empty_values(*command);
}

}  // namespace strata::cli
