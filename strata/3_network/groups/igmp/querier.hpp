// Querier: a router's side of IGMP on one interface: it asks who wants what, unless a router with a
// lower address does, and knows what the link wants (RFC 9776 6, 7.3).
//
//   query_arrived()     election, and timers that another querier has lowered
//   report_arrived()    what members say, by the tables of RFC 9776 6.4
//   wants()             whether a packet to the group is to be forwarded to the link
//
// It sends nothing itself: QuerierUser does. A router owns one for each interface, and hands it
// what Igmp's checks have let through.
#pragma once

#include <map>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/3_network/groups/igmp/message.hpp"
#include "strata/3_network/groups/source_filter.hpp"

namespace strata::network::igmp {

struct QuerierOptions {
    Version version = Version::v3;       // what it asks in
    unsigned robustness = 2;             // RFC 9776 8.1
    Duration query_interval = 125s;      // 8.2
    Duration response_interval = 10s;    // 8.3
    Duration last_member_interval = 1s;  // 8.8
    std::size_t groups_max = 1024;       // groups of the link; more are not known
    std::size_t group_sources_max = 64;  // of one group; where more are wanted, all are
};

class QuerierUser {
public:
    virtual ~QuerierUser() = default;
    virtual void send_query(const Query& query, std::span<const Ipv4Address> sources) = 0;
    // Something that wants() said of this group may be otherwise now.
    virtual void group_changed(Ipv4Address group) = 0;
    // Another router asks from now on, or, any(): we do.
    virtual void querier_changed(Ipv4Address other) { (void)other; }
};

class Querier {
public:
    // Asks from the beginning (8.6, 8.7). The user outlives it.
    Querier(Context context, Ipv4Address own, const QuerierOptions& options, QuerierUser& user);
    Querier(const Querier&) = delete;
    Querier& operator=(const Querier&) = delete;

    // Of another router, from its address.
    void query_arrived(const Query& query, Ipv4Address from);
    void report_arrived(const ReportView& report);
    // Of versions 1 and 2: a report, or a leave.
    void older_arrived(Type type, Ipv4Address group);

    [[nodiscard]] bool is_querier() const noexcept { return context_.scheduler.now() >= other_until_; }
    [[nodiscard]] bool wants(Ipv4Address group, Ipv4Address source) const;
    // The same, of all sources: of a group that nobody wants, nobody's.
    [[nodiscard]] SourceFilter filter_of(Ipv4Address group) const;
    [[nodiscard]] std::size_t groups() const noexcept { return groups_.size(); }
    // Groups that were not taken, since there were too many.
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
    [[nodiscard]] Duration membership_interval() const noexcept;

private:
    struct Source {
        Instant until = Instant::min();  // wanted until then; over: of an excluding group, not wanted
        unsigned queries_left = 0;
    };
    struct Group {
        bool excludes = false;
        Instant until = Instant::min();  // excludes until then
        std::map<Ipv4Address, Source> sources;
        unsigned queries_left = 0;
        Instant query_at = never;
        Instant v1_until = Instant::min();
        Instant v2_until = Instant::min();
    };
    using Sources = std::vector<Ipv4Address>;  // in order, each once

    void record_arrived(const RecordView& record);
    void apply(Group& group, RecordType type, const Sources& named);
    void include(Group& group, RecordType type, const Sources& named);
    void exclude(Group& group, RecordType type, const Sources& named);
    [[nodiscard]] bool running(const Source& source) const noexcept { return source.until > context_.scheduler.now(); }
    [[nodiscard]] Sources wanted_of(const Group& group) const;
    void ask_group(Group& group);
    void ask_sources(Group& group, const Sources& sources);
    void send_group_queries(Ipv4Address address, Group& group);
    void send_general();
    void other_gone();
    [[nodiscard]] Duration last_member_time() const noexcept;
    void due();
    void expire(Group& group);
    [[nodiscard]] Instant deadline_of(const Group& group) const noexcept;
    void arm(Instant at);

    Context context_;
    Ipv4Address own_;
    QuerierOptions options_;
    QuerierUser& user_;
    std::map<Ipv4Address, Group> groups_;
    std::uint64_t refused_ = 0;
    Ipv4Address other_;                     // who asked last of those with a lower address
    Instant other_until_ = Instant::min();  // it is present
    Instant general_at_;
    Instant looked_at_ = Instant::min();  // when due() last looked at all groups
    Instant next_at_ = never;
    unsigned startup_left_;
    Timer timer_;
};

}  // namespace strata::network::igmp
