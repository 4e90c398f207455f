// A TFTP server of ours in virtual time, and clients that say what a test tells them.
//
//     client 10.0.0.1 ── cable ── server 10.0.0.2
#pragma once

#include "strata/7_application/tftp/content/folder_files.hpp"
#include "strata/7_application/tftp/server/server.hpp"
#include "tests/7_application/tftp/bench.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::tftp {

// A socket of a host, and what arrives there: "DATA 1 (512)" and so on.
class Peer {
public:
    Peer(session::Network& network, std::uint16_t port = 0)
        : state_(std::make_shared<State>(network.open_datagram({Ipv4Address{}, port}))) {
        receive(state_);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { state_->socket.close(); }
    void send(const Packet& packet, const session::Address& to) { send_bytes(serialize(packet), to); }
    void send_bytes(const std::vector<std::byte>& bytes, const session::Address& to) {
        const Bytes datagram{bytes};
        state_->socket.send_at_once({&datagram, 1}, to);
    }
    // To whoever sent something last.
    void answer(const Packet& packet) { send(packet, state_->from); }
    void acknowledge(std::uint16_t block) { answer(Acknowledgment{block}); }
    // What came since it was asked last.
    [[nodiscard]] std::string took() {
        std::string all;
        for (const std::string& one : std::exchange(state_->heard, {})) all += (all.empty() ? "" : ", ") + one;
        return all;
    }
    [[nodiscard]] const session::Address& from() const { return state_->from; }
    [[nodiscard]] std::size_t octets() const { return state_->octets; }
    [[nodiscard]] const std::string& latest_text() const { return state_->text; }
    [[nodiscard]] const OptionList& options() const { return state_->options; }
    [[nodiscard]] const Request& latest_request() const { return state_->request; }

private:
    struct State {
        explicit State(session::Datagram made) : socket(std::move(made)) {}
        session::Datagram socket;
        std::vector<std::byte> buffer = std::vector<std::byte>(70000);
        session::Address from;
        std::vector<std::string> heard;
        std::size_t octets = 0;
        std::string text;  // of an ERROR, or a block
        OptionList options;
        Request request;
    };
    static void receive(const std::shared_ptr<State>& state) {
        state->socket.async_receive_from(
            session::asio::buffer(state->buffer),
            [state](session::error_code error, std::size_t size, const session::Address& from) {
                if (error) return;
                const Bytes datagram = Bytes(state->buffer).first(size);
                state->from = from;
                state->octets += size;
                state->heard.push_back(in_short(datagram));
                const auto packet = parse(datagram);
                if (!packet) return receive(state);
                if (const auto* asked = std::get_if<Request>(&*packet)) state->request = *asked;
                if (const auto* failed = std::get_if<ErrorMessage>(&*packet)) state->text = failed->text;
                if (const auto* data = std::get_if<Data>(&*packet)) state->text = text_of(data->bytes);
                if (const auto* oack = std::get_if<OptionAcknowledgment>(&*packet)) state->options = oack->options;
                receive(state);
            });
    }
    std::shared_ptr<State> state_;
};

struct TftpServed : test::ServedFolder {
    TftpServed() {
        folder.write("hello", "hello");
        folder.write("boot/big", std::string(10000, 'b'));
    }
    ~TftpServed() override {
        serving.reset();
        lab.run_for(1s);
    }
    void serve(ServerOptions options = {}) {
        if (!files) files = std::make_shared<FolderFiles>(root);
        serving = std::make_unique<Server>(
            server.network(), files, [this](const TransferReport& report) { reports.push_back(report); }, options);
        serving->start(server.network().open_datagram({Ipv4Address{}, server_port}));
    }
    void let_write(FileRights rights) { root = *FileRoot::open(folder.path(), {.rights = rights}); }
    static Request rrq(std::string name, OptionList options = {}) {
        return {false, std::move(name), "octet", std::move(options)};
    }
    static Request wrq(std::string name, OptionList options = {}) {
        return {true, std::move(name), "octet", std::move(options)};
    }
    // What a peer gets to hear within a tenth of a second.
    std::string ask(Peer& peer, const Packet& packet) {
        peer.send(packet, at_server);
        return hear(peer);
    }
    std::string answer(Peer& peer, const Packet& packet) {
        peer.answer(packet);
        return hear(peer);
    }
    std::string hear(Peer& peer) {
        lab.run_for(100ms);
        return peer.took();
    }

    std::shared_ptr<Files> files;
    std::unique_ptr<Server> serving;
    std::vector<TransferReport> reports;
    const session::Address at_server{Ipv4Address{10, 0, 0, 2}, server_port};
};

}  // namespace strata::application::tftp
