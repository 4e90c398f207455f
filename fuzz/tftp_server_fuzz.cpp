// A whole TFTP server, on our own stack in virtual time, with small bounds: three clients send what
// the input has, to the server's port or to whatever port it answered from last, with pauses.
// Nobody who has not answered is sent more than a few packets; nothing outside the folder is ever
// seen; no file is there that did not come whole; and in the end nothing is left.
// links: strata
#include <array>

#include "fuzz/support/application.hpp"
#include "strata/7_application/tftp/content/folder_files.hpp"
#include "strata/7_application/tftp/server/server.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

namespace tftp = application::tftp;

constexpr std::size_t unproven_max = 3;
constexpr std::size_t places_max = 4;
constexpr std::size_t refusals_max = 4;

const Folder& folder() {
    static const Folder made = [] {
        Folder folder;
        write_served(folder, "served/");
        folder.write("served/long", std::string(5000, 'l'));
        return folder;
    }();
    return made;
}

void clean() {
    for (const auto& entry : std::filesystem::directory_iterator(folder().path / "served")) {
        const std::string name = entry.path().filename();
        if (name != "a.txt" && name != ".hidden" && name != "out" && name != "long")
            std::filesystem::remove_all(entry.path());
    }
    folder().write("served/a.txt", "some text\n");
}

// One that sends, and notes what it gets.
struct Sender {
    explicit Sender(session::Network& network) : socket(network.open_datagram({Ipv4Address{}, 0})) { receive(); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    void receive() {
        socket.async_receive_from(asio::buffer(buffer),
                                  [this](session::error_code error, std::size_t size, const session::Address& sender) {
                                      if (error) return;
                                      from = sender;
                                      octets += size;
                                      const std::string_view text(reinterpret_cast<const char*>(buffer.data()), size);
                                      require(!text.contains("SECRET") && !text.contains("root:"));
                                      receive();
                                  });
    }
    void send(std::string_view bytes, bool to_transfer) {
        const session::Address at_server{Ipv4Address{10, 0, 0, 2}, tftp::server_port};
        const session::Address to = to_transfer && from != session::Address{} ? from : at_server;
        answered = answered || to != at_server;
        const Bytes datagram = bytes_of(bytes);
        socket.send_at_once({&datagram, 1}, to);
    }
    session::Datagram socket;
    std::vector<std::byte> buffer = std::vector<std::byte>(70000);
    session::Address from;
    std::size_t octets = 0;
    bool answered = false;  // something of its transfer's port
};

tftp::ServerOptions small_bounds(bool single_port) {
    tftp::ServerOptions options;
    options.single_port = single_port;
    options.places = std::make_shared<application::Places>(
        application::PlacesOptions{.connections_max = places_max, .per_address_max = places_max});
    options.unproven_per_address_max = unproven_max;
    options.refusals_burst_max = refusals_max;
    options.refusal_interval = 1h;
    options.limits = {.blksize_max = 600, .windowsize_max = 4};
    return options;
}

// A piece of the input: who sends, where to, after which pause, and how long it is.
class Steps {
public:
    explicit Steps(std::string_view input) : input_(input) {}
    [[nodiscard]] bool over() const noexcept { return input_.size() < 2; }
    struct Step {
        std::size_t sender;
        bool to_transfer;
        Duration pause;
        std::string_view bytes;
    };
    [[nodiscard]] Step next() noexcept {
        const auto how = static_cast<unsigned char>(input_[0]);
        const auto length = static_cast<unsigned char>(input_[1]);
        input_.remove_prefix(2);
        constexpr std::array<Duration, 4> pauses{Duration{0}, 1ms, 300ms, 10s};
        const Step step{how % 3u, (how & 4u) != 0, pauses.at(how >> 3u & 3u), input_.substr(0, length)};
        input_.remove_prefix(step.bytes.size());
        return step;
    }

private:
    std::string_view input_;
};

void serve(std::string_view input, bool single_port) {
    clean();
    Pair pair;
    const application::FileRoot root =
        *application::FileRoot::open(folder().path / "served", {.rights = application::FileRights::add});
    const auto files = std::make_shared<tftp::FolderFiles>(
        root, tftp::FolderFilesOptions{.cached_file_max = 100, .cached_all_max = 100});
    std::size_t whole = 0;
    tftp::Server server(
        pair.server.network(), files,
        [&](const tftp::TransferReport& report) {
            whole += report.write && report.ending == application::Ending::whole ? 1 : 0;
        },
        small_bounds(single_port));
    server.start(pair.server.network().open_datagram({Ipv4Address{}, tftp::server_port}));
    std::array<Sender, 3> senders{Sender(pair.client.network()), Sender(pair.client.network()),
                                  Sender(pair.client.network())};
    std::size_t requests = 0;
    for (Steps steps(input); !steps.over(); ++requests) {
        const Steps::Step step = steps.next();
        pair.lab.run_for(step.pause);
        senders.at(step.sender).send(step.bytes, step.to_transfer);
        require(server.active() <= places_max + senders.size());
        require(files->cached() <= 100);
    }
    pair.lab.run_for(1h);
    require(server.active() == 0);
    // Four packets of 516 octets a request at most, and so many ERRORs.
    for (const Sender& sender : senders) {
        constexpr std::size_t packets_max = 4, packet_max = 516, error_max = 100;
        if (!sender.answered && !single_port)
            require(sender.octets <= requests * packets_max * packet_max + refusals_max * error_max);
    }
    std::size_t files_there = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder().path / "served")) {
        (void)entry;
        ++files_there;
    }
    require(files_there == 4 + whole);
    server.abort();
    for (Sender& sender : senders) sender.socket.close();
    pair.lab.run_for(1s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4096) return 0;
    serve({reinterpret_cast<const char*>(data + 1), size - 1}, (data[0] & 1u) != 0);
    return 0;
}
