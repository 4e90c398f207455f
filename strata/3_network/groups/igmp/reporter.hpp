// Reporter: a host's side of IGMP on one interface: what it has joined is told to the routers of
// the link when it changes and when they ask (RFC 9776 5), in the version that the oldest querier
// heard understands (RFC 9776 7.2).
//
//   changed()         state-change reports, repeated as often as the robustness says
//   query_arrived()   answers after a random delay, merged with those that wait already
//   report_heard()    versions 1 and 2: another member's report is as good as ours
//
// Owned by Igmp.
#pragma once

#include <map>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/3_network/groups/igmp/message.hpp"
#include "strata/3_network/interfaces/interface.hpp"

namespace strata::network {

struct IgmpOptions {
    igmp::Version version_max = igmp::Version::v3;
    std::uint8_t robustness = 2;             // RFC 9776 8.1, until a querier says its own
    Duration query_interval = 125s;          // 8.2, likewise
    Duration unsolicited_interval = 1s;      // 8.11
    Duration unsolicited_interval_v2 = 10s;  // RFC 2236 8.10
    Duration response_min = 100ms;           // between an answer and the next, however often we are asked
    std::size_t noted_max = 64;     // sources of one group that were asked about, or changed: with more, all are told
    std::size_t pending_max = 256;  // groups that have something to tell
};

namespace igmp {

class ReporterUser {
public:
    virtual ~ReporterUser() = default;
    // A report, or a leave.
    virtual void send(const Interface& interface, Type type, Ipv4Address to, Bytes message) = 0;
    virtual void suppressed() = 0;
    virtual void overflowed() = 0;
};

class Reporter {
public:
    // All outlive it.
    Reporter(Context context, const Interface& interface, const IgmpOptions& options, ReporterUser& user);
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;

    [[nodiscard]] Version version() const noexcept { return version_; }
    // The interface's filter for this group was `before`.
    void changed(Ipv4Address group, const SourceFilter& before);
    // False: it is about a group that is not joined.
    bool query_arrived(const Query& query);
    void report_heard(Ipv4Address group);
    void link_changed(bool up);
    // Tells everything anew, as if it were joined just now.
    void announce();
    [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }

private:
    // What is to be told of one group.
    struct Pending {
        unsigned mode_left = 0;                        // so many more reports of the filter's mode
        std::map<Ipv4Address, unsigned> sources_left;  // of these sources, allowed or blocked
        Instant repeat_at = never;
        Instant respond_at = never;
        std::vector<Ipv4Address> asked;  // of the answer; none: of all sources
        [[nodiscard]] bool repeats() const noexcept { return mode_left > 0 || !sources_left.empty(); }
        [[nodiscard]] bool is_over() const noexcept { return repeat_at == never && respond_at == never; }
    };

    // reporter.cpp: when
    [[nodiscard]] bool joined(Ipv4Address group) const noexcept;
    [[nodiscard]] Pending* pending_of(Ipv4Address group);
    [[nodiscard]] Instant within(Duration longest);
    [[nodiscard]] Instant answer_within(Duration longest);
    [[nodiscard]] Duration unsolicited_interval() const noexcept;
    void heard_querier(const Query& query);
    void update_version();
    void forget_all();
    void answer_later(const Query& query);
    void answer_group_later(Ipv4Address group, const Query& query, Instant at);
    void due();
    void arm();

    // reports.cpp: what
    void note_change(Pending& pending, const SourceFilter& before, const SourceFilter& after) const;
    void tell_change(Ipv4Address group, Pending& pending);
    void collect_change(Ipv4Address group, Pending& pending, std::vector<Record>& records) const;
    void collect_answer(Ipv4Address group, const Pending& pending, std::vector<Record>& records) const;
    void collect_all(std::vector<Record>& records) const;
    void report(std::span<const Record> records);
    void report_old(Ipv4Address group);

    Context context_;
    const Interface& interface_;
    const IgmpOptions& options_;
    ReporterUser& user_;
    Version version_;
    std::uint8_t robustness_;
    Duration query_interval_;
    Instant v1_until_ = Instant::min();
    Instant v2_until_ = Instant::min();
    Instant answer_all_at_ = never;
    Instant answers_from_ = Instant::min();  // none sooner
    std::map<Ipv4Address, Pending> pending_;
    Timer timer_;
};

}  // namespace igmp
}  // namespace strata::network
