// A whole HTTP server on our own stack in virtual time, and a client that says what the input has,
// in its pieces and with its pauses. The folder may be read, added to, or changed in every way, by
// the input's length.
// links: strata
#include "fuzz/support/application.hpp"
#include "strata/7_application/http/server/server.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

void fill(const Folder& folder) {
    write_served(folder, "");
    folder.write("sub/b.bin", std::string(5000, 'b'));
    folder.write("site/index.html", "<p>home");
}

// What nobody may change is as it was, and nothing is there that has not come whole.
void check(const Folder& folder, application::FileRights rights) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path)) {
        require(!entry.path().filename().string().starts_with(application::FileRoot::temporary_prefix));
        if (entry.is_regular_file() && !entry.is_symlink()) bytes += entry.file_size();
    }
    require(bytes < 100'000);
    require(folder.read(".hidden") == "SECRET");
    if (rights != application::FileRights::all) {
        require(folder.read("a.txt") == "some text\n" && folder.read("site/index.html") == "<p>home");
        require(std::filesystem::is_symlink(folder.path / "out"));
    }
}

asio::awaitable<void> converse(Pair& pair, std::string_view input, std::string& heard) {
    session::Stream stream = co_await pair.client.network().async_connect(
        session::Address{Ipv4Address{10, 0, 0, 2}, 80}, asio::use_awaitable);
    co_await say(pair.client.network(), stream, input, heard);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    Pair pair;
    const Folder folder;  // anew: what one input left would be another's luck
    fill(folder);
    const auto rights = static_cast<application::FileRights>(size % 3);
    const application::FileRoot root =
        *application::FileRoot::open(folder.path, {.by_steps = size % 2 == 0, .rights = rights});
    std::size_t answers = 0;
    application::http::Server server(
        pair.server.network(), root,
        [&](const application::http::RequestReport& report) {
            ++answers;
            require((report.status >= 200 && report.status < 600) || (report.status == 0 && report.method == "PUT"));
        },
        {.header_max = 1000,
         .body_max = 1000,
         .puts = {.size_max = 2000, .sync = false},
         .patience = {.stall_timeout = 20s, .rate_over = 20s},
         .requests_max = 20});
    server.start(pair.server.network().listen({Ipv4Address{}, 80}));
    std::string heard;
    asio::co_spawn(pair.lab.io(), converse(pair, input, heard), [](std::exception_ptr) {});
    pair.lab.run_for(10min);
    // Whoever is silent or has left keeps no place; whatever came
    // back was HTTP, and nothing that is not to be seen.
    require(server.active() == 0);
    require(heard.empty() || heard.starts_with("HTTP/1.1 "));
    require(!heard.contains("SECRET") && !heard.contains("root:"));
    require(answers <= 20);
    check(folder, rights);
    return 0;
}
