// What must hold, whatever the peer does.
#include <algorithm>
#include <cmath>

#include "tests/support/misbehaving/world.hpp"

namespace strata::test {

using namespace scene;  // NOLINT(google-build-using-namespace): figures

namespace {

double rate(double octets, Duration each) { return octets / seconds_of(each); }

// What a flow must get: its share of the bottleneck, or the initial window (RFC 6928) each round
// trip where that is less, since one that began among others grows to its share slowly. A loss
// costs it a timeout and two round trips besides.
double share(double loss) {
    const double fair = std::min(octets_per_second / flows_down, rate(10 * 1000, round_trip_max));
    if (loss <= 0) return fair;
    const double between = 1000 / loss;  // octets, from one loss to the next
    return between / (between / fair + seconds_of(rto_max + 2 * round_trip_max));
}

// Octets a second that a habit lets through, at least.
double permitted(Permits permits, Duration pause, bool down, double loss) {
    const Duration backed_off = std::max(rto_max, 2 * pause);
    switch (permits) {
        case Permits::everything:
            return down ? share(loss)
                        : rate(tcp::ControlBlock::buffer_floor, round_trip_max + Conversation::tick_interval);
        case Permits::a_little: return rate(2 * 1000, round_trip_max);
        case Permits::pieces: return rate(1000, pause + backed_off + round_trip_max);
        case Permits::octets:
            return down ? rate(1, rto_max + round_trip_max) : rate(Conversation::small_payloads, round_trip_max);
        case Permits::nothing: return 0;
    }
    return 0;
}

}  // namespace

// -------------------------------------------------------------------------------------------- what must hold all along

void Run::check_always() {
    if (findings_.count() > Findings::kept_max) return;
    check_memory();
    for (unsigned number = 0; number < conversations; ++number) check_segments(number);
}

void Run::check_memory() {
    constexpr std::size_t floor = tcp::ControlBlock::buffer_floor;
    std::size_t held = 0;
    stack().for_each_connection([&](const tcp::Connection& connection) {
        const tcp::ControlBlock& block = connection.status();
        held += block.send_buffer.held() + block.receive_held();
        require(block.send_buffer.size() <= buffer_max, "a send buffer holds more than it may");
        require(block.receive_buffer.size() <= buffer_max + floor, "a receive buffer holds more than it may");
        require(block.receive_held() <= 2 * buffer_max + buffer_max / 4 + 2 * floor,
                "reassembly pins more than it may");
        require(block.reassembly.ranges() <= block.options->reassembly_ranges_max, "too many ranges out of order");
    });
    require(held == stack().memory_used(), "memory_used() is not what the buffers hold");
    require(held <= memory_max_ + 2 * floor * (conversations + neighbours),
            "the buffers hold " + std::to_string(held) + " bytes, of " + std::to_string(memory_max_));
}

// No more segments for nothing than
//  - an acknowledgment for each segment of the peer's that asks for one, a window update for two
//    segments read, and what a pace allows to segments that ask nothing (one in 500 ms, RFC 5961
//    10) or a timer makes (keepalive, delayed acknowledgment);
//  - twice the payload in full segments, one repeated for each segment
//    of the peer's, and what timers send;
//  - one octet beyond the window for each time that the peer takes
//    something of it back, and the persist timer's.
void Run::check_segments(unsigned number) {
    const Ledger& ledger = witness_->ledger(number);
    const double seconds = seconds_of(runtime_.now().time_since_epoch());
    const auto asks = static_cast<double>(ledger.asks);
    const double updates = static_cast<double>(applications_.at(number).read()) / 2000;
    const auto acknowledgments = static_cast<double>(ledger.acknowledgments);
    require(acknowledgments <= asks + updates + 3 * seconds + 10,
            "conversation " + std::to_string(number) + ": " + std::to_string(ledger.acknowledgments) +
                " acknowledgments for " + std::to_string(ledger.asks) + " segments");
    const double full = static_cast<double>(ledger.new_octets) / 900;
    require(
        static_cast<double>(ledger.payloads) <= 2 * full + static_cast<double>(ledger.peer_segments) + 5 * seconds + 10,
        "conversation " + std::to_string(number) + ": " + std::to_string(ledger.payloads) + " segments for " +
            std::to_string(ledger.new_octets) + " octets");
    require(static_cast<double>(ledger.probes) <= static_cast<double>(ledger.taken_back) + 5 * seconds + 10,
            "conversation " + std::to_string(number) + ": " + std::to_string(ledger.probes) + " probes of its window");
}

// ------------------------------------------------------------------------------------------------ progress

std::vector<Run::Progress> Run::progress() {
    std::vector<Progress> now;
    for (const Conversation& conversation : peer_->conversations())
        now.push_back({conversation.received(), applications_.at(conversation.number()).read()});
    const Application& upload = applications_.at(conversations + 1);
    const Application& download = applications_.at(conversations + neighbours);
    now.push_back({download.read(), upload.read()});
    return now;
}

// In the time that has passed each direction must have brought a third
// of what the habit lets through; the neighbour, whose habits are good,
// a third of its share of the bottleneck, and never nothing for long.
void Run::check_progress(const std::vector<Progress>& before) {
    const std::vector<Progress> now = progress();
    const double seconds = seconds_of(misbehaviour_.lasts);
    const double loss = cable_->a_to_b().options().loss;
    const auto at_least = [&](const std::string& who, std::uint64_t octets, double a_second) {
        const double due = a_second * seconds / margin;
        require(static_cast<double>(octets) >= std::floor(due),
                who + ": " + std::to_string(octets) + " octets, and at least " + std::to_string(due) + " were due");
    };
    if (misbehaviour_.habit) {
        const HabitFacts& facts = facts_of(*misbehaviour_.habit);
        for (const Conversation& conversation : peer_->conversations()) {
            const unsigned number = conversation.number();
            const std::string who = "conversation " + std::to_string(number);
            double down = permitted(facts.down, facts.pause, true, loss);
            const double up = permitted(facts.up, facts.pause, false, loss);
            if (conversation.role() == Role::echo) down = std::min(down, up);
            if (conversation.role() != Role::upload)
                at_least(who + ", down", now[number].down - before[number].down, down);
            if (conversation.role() == Role::upload) at_least(who + ", up", now[number].up - before[number].up, up);
        }
    }
    at_least("the neighbour, down", now.back().down - before.back().down, share(loss));
    at_least("the neighbour, up", now.back().up - before.back().up, share(loss));
    for (const unsigned reader : {conversations + 1, conversations + neighbours}) {
        const Duration silence = applications_.at(reader).silence_max();
        require(silence <= margin * (rto_max + round_trip_max),
                applications_.at(reader).name() + " heard nothing for " + std::to_string(seconds_of(silence)) + " s");
    }
}

bool Run::lives(const Conversation& conversation) {
    return conversation.opened() && !conversation.resetting() && !conversation.vanished();
}

// What may wait, a buffer a connection, at the bottleneck's rate; the timeouts as they have been
// backed off so far; and the peer's own.
Duration Run::recovery_takes() {
    double waiting = 0;
    Duration timeout = rto_max;
    for (const Application& application : applications_) waiting += application.over() ? 0.0 : double{buffer_max};
    stack().for_each_connection([&](const tcp::Connection& connection) {
        timeout = std::max(timeout, connection.status().rtt.rto());
        if (connection.next_deadline() != never)
            timeout = std::max(timeout, std::min(connection.next_deadline() - runtime_.now(), Duration{60s}));
    });
    return saturating_seconds(waiting / octets_per_second) + timeout + round_trip_max + Conversation::repeat_interval;
}

bool Run::recovered() {
    for (const Conversation& conversation : peer_->conversations()) {
        if (lives(conversation) && !conversation.over()) return false;
    }
    return std::ranges::all_of(applications_.begin() + conversations, applications_.end(),
                               [](const Application& application) { return application.over(); });
}

void Run::check_ends(const Conversation& conversation) {
    const Application& application = applications_.at(conversation.number());
    if (!lives(conversation)) return;
    require(!conversation.was_reset(), application.name() + " was reset by the host");
    require(conversation.over(), application.name() + " is not over in time: the peer has " +
                                     std::to_string(conversation.received()) + " of " +
                                     std::to_string(application.written()) + " octets, the application " +
                                     std::to_string(application.read()) + " of " + std::to_string(conversation.sent()));
    if (!conversation.over()) return;
    require(conversation.received() == application.written(), application.name() + ": not all that was written came");
    require(conversation.sent() == application.read(), application.name() + ": not all that was sent was read");
    require(!application.error(), application.name() + ": " + application.error().message());
}

}  // namespace strata::test
