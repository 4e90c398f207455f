// strata help [COMMAND]: what a command takes; and, from the same
// definitions, man pages and completions.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "strata/cli/commands.hpp"
#include "strata/cli/completion/completion.hpp"
#include "strata/cli/help/help_text.hpp"
#include "strata/cli/help/man_page.hpp"
#include "strata/cli/wrong_use/sentence.hpp"

namespace strata::cli {
namespace {

struct HelpOptions {
    std::string command;
    std::string shell;
    std::string folder;
    bool man = false;
};

void write_file(const std::filesystem::path& file, std::string_view text) {
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    std::ofstream out(file, std::ios::binary);
    out << text << std::flush;
    if (!out) throw std::runtime_error("cannot write " + file.string() + "; name a folder that can be written to");
}

// Where man and the shells look below /usr/share, /usr/local/share and ~/.local/share.
void write_documents(const Pages& pages, const std::filesystem::path& folder) {
    write_file(folder / "man/man1/strata.1", man_page(pages, pages.program));
    for (const Page& page : pages.commands)
        write_file(folder / "man/man1" / ("strata-" + page.name + ".1"), man_page(pages, page));
    write_file(folder / "bash-completion/completions/strata", completion_for_bash(pages));
    write_file(folder / "zsh/site-functions/_strata", completion_for_zsh(pages));
    write_file(folder / "fish/vendor_completions.d/strata.fish", completion_for_fish(pages));
}

int run(const CLI::App& program, const HelpOptions& options) {
    const Pages pages = read_pages(program);
    const Page* const page = options.command.empty() ? &pages.program : pages.find_command(options.command);
    if (page == nullptr) throw WrongUse(no_such_command(program, options.command));
    if (!options.folder.empty()) {
        write_documents(pages, options.folder);
        return 0;
    }
    std::string text;
    if (options.man) {
        text = man_page(pages, *page);
    } else if (!options.shell.empty()) {
        text = completion(pages, options.shell);
    } else {
        text = help_text(pages, *page);
    }
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw std::runtime_error("cannot write to standard output; make room there, or send it elsewhere");
    return 0;
}

}  // namespace

void add_help(CLI::App& app, Action& action) {
    auto options = std::make_shared<HelpOptions>();
    CLI::App* command = app.add_subcommand("help", "Show what a command takes.");
    command->add_option("COMMAND", options->command, "show this command (default: list them all)");
    auto* man = command->add_flag("--man", options->man, "print the man page instead, for man -l");
    auto* shell =
        command
            ->add_option("--completion", options->shell, "print what this shell needs to complete commands and options")
            ->check(CLI::IsMember(completion_shells()))
            ->type_name("SHELL");
    auto* folder = command
                       ->add_option("--write", options->folder,
                                    "write all man pages and completions below this folder, as below /usr/share")
                       ->type_name("DIR");
    man->excludes(shell)->excludes(folder);
    shell->excludes(folder);
    command->callback([&app, options, &action] { action = [&app, options] { return run(app, *options); }; });
}

}  // namespace strata::cli
