#include "strata/cli/demo.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "strata/5_session/kernel/network.hpp"
#include "strata/7_application/files/folder_reader.hpp"
#include "strata/7_application/files/output/output_file.hpp"
#include "strata/7_application/http/client/client.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::cli {
namespace {

namespace http = application::http;

std::string digest_of(const application::FileRoot& root, const std::string& name) {
    const auto file = root.open_file(name);
    presentation::Sha256 sha256;
    std::vector<std::byte> buffer(256 << 10);
    for (std::uint64_t offset = 0; file;) {
        const auto count = file->read(offset, buffer);
        if (!count || *count == 0) break;
        sha256.add(Bytes(buffer).first(*count));
        offset += *count;
    }
    return sha256.finish();
}

// Of those at the top that can be read; nothing if there is none.
std::optional<application::FolderEntry> largest_file(const application::FileRoot& root) {
    constexpr std::size_t looked_at = 1000;
    const auto top = root.open_file("");
    auto reader = top ? application::FolderReader::open(root, *top, "") : std::unexpected(top.error());
    std::optional<application::FolderEntry> largest;
    if (!reader) return largest;
    while (reader->go_on(looked_at)) {
    }
    const auto names = std::move(*reader).names();
    for (std::size_t i = 0; names && i < std::min(names->size(), looked_at); ++i) {
        auto entry = names->look_at(i);
        const bool larger = entry && !entry->facts.folder && (!largest || entry->facts.size > largest->facts.size);
        if (larger && root.open_file(entry->name)) largest = std::move(entry);
    }
    return largest;
}

// A folder of its own for the moment.
struct Scratch {
    std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("strata-demo-{}", ::getpid());
    Scratch() { std::filesystem::create_directories(path); }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

void say_what_to_try(const std::string& name, const std::string& http_url, const std::string& fetch_url) {
    const std::string path = http::percent_encode(name);
    fmt::print("\nTry, from another terminal:\n");
    if (!http_url.empty()) {
        fmt::print("  curl -O {0}{1}\n  wget {0}{1}\n  build/strata get {0}{1}\n", http_url, path);
    }
    if (!fetch_url.empty()) fmt::print("  build/strata get {}{}\n", fetch_url, path);
    if (!http_url.empty()) fmt::print("or open {} in a browser.\n", http_url);
    fmt::print("Ctrl-C ends it and shows what each floor carried.\n\n");
    std::fflush(stdout);
}

}  // namespace

boost::asio::awaitable<void> demo(boost::asio::io_context& io, const application::FileRoot& root, std::string http_url,
                                  std::string fetch_url) {
    const std::optional<application::FolderEntry> chosen = largest_file(root);
    const auto url = http::parse_url(http_url + (chosen ? http::percent_encode(chosen->name) : ""));
    if (!chosen || !url || http_url.empty()) {
        say_what_to_try("", http_url, fetch_url);
        co_return;
    }
    const Scratch scratch;
    session::KernelNetwork network(io);
    application::OutputFile out(scratch.path / "fetched", {});
    const auto began = std::chrono::steady_clock::now();
    co_await http::fetch(network, *url, out);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const std::string got = out.digest();
    const std::string wanted = digest_of(root, chosen->name);
    if (got != wanted || out.size() != chosen->facts.size) {
        throw std::runtime_error("the demonstration failed: " + url->to_string() + " did not arrive whole");
    }
    out.commit();
    fmt::print(
        "\nfetched {} through itself: {} bytes in {:.3f} s\n  SHA-256 {}  as sent\n  SHA-256 {}  as arrived: whole\n",
        url->to_string(), out.size(), seconds, wanted, got);
    say_what_to_try(chosen->name, http_url, fetch_url);
}

}  // namespace strata::cli
