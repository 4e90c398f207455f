// A whole HTTP client on our own stack in virtual time, and a server that
// says what the input has to each of its requests. What the client keeps
// as whole is in it, behind a part that was there, or without one.
// links: strata
#include <algorithm>
#include <cctype>

#include "fuzz/support/application.hpp"
#include "strata/7_application/http/client/client.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

constexpr std::string_view part = "0123456789";

const Folder& folder() {
    static const Folder made;
    return made;
}

asio::awaitable<void> answer(Pair& pair, session::Acceptor& acceptor, std::string_view input) {
    // More often than redirects are followed: one that never ends is the client's to end.
    for (int i = 0; i < 12; ++i) {
        session::Stream stream = co_await acceptor.async_accept(asio::use_awaitable);
        std::string asked;
        co_await say(pair.server.network(), stream, input, asked);
        // A redirect may lead to https, on this port too: then it is a ClientHello (RFC 8446 5.1).
        require(asked.empty() || asked.starts_with("GET /") || asked.starts_with("\x16\x03"));
        require(!asked.starts_with("GET ") || !asked.contains("\n\n"));
        require(asked.find("\nHost: ") == asked.rfind("\nHost: "));
    }
}

asio::awaitable<void> fetch(Pair& pair, application::OutputFile& out) {
    co_await application::http::fetch(pair.client.network(), *application::http::parse_url("http://10.0.0.2/file"),
                                      out);
    out.commit();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4096) return 0;
    const bool resume = (data[0] & 1) != 0;
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::filesystem::path target = folder().path / "got";
    for (const char* name : {"got", "got.part", "got.part.version"}) std::filesystem::remove(folder().path / name);
    if (resume) {
        folder().write("got.part", std::string(part));
        folder().write("got.part.version", "\"tag\"\nMon, 02 Feb 2026 00:00:00 GMT\n20\n");
    }
    Pair pair;
    std::string failure;
    {
        application::OutputFile out(target, {.resume = resume});
        session::Acceptor acceptor = pair.server.network().listen({Ipv4Address{}, 80});
        asio::co_spawn(pair.lab.io(), answer(pair, acceptor, input), [](std::exception_ptr) {});
        bool ended = false;
        asio::co_spawn(pair.lab.io(), fetch(pair, out), [&](std::exception_ptr failed) {
            ended = true;
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const std::exception& error) {
                failure = error.what();
                require(!failure.empty());
            }
        });
        pair.lab.run_for(all_is_said);
        require(ended);
    }
    require(failure.empty() == std::filesystem::exists(target));
    if (!failure.empty()) return 0;
    const std::string got = folder().read("got");
    const std::string said = all_pieces(input);
    std::string lower = said;
    std::ranges::transform(lower, lower.begin(), [](unsigned char letter) { return std::tolower(letter); });
    const std::string_view behind_the_part =
        std::string_view(got).substr(resume && got.starts_with(part) ? part.size() : 0);
    // Chunks are not joined.
    require(said.contains(got) || said.contains(behind_the_part) || lower.contains("chunked"));
    return 0;
}
