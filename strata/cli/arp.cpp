// strata arp: which hardware addresses a running stack knows.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/control_socket.hpp"

namespace strata::cli {
namespace {

constexpr std::size_t arp_fields = 6;  // host::arp_table's

std::string readable_age(const std::string& milliseconds) {
    double number = 0;
    (void)std::from_chars(milliseconds.data(), milliseconds.data() + milliseconds.size(), number);
    return fmt::format("{:.1f} s", number / 1000);
}

int show_arp(const std::string& of) {
    const auto lines = ask_running(of, "arp");
    if (lines.empty()) {
        fmt::print("no neighbours are known\n");
        return 0;
    }
    constexpr std::string_view form = "{:<18} {:<12} {:<16} {:<18} {:<11} {:>10}\n";
    fmt::print(form, "host", "interface", "address", "hardware address", "state", "age");
    for (auto line : lines) {
        if (line.size() < arp_fields) throw std::runtime_error("the answer is not understood; is it another version?");
        for (std::string& field : line) field = printable(field);
        fmt::print(form, line[0], line[1], line[2], line[3], line[4], readable_age(line[5]));
    }
    return 0;
}

}  // namespace

void add_arp(CLI::App& app, Action& action) {
    auto of = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("arp", "Show which hardware addresses a running stack knows.");
    command
        ->add_option("--of", *of,
                     "ask this strata serve: its process's number, or its control socket (default: the only one)")
        ->type_name("PID|SOCKET");
    command->callback([of, &action] { action = [of] { return show_arp(*of); }; });
}

}  // namespace strata::cli
