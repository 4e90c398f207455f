// What the fuzzers of servers and clients share: two hosts of ours in virtual time, a folder, and a
// peer that says what the input has.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "strata/lab/lab.hpp"

namespace strata::fuzz {

namespace asio = session::asio;

// Removed with it; who fuzzes makes one for the whole process.
struct Folder {
    Folder() {
        std::string pattern = std::filesystem::temp_directory_path() / "strata-fuzz-XXXXXX";
        path = ::mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(path / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    std::filesystem::path path;
};

// What is served, with a file that is hidden and a link that leads out: neither may ever be seen.
inline void write_served(const Folder& folder, const std::string& below) {
    folder.write(below + "a.txt", "some text\n");
    folder.write(below + ".hidden", "SECRET");
    std::filesystem::create_symlink("/etc/passwd", folder.path / (below + "out"));
}

//   client 10.0.0.1 ── cable ── server 10.0.0.2
struct Pair {
    lab::VirtualLab lab{1};
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    physical::Cable& cable = lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24");
};

// As long as the longest input takes to be said, and some more: whoever speaks a byte every 15 s is
// slow, and lawful where only silence is not.
constexpr Duration all_is_said = 4096 * 15s + 1h;

// The input: pieces, each said after a pause. The first byte of a piece tells how long it is
// (0-127) and whether a long pause precedes it.
class Script {
public:
    explicit Script(std::string_view input) : input_(input) {}
    [[nodiscard]] bool over() const noexcept { return input_.empty(); }
    [[nodiscard]] std::string_view next(bool& long_pause) noexcept {
        const auto head = static_cast<unsigned char>(input_.front());
        input_.remove_prefix(1);
        long_pause = head >= 128;
        const std::string_view piece = input_.substr(0, head & 127u);
        input_.remove_prefix(piece.size());
        return piece;
    }

private:
    std::string_view input_;
};

// What all pieces say.
inline std::string all_pieces(std::string_view input) {
    std::string text;
    bool ignored = false;
    for (Script script(input); !script.over();) text += script.next(ignored);
    return text;
}

// Says all of it, then ends its side, and reads what comes until the other ends.
inline asio::awaitable<void> say(session::Network& network, session::Stream& stream, std::string_view input,
                                 std::string& heard) {
    session::error_code error;
    session::Timer timer = network.make_timer();
    for (Script script(input); !script.over() && !error;) {
        bool long_pause = false;
        const std::string_view piece = script.next(long_pause);
        timer.expires_after(long_pause ? Duration{15s} : Duration{1ms});
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
        co_await stream.async_write(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
    }
    (void)stream.shut_down_sending();
    error = {};
    std::string buffer(4096, '\0');
    while (!error && heard.size() < (1u << 20)) {
        const std::size_t count =
            co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        heard.append(buffer, 0, count);
    }
}

inline void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace strata::fuzz
