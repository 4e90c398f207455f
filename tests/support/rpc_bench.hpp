// An RPC server with a program for tests, and clients that say what a test wants, byte for byte.
//
//     client 10.0.0.1 ── cable ── server 10.0.0.2, port 2049, TCP and UDP
#pragma once

#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <string>

#include "strata/5_session/rpc/message/words.hpp"
#include "strata/5_session/rpc/record/record_reader.hpp"
#include "strata/5_session/rpc/server/server.hpp"
#include "strata/lab/lab.hpp"

namespace strata::test {

namespace rpc = session::rpc;
namespace asio = session::asio;
using Octets = std::vector<std::byte>;

inline Octets words(std::initializer_list<std::uint32_t> values) {
    Octets bytes;
    for (const std::uint32_t value : values) rpc::append_word(bytes, value);
    return bytes;
}

// The procedures of BenchProgram. The first five may be done twice.
enum Procedure : std::uint32_t {
    echo = 1,     // its arguments
    late_echo,    // the same, after as many ms as its first word says
    large,        // as many bytes as its word says, by reference
    fails,        // throws
    who,          // the uid: wants AUTH_SYS
    count,        // how many times it was called
    late_count,   // the same, after 10 s
    count_fails,  // counts, and throws
    large_count,  // counts, and gives 100 kB
};

class BenchProgram final : public rpc::Program {
public:
    static constexpr std::uint32_t program_number = 0x2000'0001;
    explicit BenchProgram(session::Network& network) : network_(network) {}

    std::uint32_t number() const noexcept override { return program_number; }
    rpc::Versions versions() const noexcept override { return {2, 3}; }
    bool is_idempotent(const rpc::Target& target) const noexcept override { return target.procedure <= who; }
    bool wants_auth_sys(const rpc::Target& target) const noexcept override { return target.procedure == who; }
    asio::awaitable<rpc::Reply> handle(const rpc::Call& call) override {
        ++calls;
        switch (call.target.procedure) {
            case echo: co_return rpc::Reply::of({.head = {call.arguments.begin(), call.arguments.end()}});
            case late_echo: {
                if (call.arguments.size() < 4) co_return rpc::Reply::refused(rpc::Outcome::garbage_arguments);
                co_await wait(std::chrono::milliseconds(load_be32(call.arguments.data())));
                co_return rpc::Reply::of({.head = {call.arguments.begin(), call.arguments.end()}});
            }
            case large: {
                const auto data = std::make_shared<const std::string>(load_be32(call.arguments.data()), 'L');
                co_return rpc::Reply::of({.data = bytes_of(*data), .owner = data});
            }
            case fails: throw std::runtime_error("it fails");
            case who: co_return rpc::Reply::of({.head = words({call.credentials->uid})});
            case late_count: co_await wait(10s); break;
            case count_fails: ++counted; throw std::runtime_error("it fails");
            case large_count: ++counted; co_return rpc::Reply::of({.head = Octets(100'000)});
            case count: break;
            default: co_return rpc::Reply::refused(rpc::Outcome::procedure_unavailable);
        }
        co_return rpc::Reply::of({.head = words({++counted})});
    }

    std::uint32_t calls = 0;
    std::uint32_t counted = 0;

private:
    asio::awaitable<void> wait(Duration duration) {
        session::Timer timer = network_.make_timer();
        timer.expires_after(duration);
        co_await timer.async_wait(asio::use_awaitable);
    }
    session::Network& network_;
};

inline Octets call_message(std::uint32_t xid, std::uint32_t procedure, const Octets& arguments = {},
                           const rpc::Credentials& credentials = {}, std::uint32_t version = 2,
                           std::uint32_t program = BenchProgram::program_number) {
    Octets bytes;
    rpc::append_call_header(bytes, xid, {program, version, procedure}, credentials);
    bytes.insert(bytes.end(), arguments.begin(), arguments.end());
    return bytes;
}
inline Octets as_record(const Octets& message) {
    Octets bytes = words({0x8000'0000u | static_cast<std::uint32_t>(message.size())});
    bytes.insert(bytes.end(), message.begin(), message.end());
    return bytes;
}

// A reply as a test looks at it.
struct HeardReply {
    std::uint32_t xid = 0;
    rpc::Status status;
    Octets results;
    [[nodiscard]] std::uint32_t word() const { return results.size() == 4 ? load_be32(results.data()) : ~0u; }
};
inline HeardReply heard_reply(Bytes message) {
    const auto reply = rpc::parse_reply(message);
    if (!reply) throw std::runtime_error("what came is no reply");
    return {reply->xid, reply->status, {reply->results.begin(), reply->results.end()}};
}

struct RpcBench {
    explicit RpcBench(const rpc::ServerOptions& options = {}, std::uint64_t seed = 1,
                      const physical::CableOptions& cable_options = {})
        : lab(seed),
          cable(lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24", cable_options)),
          rpc(server.network(), options) {
        rpc.add(program);
        session::error_code error;
        (void)rpc.start(at, error);
        if (error) throw boost::system::system_error(error);
    }
    ~RpcBench() {
        rpc.abort();
        lab.run_for(1h);
    }
    const session::Address at{Ipv4Address{10, 0, 0, 2}, 2049};
    lab::VirtualLab lab;
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    physical::Cable& cable;
    std::shared_ptr<BenchProgram> program = std::make_shared<BenchProgram>(server.network());
    session::rpc::Server rpc;
};

// Says what it is told over TCP, and notes the replies, if it reads at all.
class RawStream {
public:
    explicit RawStream(RpcBench& bench, bool reads = true) : bench_(bench) {
        bench.client.network().async_connect(bench.at, [this](session::error_code error, session::Stream stream) {
            if (!error) stream_ = std::move(stream);
            ended = static_cast<bool>(error);
        });
        bench.lab.run_for(10ms);
        if (reads && stream_.is_open()) read();
    }
    RawStream(const RawStream&) = delete;
    RawStream& operator=(const RawStream&) = delete;
    ~RawStream() {
        close();
        bench_.lab.run_for(1s);
    }
    void say(const Octets& bytes) {
        for (Bytes rest = bytes; !rest.empty() && !ended;) {
            session::error_code error;
            rest = rest.subspan(stream_.write_now(asio::buffer(rest.data(), rest.size()), error));
            if (error && error != asio::error::would_block) return;
            if (error) bench_.lab.run_for(10ms);
        }
    }
    void call(const Octets& message) { say(as_record(message)); }
    // So much as can be written at once: whether it was all.
    bool say_now(const Octets& bytes) {
        session::error_code error;
        return stream_.write_now(asio::buffer(bytes), error) == bytes.size() && !error;
    }
    // The next reply, which must come in this time.
    HeardReply reply(Duration patience = 1s) {
        if (replies.empty()) bench_.lab.run_for(patience);
        if (replies.empty()) throw std::runtime_error("no reply came");
        const HeardReply first = replies.front();
        replies.pop_front();
        return first;
    }
    void close() { stream_.close(); }
    void abort() { stream_.abort(); }
    void shut_down_sending() { (void)stream_.shut_down_sending(); }
    void read() {
        stream_.async_read_some(asio::buffer(buffer_), [this](session::error_code error, std::size_t size) {
            Bytes bytes = Bytes(buffer_).first(size);
            while (!bytes.empty()) {
                if (reader_.feed(bytes).value()) replies.push_back(heard_reply(reader_.take().bytes()));
            }
            if (!error) return read();
            ended = true;
            end = error;
        });
    }

    std::deque<HeardReply> replies;
    bool ended = false;
    session::error_code end;

private:
    RpcBench& bench_;
    session::Stream stream_;
    Octets buffer_ = Octets(70000);
    rpc::RecordReader reader_{{.record_max = 16 << 20}};
};

// The same over UDP.
class RawDatagrams {
public:
    explicit RawDatagrams(RpcBench& bench)
        : bench_(bench), socket_(bench.client.network().open_datagram({Ipv4Address{}, 0})) {
        receive();
    }
    RawDatagrams(const RawDatagrams&) = delete;
    RawDatagrams& operator=(const RawDatagrams&) = delete;
    ~RawDatagrams() {
        socket_.close();
        bench_.lab.run_for(1s);
    }
    void call(const Octets& message) {
        const Bytes datagram = message;
        socket_.send_at_once({&datagram, 1}, bench_.at);
    }
    HeardReply reply(Duration patience = 1s) {
        if (replies.empty()) bench_.lab.run_for(patience);
        if (replies.empty()) throw std::runtime_error("no reply came");
        const HeardReply first = replies.front();
        replies.pop_front();
        return first;
    }
    std::deque<HeardReply> replies;

private:
    void receive() {
        socket_.async_receive_from(asio::buffer(buffer_),
                                   [this](session::error_code error, std::size_t size, const session::Address&) {
                                       if (error) return;
                                       replies.push_back(heard_reply(Bytes(buffer_).first(size)));
                                       receive();
                                   });
    }
    RpcBench& bench_;
    session::Datagram socket_;
    Octets buffer_ = Octets(70000);
};

}  // namespace strata::test
