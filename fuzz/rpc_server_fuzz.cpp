// A whole RPC server on our own stack in virtual time, with small bounds: two clients over TCP and
// one over UDP say what the input has, with pauses, to a program and to rpcbind. Nothing that must
// be done once is done twice for the same call, no stranger changes what is registered, nobody
// holds more than the bounds, every reply is one, and in the end nothing is left.
// links: strata
#include <array>
#include <map>

#include "fuzz/support/application.hpp"
#include "strata/5_session/rpc/message/words.hpp"
#include "strata/5_session/rpc/server/server.hpp"
#include "strata/7_application/rpcbind/server/rpcbind.hpp"

using namespace strata;
using namespace strata::fuzz;

namespace {

namespace rpc = session::rpc;

constexpr std::size_t calls_max = 3;

// Procedure 1 gives its arguments back, 2 after a second, 3 fails, 4 is done once for each call, 5
// once and after a second.
class Echo final : public rpc::Program {
public:
    explicit Echo(session::Network& network) : network_(network) {}
    std::uint32_t number() const noexcept override { return 1; }
    rpc::Versions versions() const noexcept override { return {1, 1}; }
    bool is_idempotent(const rpc::Target& target) const noexcept override { return target.procedure < 4; }
    bool wants_auth_sys(const rpc::Target& target) const noexcept override { return target.procedure == 5; }
    asio::awaitable<rpc::Reply> handle(const rpc::Call& call) override {
        require(call.target.program == 1 && call.target.version == 1 && call.target.procedure != 0);
        if (call.target.procedure > 5) co_return rpc::Reply::refused(rpc::Outcome::procedure_unavailable);
        if (call.target.procedure == 3) throw std::runtime_error("it fails");
        if (call.target.procedure >= 4) ++done[std::string(text_of(call.arguments))];
        if (call.target.procedure == 2 || call.target.procedure == 5) {
            session::Timer timer = network_.make_timer();
            timer.expires_after(1s);
            co_await timer.async_wait(asio::use_awaitable);
        }
        co_return rpc::Reply::of({.head = {call.arguments.begin(), call.arguments.end()}});
    }
    std::map<std::string, std::size_t> done;

private:
    session::Network& network_;
};

rpc::ServerOptions small_bounds() {
    rpc::ServerOptions options;
    options.record = {.record_max = 600, .fragments_max = 4};
    options.connections_max = 2;
    options.calls_per_connection_max = calls_max;
    options.held_bytes_max = 2000;
    options.datagram_calls_max = calls_max;
    options.datagram_reply_max = 400;
    options.idle_timeout = 100s;
    options.record_timeout = 10s;
    options.stall_timeout = 10s;
    options.cache = {.entries_max = 8, .cached_bytes_max = 2000, .cached_reply_max = 500};
    return options;
}

// Over TCP. Reads nothing if it is not to.
struct Caller {
    Caller(session::Network& network, bool reads) {
        network.async_connect({Ipv4Address{10, 0, 0, 2}, 111},
                              [this, reads](session::error_code error, session::Stream connected) {
                                  if (error) return;
                                  stream = std::move(connected);
                                  if (reads) read();
                              });
    }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;
    void say(std::string_view bytes) {
        session::error_code ignored;
        if (stream.is_open()) (void)stream.write_now(asio::buffer(bytes), ignored);
    }
    void read() {
        stream.async_read_some(asio::buffer(buffer), [this](session::error_code error, std::size_t size) {
            for (Bytes bytes = Bytes(buffer).first(size); !bytes.empty();) {
                const auto whole = replies.feed(bytes);
                require(whole.has_value());
                if (*whole) require(rpc::parse_reply(replies.take().bytes()).has_value());
            }
            if (!error) read();
        });
    }
    session::Stream stream;
    rpc::RecordReader replies;
    std::array<std::byte, 2048> buffer{};
};

// Over UDP.
struct Sender {
    explicit Sender(session::Network& network) : socket(network.open_datagram({Ipv4Address{}, 0})) { receive(); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    void say(std::string_view bytes) {
        const Bytes datagram = bytes_of(bytes);
        socket.send_at_once({&datagram, 1}, {Ipv4Address{10, 0, 0, 2}, 111});
    }
    void receive() {
        socket.async_receive_from(asio::buffer(buffer),
                                  [this](session::error_code error, std::size_t size, const session::Address&) {
                                      if (error) return;
                                      require(size <= 400);
                                      require(rpc::parse_reply(Bytes(buffer).first(size)).has_value());
                                      ++heard;
                                      receive();
                                  });
    }
    session::Datagram socket;
    std::array<std::byte, 2048> buffer{};
    std::size_t heard = 0;
};

void serve(std::string_view input) {
    Pair pair;
    rpc::Server server(pair.server.network(), small_bounds());
    const auto program = std::make_shared<Echo>(pair.server.network());
    server.add(program);
    application::rpcbind::Registry registry;
    const auto rpcbind = std::make_shared<application::rpcbind::Rpcbind>(pair.server.network(), registry);
    server.add(rpcbind);
    require(registry.add_program(*rpcbind, {Ipv4Address{}, 111}));
    session::error_code error;
    (void)server.start({Ipv4Address{}, 111}, error);
    require(!error);
    Caller reads(pair.client.network(), true);
    Caller never_reads(pair.client.network(), false);
    Sender sender(pair.client.network());
    std::size_t said = 0;
    // A piece: who says it and after which pause, how long it is, its bytes.
    for (; input.size() >= 2; ++said) {
        const auto how = static_cast<unsigned char>(input[0]);
        const std::string_view piece = input.substr(2, static_cast<unsigned char>(input[1]));
        input.remove_prefix(2 + piece.size());
        constexpr std::array<Duration, 4> pauses{Duration{0}, 1ms, 2s, 20s};
        pair.lab.run_for(pauses.at(how >> 2u & 3u));
        if (how % 3 == 0) reads.say(piece);
        if (how % 3 == 1) sender.say(piece);
        if (how % 3 == 2) never_reads.say(piece);
        require(server.active() <= 2);
    }
    pair.lab.run_for(1h);
    require(server.active() == 0);
    require(sender.heard <= said);
    require(registry.all().size() == 6);
    const rpc::RpcServerCounters& counters = server.counters();
    require(counters.rpcOutReplies <= counters.rpcInCalls);
    server.abort();
    sender.socket.close();
    pair.lab.run_for(1s);
}

// The same call again and again, from one port: done once.
void repeat(std::string_view arguments) {
    Pair pair;
    rpc::Server server(pair.server.network(), small_bounds());
    const auto program = std::make_shared<Echo>(pair.server.network());
    server.add(program);
    session::error_code error;
    (void)server.start({Ipv4Address{}, 111}, error);
    Sender sender(pair.client.network());
    std::vector<std::byte> call;
    rpc::append_call_header(call, 7, {1, 1, 4}, {});
    const Bytes bytes = bytes_of(arguments);
    call.insert(call.end(), bytes.begin(), bytes.end());
    for (int i = 0; i < 3; ++i) {
        sender.say(text_of(call));
        pair.lab.run_for(1s);
    }
    for (const auto& [what, times] : program->done) require(times == 1);
    require(program->done.size() == 1);
    server.abort();
    sender.socket.close();
    pair.lab.run_for(1s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4096) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    serve(input);
    if (size < 200) repeat(input);
    return 0;
}
