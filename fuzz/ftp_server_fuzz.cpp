// A whole FTP server on our own stack in virtual time, with small bounds, and a client that says
// what the input has, in its pieces and with its pauses. Whatever port the server tells of is
// called, and so is the client at the port that it listens at; over data connections comes a little
// text. The folder may be read, added to, or changed in every way, by the input's length.
// links: strata
#include <algorithm>
#include <boost/asio/detached.hpp>

#include "fuzz/support/application.hpp"
#include "strata/7_application/ftp/message/data_address.hpp"
#include "strata/7_application/ftp/server/server.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

namespace ftp = application::ftp;

void fill(const Folder& folder) {
    write_served(folder, "");
    folder.write("sub/b.bin", std::string(5000, 'b'));
}

// What nobody may change is as it was, and nothing is there that has not come whole.
void check(const Folder& folder, application::FileRights rights) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path)) {
        require(!entry.path().filename().string().starts_with(application::FileRoot::temporary_prefix));
        if (entry.is_regular_file() && !entry.is_symlink()) bytes += entry.file_size();
    }
    require(bytes < 1'000'000);
    require(folder.read(".hidden") == "SECRET");
    if (rights != application::FileRights::all) {
        require(folder.read("a.txt") == "some text\n" && folder.read("sub/b.bin") == std::string(5000, 'b'));
        require(std::filesystem::is_symlink(folder.path / "out"));
    }
}

// What the client said himself he may hear again.
struct Secrets {
    explicit Secrets(const std::string& said) : file(!said.contains("SECRET")), accounts(!said.contains("root:")) {}
    void look_at(const std::string& heard) const {
        require(!file || !heard.contains("SECRET"));
        require(!accounts || !heard.contains("root:"));
    }
    bool file;
    bool accounts;
};

// Says a little, ends, and reads to the end.
asio::awaitable<void> exchange(session::Stream stream, const Secrets& secrets) {
    session::error_code error;
    co_await stream.async_write(asio::buffer(std::string_view("over\r\ndata")),
                                asio::redirect_error(asio::use_awaitable, error));
    (void)stream.shut_down_sending();
    std::string heard;
    std::string buffer(4096, '\0');
    while (!error && heard.size() < (1u << 20)) {
        const std::size_t count =
            co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        heard.append(buffer, 0, count);
    }
    secrets.look_at(heard);
}

asio::awaitable<void> call(session::Network& network, session::Address at, const Secrets& secrets) {
    session::error_code error;
    session::Stream stream = co_await network.async_connect(at, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_await exchange(std::move(stream), secrets);
}

asio::awaitable<void> answer_calls(session::Network& network, session::Acceptor& acceptor, const Secrets& secrets) {
    for (session::error_code error; !error;) {
        session::Stream stream = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (!error) asio::co_spawn(network.get_executor(), exchange(std::move(stream), secrets), asio::detached);
    }
}

// Each line that tells of a port is taken at its word, and no other address is ever told.
asio::awaitable<void> listen(Pair& pair, session::Stream& stream, const Secrets& secrets) {
    session::error_code error;
    std::string heard;
    std::string buffer(4096, '\0');
    std::size_t calls = 0;
    while (!error) {
        const std::size_t count =
            co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
        heard.append(buffer, 0, count);
        for (std::size_t end = heard.find('\n'); end != std::string::npos; end = heard.find('\n')) {
            const std::string line = heard.substr(0, end);
            heard.erase(0, end + 1);
            secrets.look_at(line);
            require(line.ends_with('\r'));
            std::optional<session::Address> at;
            if (line.starts_with("227 ")) at = ftp::find_passive_address(line.substr(4)).value();
            if (line.starts_with("229 "))
                at = session::Address{Ipv4Address{10, 0, 0, 2}, ftp::find_extended_passive_port(line).value()};
            if (at) require(at->endpoint().address == IpAddress{Ipv4Address{10, 0, 0, 2}});
            if (at && ++calls <= 16)
                asio::co_spawn(pair.lab.io(), call(pair.client.network(), *at, secrets), asio::detached);
        }
    }
}

asio::awaitable<void> speak(Pair& pair, session::Stream& stream, std::string_view input) {
    session::error_code error;
    session::Timer timer = pair.client.network().make_timer();
    for (Script script(input); !script.over() && !error;) {
        bool long_pause = false;
        const std::string_view piece = script.next(long_pause);
        timer.expires_after(long_pause ? Duration{15s} : Duration{1ms});
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
        co_await stream.async_write(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
    }
    (void)stream.shut_down_sending();
}

ftp::ServerOptions small_bounds() {
    ftp::ServerOptions options;
    options.login_timeout = 20s;
    options.idle_timeout = 30s;
    options.data_timeout = 5s;
    options.strangers_max = 2;
    options.failed_logins_max = 2;
    options.patience = {.stall_timeout = 20s, .rate_over = 20s};
    options.size_max = 8000;
    options.sync = false;
    options.insecure_login = true;
    options.data_ports = {50000, 50003};
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 2048) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Secrets secrets(all_pieces(input));
    Pair pair;
    const Folder folder;  // anew: what one input left would be another's luck
    fill(folder);
    const auto rights = static_cast<application::FileRights>(size % 3);
    const application::FileRoot root =
        *application::FileRoot::open(folder.path, {.by_steps = size % 2 == 0, .rights = rights});
    ftp::Server server(
        pair.server.network(), root, [](const ftp::CommandReport& report) { require(report.code < 600); },
        small_bounds());
    server.start(pair.server.network().listen({Ipv4Address{}, 21}));
    session::Acceptor own = pair.client.network().listen({Ipv4Address{}, 5001});
    asio::co_spawn(pair.lab.io(), answer_calls(pair.client.network(), own, secrets), asio::detached);
    session::Stream control;
    pair.client.network().async_connect(session::Address{Ipv4Address{10, 0, 0, 2}, 21},
                                        [&](session::error_code error, session::Stream stream) {
                                            if (!error) control = std::move(stream);
                                        });
    pair.lab.run_for(1s);
    asio::co_spawn(pair.lab.io(), speak(pair, control, input), asio::detached);
    asio::co_spawn(pair.lab.io(), listen(pair, control, secrets), asio::detached);
    pair.lab.run_for(2048 * 15s + 1h);
    require(server.active() == 0);
    check(folder, rights);
    server.abort();
    own.close();
    control.close();
    pair.lab.run_for(1min);
    return 0;
}
