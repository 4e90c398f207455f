// strata ls URL: lists what is in a folder of a server.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/readable_size.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/remote/errand.hpp"

namespace strata::cli {
namespace {

using application::RemoteEntry;
using application::Url;
using Kind = RemoteEntry::Kind;

struct LsOptions {
    RemoteArguments remote;
    std::string url;
    bool is_long = false;
    bool json = false;
};

std::string_view word_of(Kind kind) {
    switch (kind) {
        case Kind::file: return "file";
        case Kind::folder: return "folder";
        case Kind::link: return "link";
        default: return "other";
    }
}

// In this machine's time, as `ls` has it.
std::string date_of(const RemoteEntry& entry) {
    if (!entry.date) return "-";
    const std::time_t seconds = entry.date->time_since_epoch().count();
    std::tm local{};
    return ::localtime_r(&seconds, &local) != nullptr ? fmt::format("{:%Y-%m-%d %H:%M}", local) : "-";
}

void print_line(const RemoteEntry& entry, bool is_long) {
    const std::string name = printable(entry.name) + (entry.kind == Kind::folder ? "/"
                                                      : entry.kind == Kind::link ? "@"
                                                                                 : "");
    if (!is_long) return fmt::print("{}\n", name);
    const std::string size = entry.size ? application::readable_size(*entry.size) : "-";
    fmt::print("{:>10}  {:<16}  {}\n", size, date_of(entry), name);
}

void print_json(const Url& url, const std::vector<RemoteEntry>& entries) {
    fmt::print("{{\"url\":{},\"entries\":[", json_string(url.to_string()));
    for (const RemoteEntry& entry : entries) {
        fmt::print("{}{{\"name\":{},\"kind\":\"{}\"", &entry == &entries.front() ? "\n" : ",\n",
                   json_string(entry.name), word_of(entry.kind));
        if (entry.size) fmt::print(",\"size\":{}", *entry.size);
        if (entry.date) fmt::print(",\"modified\":\"{:%Y-%m-%dT%H:%M:%SZ}\"", *entry.date);
        fmt::print("}}");
    }
    fmt::print("\n]}}\n");
}

// Of a folder what is in it; a file is itself.
boost::asio::awaitable<void> look(application::Remote& remote, std::string target, std::vector<RemoteEntry>& found) {
    found.clear();
    if (!target.ends_with('/')) {
        const RemoteEntry entry = co_await remote.stat(target);
        if (entry.kind != Kind::folder) {
            found.push_back(entry);
            co_return;
        }
        target += '/';
    }
    found = co_await remote.list(std::move(target));
}

int run(const LsOptions& options) {
    const Url url = parse_url_argument(options.url);
    const application::RemoteOptions told = remote_options(options.remote);
    Errand errand(options.remote, told);
    std::vector<RemoteEntry> entries;
    const Errand::Task task = [&](application::Remote& remote) { return look(remote, url.target, entries); };
    errand.run(url, task);
    errand.leave();
    // Folders first, as our server's page has them.
    std::ranges::sort(entries, {}, [](const RemoteEntry& entry) {
        return std::pair<bool, const std::string&>(entry.kind != Kind::folder, entry.name);
    });
    if (options.json) return print_json(url, entries), 0;
    for (const RemoteEntry& entry : entries) print_line(entry, options.is_long);
    return 0;
}

}  // namespace

void add_ls(CLI::App& app, Action& action) {
    auto options = std::make_shared<LsOptions>();
    CLI::App* command = app.add_subcommand("ls", "List a folder of a server by http, https, ftp, nfs or file.");
    command
        ->add_option(
            "URL", options->url,
            "list what is there: http://HOST[:PORT]/PATH/, https://HOST[:PORT]/PATH/, ftp://HOST[:PORT]/PATH/, "
            "nfs://HOST[:PORT]/EXPORT/PATH/ or file:///PATH/; http "
            "servers must list in JSON, as strata serve does")
        ->required();
    command->add_flag("-l", options->is_long, "with sizes and dates");
    command->add_flag("--json", options->json, "as JSON, for programs");
    add_remote_arguments(*command, options->remote);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace strata::cli
