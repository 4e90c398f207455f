// strata put FILE... URL: sends files, and with -r folders, by whatever protocol the URL names.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <optional>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/input/input_file.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/progress_bar.hpp"
#include "strata/cli/remote/errand.hpp"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;
using application::Url;

struct PutOptions {
    RemoteArguments remote;
    std::vector<std::string> files;
    std::string url;
    bool recursive = false;
    bool force = false;
    bool resume = false;
};

// One of the files, or of the folders that they are in.
struct Sent {
    std::string path;
    std::string target;
    bool is_folder = false;
};

// By which it is known there: a path's last part. Empty: none, as of "." or "/".
std::string name_of(const std::string& path) {
    const fs::path given(path);
    const std::string name = given.has_filename() ? given.filename() : given.parent_path().filename();
    return name == "." || name == ".." || name == "/" ? "" : name;
}

Url with_target(Url url, std::string target) {
    url.target = std::move(target);
    return url;
}

class Plan {
public:
    Plan(const PutOptions& options, const Url& url, const Errand& errand)
        : options_(options),
          url_(url),
          errand_(errand),
          into_folder_(url.target.ends_with('/') || options.files.size() > 1) {
        for (const std::string& file : options.files) add(file);
    }
    // In an order in which they can be sent: a folder before what is in it.
    [[nodiscard]] const std::vector<Sent>& all() const noexcept { return all_; }

private:
    void add(const std::string& path) {
        std::error_code error;
        const bool is_folder = path != "-" && fs::is_directory(path, error);
        if (is_folder && !options_.recursive)
            throw WrongUse(printable(path) + " is a folder; add -r to send what is in it");
        if (!into_folder_ && !is_folder) return all_.push_back({path, url_.target});
        const std::string name = path == "-" ? "" : name_of(path);
        if (name.empty() && !is_folder)
            throw WrongUse("what comes by standard input has no name; write one behind the '/' of the URL " +
                           url_.to_string());
        const std::string target = name.empty() ? url_.target : application::target_within(url_.target, name);
        if (!is_folder) return all_.push_back({path, target});
        if (!name.empty()) all_.push_back({path, target, true});
        add_all_of(path, target);
    }

    void add_all_of(const fs::path& folder, const std::string& target) {
        std::error_code error;
        std::vector<fs::directory_entry> entries;
        for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
             entry.increment(error))
            entries.push_back(*entry);
        if (error)
            throw std::runtime_error("cannot read the folder " + folder.string() + ": " + error.message() +
                                     "; check who may do that");
        std::ranges::sort(entries);
        for (const fs::directory_entry& entry : entries) {
            const std::string within = application::target_within(target, entry.path().filename().string());
            if (entry.is_regular_file(error)) {
                all_.push_back({entry.path(), within});
            } else if (entry.is_directory(error) && !entry.is_symlink(error)) {
                all_.push_back({entry.path(), within, true});
                add_all_of(entry.path(), within);
            } else {
                // A link to a folder could lead round in a circle.
                errand_.notice(entry.path().string() + " is neither a file nor a folder: it is left out");
            }
        }
    }

    const PutOptions& options_;
    const Url& url_;
    const Errand& errand_;
    bool into_folder_;
    std::vector<Sent> all_;
};

// All of them, one after the other, over one network.
class Putting {
public:
    Putting(const PutOptions& options, const Url& url)
        : options_(options),
          url_(url),
          remote_options_(remote_options(options.remote)),
          errand_(options.remote, remote_options_) {}

    void put_all() {
        const Plan plan(options_, url_, errand_);
        const std::vector<Sent>& all = plan.all();
        std::string missing;  // a folder that could not be made: what is in it needs no sentence of its own
        for_each_of(all.size(), "were not sent", [&](std::size_t i) {
            if (!missing.empty() && all[i].target.starts_with(missing))
                throw std::runtime_error("cannot put " + all[i].path + ": its folder is not there; see above");
            if (!all[i].is_folder) return put(all[i]);
            missing = all[i].target + "/";
            make_folder(all[i]);
            missing.clear();
        });
        errand_.leave();
    }

private:
    void make_folder(const Sent& folder) {
        const Errand::Task make = [&](application::Remote& remote) { return made(remote, folder.target); };
        errand_.run(with_target(url_, folder.target), make);
    }
    // One that is there already is as good.
    static boost::asio::awaitable<void> made(application::Remote& remote, std::string target) {
        (void)co_await remote.make_folder(std::move(target));
    }

    void put(const Sent& file) {
        application::InputFile in(file.path);
        std::optional<ProgressBar> bar;
        if (!options_.remote.quiet) bar.emplace(in.name());
        const application::Progress on_progress = [&bar](std::uint64_t done, std::optional<std::uint64_t> total) {
            if (bar) bar->update(done, total);
        };
        const Errand::Task attempt = [&](application::Remote& remote) {
            return sent(remote, file.target, in, {.replace = options_.force, .resume = options_.resume}, on_progress);
        };
        const Url url = with_target(url_, file.target);
        try {
            errand_.run(url, attempt, [&url] { return url.to_string() + " was not sent whole"; });
        } catch (...) {
            if (bar) bar->finish();
            throw;
        }
        if (bar) bar->finish();
    }
    // With its date, where the protocol has a word for that.
    static boost::asio::awaitable<void> sent(application::Remote& remote, std::string target,
                                             application::InputFile& in, application::WriteOptions options,
                                             application::Progress on_progress) {
        co_await remote.write(target, in, options, std::move(on_progress));
        if (!in.date()) co_return;
        try {
            co_await remote.set_date(target, *in.date());
        } catch (const application::TransferError&) {
            // Not known there, or not allowed. The file is there
            // whole; it has the date of its coming.
        }
    }

    const PutOptions& options_;
    const Url& url_;
    application::RemoteOptions remote_options_;
    Errand errand_;
};

int run(const PutOptions& options) {
    const Url url = parse_url_argument(options.url);
    if (options.resume && !url.scheme.starts_with("ftp") && url.scheme != "nfs")
        throw WrongUse("--resume: " + url.scheme + " has no word for that; leave it out, or put by ftp or nfs");
    Putting putting(options, url);
    putting.put_all();
    return 0;
}

}  // namespace

void add_put(CLI::App& app, Action& action) {
    auto options = std::make_shared<PutOptions>();
    CLI::App* command = app.add_subcommand("put", "Send files to a server by http, https, ftp, tftp, nfs or file.");
    // CLI11 gives an argument that may be many all that are there: the last one is the next one's.
    const std::function<void(const std::vector<std::string>&)> take = [options, command](std::vector<std::string> all) {
        if (all.size() > 1) {
            command->get_option("URL")->add_result(all.back());
            all.pop_back();
        }
        options->files = std::move(all);
    };
    command->add_option_function("FILE", take, "send these; - is standard input")->required();
    command
        ->add_option("URL", options->url,
                     "to there: http://HOST[:PORT]/PATH, https://HOST[:PORT]/PATH, ftp://HOST[:PORT]/PATH, "
                     "tftp://HOST[:PORT]/NAME, nfs://HOST[:PORT]/EXPORT/PATH or file:///PATH; with a '/' at its end, "
                     "or several files, into that folder")
        ->required();
    command->add_flag("-r", options->recursive, "send folders with all that is in them");
    command->add_flag("--resume", options->resume, "FTP, NFS: go on with what an earlier attempt left there");
    command->add_flag("--force", options->force, "replace what is there, as far as the server allows it");
    add_transfer_arguments(*command, options->remote, "send");
    add_remote_arguments(*command, options->remote);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace strata::cli
