// strata wire tap:A tap:B: a cable of ours between two TAP devices of the kernel's, with the rate,
// delay and losses of a real one.
//
//     the kernel ── tap:A ══ cable: rate, delay, loss, ... ══ tap:B ── the kernel, or another namespace's
//
// For machines whose kernel has no netem. Frames are carried whole
// and unread; nothing here knows what is in them.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <system_error>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/1_physical/device/tap.hpp"
#include "strata/5_session/runtime/real.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/wire_options.hpp"

namespace strata::cli {
namespace {

// Hands what arrives at one port to another. What the other has no room for is lost, as on a wire.
class Patch final : public physical::PortUser {
public:
    Patch(physical::Port& from, physical::Port& to) : from_(from), to_(to) { from_.attach(this); }
    Patch(const Patch&) = delete;
    Patch& operator=(const Patch&) = delete;
    ~Patch() override { from_.attach(nullptr); }

    void frames_arrived(std::span<Packet> frames) override { refused_ += frames.size() - to_.transmit(frames); }
    void port_writable() override {}
    void link_changed(bool) override {}
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

private:
    physical::Port& from_;
    physical::Port& to_;
    std::uint64_t refused_ = 0;
};

class Wire {
public:
    explicit Wire(const WireOptions& options)
        : options_(options),
          entropy_(options.seed),
          context_{runtime_.scheduler(), entropy_, pool_},
          a_(open(options.a)),
          b_(open(options.b)),
          cable_(context_, {.mtu = physical::tap_mtu_max, .a_to_b = options.way, .b_to_a = options.way}) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() { runtime_.unwatch_all(); }

    int run() {
        watch(*a_);
        watch(*b_);
        runtime_.tend(pool_);
        fmt::print("tap:{} and tap:{} are joined, each way: {} (seed {})\n", options_.a, options_.b,
                   describe(options_.way), options_.seed);
        std::fflush(stdout);
        signals_.async_wait([this](const boost::system::error_code& error, int) {
            if (!error) io_.stop();
        });
        if (options_.duration > Duration{}) {
            limit_.expires_after(options_.duration);
            limit_.async_wait([this](const boost::system::error_code& error) {
                if (!error) io_.stop();
            });
        }
        io_.run();
        print_statistics();
        return 0;
    }

private:
    // Without offload: the kernel cuts and checksums what it sends,
    // so that a frame is what a wire would carry.
    std::unique_ptr<physical::Tap> open(const std::string& name) {
        auto opened = physical::Tap::open(context_, {.name = name, .offload = false});
        if (!opened) throw std::runtime_error(physical::Tap::explain(opened.error(), name));
        // Whoever may not do that has root do it.
        (void)(*opened)->set_up(true);
        return std::move(*opened);
    }

    void watch(physical::Tap& tap) {
        runtime_.watch({.descriptor = tap.descriptor(),
                        .readable = [&tap] { return tap.on_readable(); },
                        .wants_writable = [&tap] { return tap.wants_writable(); },
                        .writable = [&tap] { tap.on_writable(); }});
    }

    static void print_way(const std::string& from, const std::string& to, const physical::CableCounters& cable,
                          std::uint64_t refused) {
        fmt::print(
            "tap:{} to tap:{}: {} frames, {} bytes; {} delivered, {} lost, {} dropped by the queue, {} doubled, "
            "{} overtaken, {} not taken\n",
            from, to, cable.cableFrames + cable.cableQueueFull, cable.cableOctets, cable.cableDelivered,
            cable.cableLost, cable.cableQueueFull, cable.cableDuplicated, cable.cableReordered, refused);
    }

    void print_statistics() const {
        const auto refused = [](const physical::Tap& tap, const Patch& patch) {
            return patch.refused() + tap.counters().deviceOutDown + tap.counters().deviceOutErrors;
        };
        print_way(options_.a, options_.b, cable_.a_to_b().counters(), refused(*b_, out_b_));
        print_way(options_.b, options_.a, cable_.b_to_a().counters(), refused(*a_, out_a_));
    }

    WireOptions options_;
    boost::asio::io_context io_{1};
    session::RealRuntime runtime_{io_};
    SeededEntropy entropy_;
    PacketPool pool_;
    Context context_;
    std::unique_ptr<physical::Tap> a_;
    std::unique_ptr<physical::Tap> b_;
    physical::Cable cable_;
    Patch in_a_{*a_, cable_.a()};
    Patch out_a_{cable_.a(), *a_};
    Patch in_b_{*b_, cable_.b()};
    Patch out_b_{cable_.b(), *b_};
    boost::asio::signal_set signals_{io_, SIGINT, SIGTERM};
    boost::asio::steady_timer limit_{io_};
};

}  // namespace

void add_wire(CLI::App& app, Action& action) {
    auto texts = std::make_shared<WireTexts>();
    CLI::App* command = app.add_subcommand(
        "wire",
        "Join two TAP devices by a cable with a rate, delay and losses, until Ctrl-C; then say what it carried.");
    command->add_option("A", texts->a, "join this: tap:NAME, made if it is not there")->type_name("TAP")->required();
    command->add_option("B", texts->b, "and this, the other end")->type_name("TAP")->required();
    command
        ->add_option("--rate", texts->rate,
                     "carry so many bits a second each way, such as 256kbit or 10Mbit (default: no limit)")
        ->type_name("RATE");
    command
        ->add_option("--delay", texts->delay,
                     "let so much time pass from the last bit sent to its arrival, such as 20ms")
        ->type_name("TIME");
    command->add_option("--jitter", texts->jitter, "let up to so much more pass, such as 5ms; the order stays")
        ->type_name("TIME");
    command->add_option("--loss", texts->loss, "lose this share of frames, such as 1%")->type_name("SHARE");
    command->add_option("--duplicate", texts->duplicate, "have this share arrive twice")->type_name("SHARE");
    command->add_option("--reorder", texts->reorder, "hold this share up for 10 ms, so that later ones overtake")
        ->type_name("SHARE");
    command->add_option("--queue", texts->queue, "let so many frames wait to be sent; more are dropped (default 256)")
        ->type_name("N");
    command
        ->add_option("--seed", texts->seed,
                     "start its chance from this (default 1): the same number gives the same fates")
        ->type_name("N");
    command->add_option("--for", texts->seconds, "end by itself after so many seconds")->type_name("SECONDS");
    command->callback([texts, &action] { action = [texts] { return Wire(parse_wire(*texts)).run(); }; });
}

}  // namespace strata::cli
