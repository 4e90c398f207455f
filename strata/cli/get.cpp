// strata get URL...: fetches files, by whatever protocol the URLs name.
#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <optional>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/remote/parts/parts.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/progress_bar.hpp"
#include "strata/cli/remote/errand.hpp"
#include "strata/cli/wrong_use/checks.hpp"

namespace strata::cli {
namespace {

using application::Url;

constexpr std::uint32_t parts_max = 16;

struct GetOptions {
    RemoteArguments remote;
    std::vector<std::string> urls;
    std::string output;
    std::string encoding = "UTF-8";
    std::optional<std::string> sha256;
    bool resume = false;
    bool force = false;
    bool no_time = false;
    std::uint32_t parts = 1;
};

// One of the files.
struct Wanted {
    Url url;
    std::string name;  // to save it under
};

// The name to save under: the URL's last part; never one that leads elsewhere, or that a terminal
// obeys when it is listed.
std::string local_name(const Url& url) {
    std::string path = url.target.substr(0, url.target.find('?'));
    if (url.scheme == "tftp") path = path.substr(0, path.rfind(";mode="));
    if (url.scheme.starts_with("ftp")) path = path.substr(0, path.rfind(";type="));
    const std::string name = application::http::percent_decode_leniently(path.substr(path.rfind('/') + 1));
    if (name.empty() || name == "." || name == ".." || name.contains('/') || name.contains('\0')) {
        throw WrongUse("the URL " + url.to_string() + " names no file to save under; give one with -o FILE");
    }
    // "-" would be standard output, where it is not a file's name.
    return name == "-" ? "./-" : printable_name(name);
}

bool is_folder(const std::string& path) {
    struct stat facts{};
    return path.ends_with('/') || (::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode));
}

std::vector<Wanted> all_wanted(const GetOptions& options) {
    const bool into_folder = is_folder(options.output);
    const bool one_for_all = !options.output.empty() && !into_folder;
    if (options.urls.size() > 1 && one_for_all && options.output != "-")
        throw WrongUse("several files cannot all be saved as '" + printable(options.output) +
                       "'; give a folder with -o DIR, or - for standard output");
    if (options.urls.size() > 1 && options.sha256)
        throw WrongUse("--sha256 is the digest of one file; fetch each with its own");
    std::vector<Wanted> wanted;
    for (const std::string& text : options.urls) {
        const Url url = parse_url_argument(text);
        std::string name = one_for_all ? options.output : local_name(url);
        if (into_folder) name = fmt::format("{}{}{}", options.output, options.output.ends_with('/') ? "" : "/", name);
        wanted.push_back({url, std::move(name)});
    }
    return wanted;
}

// Lower case; empty if none was given.
std::string parse_digest(const std::optional<std::string>& given) {
    if (!given) return "";
    const std::string text = in_lower_case(*given);
    const bool good = text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!good) throw WrongUse("--sha256: '" + printable(text) + "' is no SHA-256; write its 64 hexadecimal digits");
    return text;
}

// All of them, one after the other, over one network.
class Getting {
public:
    explicit Getting(const GetOptions& options)
        : options_(options), remote_options_(told(options)), errand_(options.remote, remote_options_) {}

    // Throws what went wrong.
    void get(const Wanted& wanted, const std::string& digest) {
        // Who is told nothing needs no digest; to make one takes as long as to receive the bytes.
        const bool digested = !options_.remote.quiet || !digest.empty();
        application::OutputFile out(
            wanted.name,
            {.resume = options_.resume, .force = options_.force, .dated = !options_.no_time, .digested = digested});
        if (out.is_finished()) {
            // The digest says what no server can say better.
            if (!digest.empty() && out.finished_digest() == digest) return print_digest(digest, wanted.name);
            errand_.notice(fmt::format("{} is there already: it is compared with the server's", wanted.name));
        }
        transfer(wanted, out);
        const std::string arrived = out.digest();
        if (!digest.empty() && arrived != digest) {
            throw std::runtime_error("the SHA-256 of " + wanted.url.to_string() + " is " + arrived +
                                     ", not the one given: " + out.discard() +
                                     "; check the digest, or whom you fetch from");
        }
        out.commit();
        print_digest(arrived, wanted.name);
    }
    void leave() { errand_.leave(); }

private:
    static application::RemoteOptions told(const GetOptions& options) {
        application::RemoteOptions all = remote_options(options.remote);
        all.fetch_encoding = options.encoding;
        return all;
    }

    void print_digest(const std::string& digest, const std::string& name) const {
        if (options_.remote.quiet) return;
        fmt::print(stderr, "{}  {}\n", digest, name == "-" ? "(standard output)" : printable(name));
    }

    void transfer(const Wanted& wanted, application::OutputFile& out) {
        std::optional<ProgressBar> bar;
        if (!options_.remote.quiet) bar.emplace(wanted.name);
        const application::Progress on_progress = [&bar](std::uint64_t done, std::optional<std::uint64_t> total) {
            if (bar) bar->update(done, total);
        };
        bool is_first = true;
        const Errand::Task attempt = [&](application::Remote& remote) {
            // A file that is compared is compared from its first byte on.
            if (!std::exchange(is_first, false) && out.is_finished()) out.restart();
            if (options_.parts == 1) return remote.read(wanted.url.target, out, on_progress);
            const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
            return application::read_in_parts(remote, [&] { return errand_.another(wanted.url); }, wanted.url.target,
                                              out, on_progress, {.at_once = options_.parts, .now = now});
        };
        try {
            errand_.run(wanted.url, attempt, [&out] { return out.advice(); });
        } catch (...) {
            if (bar) bar->finish();
            throw;
        }
        if (bar) bar->finish();
    }

    const GetOptions& options_;
    application::RemoteOptions remote_options_;
    Errand errand_;
};

int run(const GetOptions& options) {
    const std::vector<Wanted> all = all_wanted(options);
    if (options.parts > 1 && !options.remote.rate.empty())
        throw WrongUse("--parts and --limit-rate do not go together: leave one of them out");
    const std::string digest = parse_digest(options.sha256);
    Getting getting(options);
    for_each_of(all.size(), "were not fetched", [&](std::size_t i) { getting.get(all[i], digest); });
    getting.leave();
    return 0;
}

}  // namespace

void add_get(CLI::App& app, Action& action) {
    auto options = std::make_shared<GetOptions>();
    CLI::App* command = app.add_subcommand("get", "Fetch files by http, https, fetch, ftp, tftp, nfs or file.");
    command
        ->add_option("URL", options->urls,
                     "fetch these: http://HOST[:PORT]/PATH, https://HOST[:PORT]/PATH, fetch://HOST[:PORT]/NAME, "
                     "ftp://HOST[:PORT]/PATH, tftp://HOST[:PORT]/NAME, nfs://HOST[:PORT]/EXPORT/PATH or file:///PATH")
        ->required();
    command
        ->add_option("-o", options->output,
                     "save it under this name, or in this folder (default: the URL's last part; - is standard output)")
        ->type_name("FILE");
    command->add_flag("--resume", options->resume, "go on with what an earlier fetch left");
    command->add_flag("--force", options->force, "replace an existing file");
    command
        ->add_option("--encoding", options->encoding,
                     "use this character set for the name in the plain download protocol: UTF-8 (default), GBK, …")
        ->type_name("CHARSET");
    command->add_option("--sha256", options->sha256, "put it in place only if it has this digest")->type_name("HEX");
    command
        ->add_option("--parts", options->parts,
                     "fetch so many pieces of a file at once, where the server of http, https, ftp or nfs can")
        ->type_name("N")
        ->check(whole_number(1, parts_max));
    command->add_flag("--no-time", options->no_time, "leave the file the time of its coming, not the server's date");
    add_transfer_arguments(*command, options->remote, "read");
    add_remote_arguments(*command, options->remote);
    command->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace strata::cli
