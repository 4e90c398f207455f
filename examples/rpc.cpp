// A program of one's own over ONC RPC: a calculator, called over TCP and over UDP.
//
//     client ── call: xid, program, version, procedure, arguments ──▶ ┌────────────┐
//            ◀────────────────────────── reply: xid, results ──────── │ Calculator │
//                                                                     └────────────┘
//
//     rpc                      on our stack, in virtual time
//     rpc --loss 20 --seed 3   calls and replies are lost, and nothing is added twice
//     rpc --kernel             on the kernel's sockets
#include <cinttypes>

#include "stage.hpp"
#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/5_session/rpc/server/server.hpp"
#include "strata/6_presentation/xdr/rpc_form.hpp"

using namespace examples;
namespace rpc = strata::session::rpc;
namespace xdr = strata::presentation::xdr;

// What is said, as RFC 4506 would declare it: each type describes its fields once.
struct Division {
    std::uint64_t dividend = 0;
    std::uint64_t divisor = 0;
    static void fields(auto& codec, auto& self) { codec(self.dividend, self.divisor); }
};
// union switch (bool defined) { case TRUE: unsigned hyper quotient; case FALSE: void; };
struct Quotient {
    bool defined = false;
    std::uint64_t quotient = 0;
    static void fields(auto& codec, auto& self) {
        codec(self.defined);
        if (self.defined) codec(self.quotient);
    }
};

constexpr std::uint32_t calculator = 0x2000'0042;  // from 0x20000000 on they are one's own
enum Procedure : std::uint32_t { divide = 1, add_to_total = 2 };

class Calculator final : public rpc::Program {
public:
    std::uint32_t number() const noexcept override { return calculator; }
    rpc::Versions versions() const noexcept override { return {1, 1}; }
    // A call that comes again, since its reply was lost, must not be added again.
    bool is_idempotent(const rpc::Target& target) const noexcept override { return target.procedure == divide; }

    awaitable<rpc::Reply> handle(const rpc::Call& call) override {
        switch (call.target.procedure) {
            case divide: co_return divided(call);
            case add_to_total: co_return added(call);
            default: co_return rpc::Reply::refused(rpc::Outcome::procedure_unavailable);
        }
    }

private:
    static rpc::Reply divided(const rpc::Call& call) {
        const auto of = xdr::arguments_of<Division>(call);
        if (!of) return rpc::Reply::refused(rpc::Outcome::garbage_arguments);
        if (of->divisor == 0) return xdr::reply_of(call, Quotient{});
        return xdr::reply_of(call, Quotient{true, of->dividend / of->divisor});
    }
    rpc::Reply added(const rpc::Call& call) {
        const auto number = xdr::arguments_of<std::uint64_t>(call);
        if (!number) return rpc::Reply::refused(rpc::Outcome::garbage_arguments);
        total_ += *number;
        return xdr::reply_of(call, total_);
    }
    std::uint64_t total_ = 0;
};

awaitable<std::string> calculate(rpc::Client& client) {
    const rpc::Target to_divide{calculator, 1, divide}, to_add{calculator, 1, add_to_total};
    std::string said;
    for (const std::uint64_t divisor : {7u, 0u}) {
        const Division division{43, divisor};
        const auto result = co_await xdr::call<Quotient>(client, to_divide, division);
        said += "43 / " + std::to_string(divisor) + " = ";
        said += result.value.defined ? std::to_string(result.value.quotient) + "\n" : "undefined\n";
    }
    std::uint64_t total = 0;
    for (std::uint64_t number = 1; number <= 100; ++number) {
        const auto result = co_await xdr::call<std::uint64_t>(client, to_add, number);
        total = result.value;
    }
    said += "total " + std::to_string(total) + "\n";
    co_return said;
}

int main(int count, char** values) {
    return run_example(count, values, [](const Options& options) {
        const auto stage = set_stage(options);
        rpc::Server server(stage->server());
        server.add(std::make_shared<Calculator>());
        error_code error;
        const Address there = server.start(stage->place(700), error);
        if (error) throw boost::system::system_error(error, "serve");

        rpc::StreamClient over_tcp(stage->client(), there);
        rpc::DatagramClient over_udp(stage->client(), there);
        const std::string first = stage->play(calculate(over_tcp));
        const std::string second = stage->play(calculate(over_udp));
        std::printf("over TCP:\n%sover UDP:\n%s", first.c_str(), second.c_str());
        std::printf("%" PRIu64 " calls sent again, %" PRIu64 " answered as the first time\n",
                    over_udp.counters().rpcOutRepeated, server.counters().rpcInRepeated);
        const bool well = first.ends_with("total 5050\n") && second.ends_with("total 10100\n");
        return well ? 0 : 1;
    });
}
