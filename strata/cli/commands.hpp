// The program's subcommands, one file each. program.cpp collects
// them; the one that was chosen sets `action`.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace strata::cli {

// Returns the exit code: 0 done, 1 failed. Throws WrongUse (2), Interrupted (130), or any other
// exception (1): main prints what it says.
using Action = std::function<int()>;

struct WrongUse : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// By the user, with Ctrl-C: 130, as shells have it.
struct Interrupted : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void add_serve(CLI::App& app, Action& action);
void add_get(CLI::App& app, Action& action);
void add_put(CLI::App& app, Action& action);
void add_ls(CLI::App& app, Action& action);
void add_talk(CLI::App& app, Action& action);
void add_ping(CLI::App& app, Action& action);
void add_traceroute(CLI::App& app, Action& action);
void add_wire(CLI::App& app, Action& action);
void add_arp(CLI::App& app, Action& action);
void add_arping(CLI::App& app, Action& action);
void add_rarp(CLI::App& app, Action& action);
void add_dhcp(CLI::App& app, Action& action);
void add_multicast(CLI::App& app, Action& action);
void add_users(CLI::App& app, Action& action);
void add_help(CLI::App& app, Action& action);

// The whole command line: all of these, and what may precede a command.
void define_program(CLI::App& app, Action& action);
// What main is: the exit code.
int run_program(int count, char** values);

}  // namespace strata::cli
