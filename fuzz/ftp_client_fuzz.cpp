// A whole FTP client on our own stack in virtual time, and a server that says what the input has,
// on its control connection and on each data connection. What the client keeps as whole is what was
// said, all of it; what it believes to have put has arrived; what it lists are names.
// links: strata
#include <algorithm>

#include "fuzz/support/remote.hpp"
#include "strata/7_application/ftp/client/remote/remote.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

constexpr std::string_view part = "0123456789";
constexpr std::size_t entries_max = 10;

const Folder& folder() {
    static const Folder made;
    return made;
}

// What the server does, and what it hears.
struct Play {
    std::string_view control, data;
    bool resets = false;
    std::string commands, received;
};

asio::awaitable<void> control(Pair& pair, session::Acceptor& acceptor, Play& play) {
    session::Stream stream = co_await acceptor.async_accept(asio::use_awaitable);
    co_await say(pair.server.network(), stream, play.control, play.commands);
}

asio::awaitable<void> data(Pair& pair, session::Acceptor& acceptor, Play& play) {
    session::Stream stream = co_await acceptor.async_accept(asio::use_awaitable);
    if (!play.resets) {
        co_await say(pair.server.network(), stream, play.data, play.received);
        co_return;
    }
    const std::string said = all_pieces(play.data);
    session::error_code error;
    co_await stream.async_write(asio::buffer(said), asio::redirect_error(asio::use_awaitable, error));
    session::Timer timer = pair.server.network().make_timer();
    timer.expires_after(1s);
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    stream.abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size < 3 || size > 4096) return 0;
    const unsigned what = bytes[0] % 4;
    const std::string_view input(reinterpret_cast<const char*>(bytes + 3), size - 3);
    const std::size_t border = std::min<std::size_t>(static_cast<std::size_t>(bytes[1] * 256 + bytes[2]), input.size());
    Play play;
    play.control = input.substr(0, border);
    play.data = input.substr(border);
    play.resets = (bytes[0] & 16) != 0;
    const std::filesystem::path target = folder().path / "got";
    for (const char* name : {"got", "got.part", "got.part.version"}) std::filesystem::remove(folder().path / name);
    const bool resume = what == 1;
    if (resume) {
        folder().write("got.part", std::string(part));
        folder().write("got.part.version", "\nThu, 01 Jan 2026 00:00:00 GMT\n20\n");
    }
    Pair pair;
    std::string failure;
    application::RemoteOptions options;
    options.entries_max = entries_max;
    options.listing_bytes_max = 1000;
    const std::string local(5000, 'p');
    folder().write("local", local);
    {
        const application::Url url{.scheme = "ftp", .host = "10.0.0.2", .port = 21, .target = "/"};
        application::ftp::FtpRemote remote(pair.client.network(), url, options);
        application::OutputFile out(target, {.resume = resume});
        application::InputFile in(folder().path / "local");
        session::Acceptor door = pair.server.network().listen({Ipv4Address{}, 21});
        session::Acceptor data_door = pair.server.network().listen({Ipv4Address{}, 2000});
        asio::co_spawn(pair.lab.io(), control(pair, door, play), [](std::exception_ptr) {});
        asio::co_spawn(pair.lab.io(), data(pair, data_door, play), [](std::exception_ptr) {});
        bool ended = false;
        const auto end = [&](std::exception_ptr failed) {
            ended = true;
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const std::exception& error) {
                failure = error.what();
                require(!failure.empty());
            }
        };
        if (what < 2) asio::co_spawn(pair.lab.io(), fetch(remote, out), end);
        if (what == 2) asio::co_spawn(pair.lab.io(), list(remote, entries_max), end);
        if (what == 3) asio::co_spawn(pair.lab.io(), remote.write("/file", in, {.replace = true}, {}), end);
        pair.lab.run_for(all_is_said);
        require(ended);
    }
    // A command a line, and none within another.
    require(std::ranges::count(play.commands, '\r') == std::ranges::count(play.commands, '\n'));
    require(play.commands.empty() || play.commands.starts_with("USER anonymous\r\n"));
    require((failure.empty() && what < 2) == std::filesystem::exists(target));
    if (!failure.empty()) return 0;
    require(!play.resets || what == 3);
    const std::string said = all_pieces(play.data);
    if (what < 2) {
        const std::string got = folder().read("got");
        require(got == said || (resume && got == std::string(part) + said));
    }
    // What is said to who only sends makes him reset the connection at its end.
    if (what == 3 && !play.resets && play.data.empty()) require(play.received == local);
    return 0;
}
