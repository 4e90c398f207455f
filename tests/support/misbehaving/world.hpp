// The world of one run: who is there, what happens, and what must
// hold. Made by run.cpp; the rules are in rules.cpp.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/5_session/runtime/virtual.hpp"
#include "strata/host/host.hpp"
#include "tests/support/digest.hpp"
#include "tests/support/misbehaving/application.hpp"
#include "tests/support/misbehaving/branches.hpp"
#include "tests/support/misbehaving/peer.hpp"
#include "tests/support/misbehaving/run.hpp"
#include "tests/support/misbehaving/witness.hpp"

namespace strata::test {

// The figures of the scene.
namespace scene {

inline constexpr MisbehavingPeer::Station host_station{MacAddress{{2, 0, 0, 0, 0, 1}}, {10, 0, 0, 1}};
inline constexpr MisbehavingPeer::Station peer_station{MacAddress{{2, 0, 0, 0, 0, 66}}, {10, 0, 0, 66}};
inline constexpr MisbehavingPeer::Station neighbour_station{MacAddress{{2, 0, 0, 0, 0, 2}}, {10, 0, 0, 2}};
inline constexpr PortNumber peer_service{80};
inline constexpr PortNumber neighbour_service{81};
inline constexpr std::uint16_t neighbour_port = 6000;

inline constexpr unsigned conversations = 6;  // downloads, uploads, echoes; half of them the host opens
inline constexpr unsigned neighbours = 2;     // a download, an upload

// The path, and what it can carry.
inline constexpr std::uint64_t bits_per_second = 10'000'000;
inline constexpr Duration delay = 10ms;  // each way
inline constexpr std::size_t queue_frames = 41;
// Of payload: the peer takes segments of 1000 octets and more.
inline constexpr double octets_per_second = bits_per_second / 8.0 * 1000 / 1514;
// Two downloads, two echoes, the neighbour's, and as much as one of them for acknowledgments.
inline constexpr unsigned flows_down = 6;
// The cable's queue full, and as many frames as TCP lets wait before it.
inline constexpr Duration round_trip_max = 170ms;
inline constexpr Duration rto_max = 2 * round_trip_max + 200ms;  // as long as it is not backed off
inline constexpr int margin = 3;                                 // progress takes at most so many times what it must

inline constexpr std::size_t buffer_max = 256u << 10;
inline constexpr Duration user_timeout = 20s;
inline constexpr Duration orphan_timeout = 20s;
inline constexpr Duration rest = 60s;  // TIME-WAIT

}  // namespace scene

class Run final : private transport::tcp::ListenerUser {
public:
    explicit Run(const Misbehaviour& misbehaviour);
    MisbehaviourOutcome run();

private:
    struct Progress {
        std::uint64_t down = 0;
        std::uint64_t up = 0;
    };

    void acceptable() override;
    void open();
    void misbehave();
    void recover();
    void leave();
    void pass(Duration duration);

    void check_always();
    void check_memory();
    void check_segments(unsigned number);
    void check_progress(const std::vector<Progress>& before);
    void check_ends(const Conversation& conversation);
    [[nodiscard]] Duration recovery_takes();
    [[nodiscard]] static bool lives(const Conversation& conversation);
    [[nodiscard]] bool recovered();
    [[nodiscard]] std::vector<Progress> progress();
    void require(bool holds, const std::string& what) {
        if (!holds) findings_.add(runtime_.now(), what);
    }
    [[nodiscard]] Application& add_application(std::string name, transport::tcp::Tcp& stack,
                                               const Application::Task& task) {
        return applications_.emplace_back(std::move(name), stack, runtime_.scheduler(), task, findings_);
    }
    [[nodiscard]] transport::tcp::Tcp& stack() { return host_->tcp(); }

    Misbehaviour misbehaviour_;
    Findings findings_;
    SeededEntropy entropy_;
    session::VirtualRuntime runtime_;
    PacketPool pool_;
    transport::tcp::ConnectionOptions connection_options_;
    std::size_t memory_max_ = 0;
    std::optional<physical::Cable> cable_;
    std::optional<Digest> digest_;
    std::optional<Witness> witness_;
    std::optional<Branches> branches_;
    std::optional<MisbehavingPeer> peer_;
    std::deque<Application> applications_;  // the host's, by conversation and for the neighbour; the neighbour's
    std::optional<host::Host> host_;
    std::optional<host::Host> neighbour_;
    std::unique_ptr<transport::tcp::Listener> for_peer_;
    std::unique_ptr<transport::tcp::Listener> for_neighbour_;
};

}  // namespace strata::test
