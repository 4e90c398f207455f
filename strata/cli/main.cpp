// strata: serve, get, talk and ping, on the kernel's sockets or on
// our own TCP/IP; and wire, a cable between TAPs.
#include "strata/cli/commands.hpp"

int main(int count, char** values) { return strata::cli::run_program(count, values); }
