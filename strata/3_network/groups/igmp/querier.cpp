#include "strata/3_network/groups/igmp/querier.hpp"

#include <algorithm>

namespace strata::network::igmp {

Querier::Querier(Context context, Ipv4Address own, const QuerierOptions& options, QuerierUser& user)
    : context_(context),
      own_(own),
      options_(options),
      user_(user),
      general_at_(context.scheduler.now()),
      startup_left_(options.robustness),
      timer_([this] { due(); }) {
    arm(general_at_);
}

Duration Querier::membership_interval() const noexcept {
    return options_.robustness * options_.query_interval + options_.response_interval;  // RFC 9776 8.4
}

Duration Querier::last_member_time() const noexcept { return options_.robustness * options_.last_member_interval; }

bool Querier::wants(Ipv4Address address, Ipv4Address source) const {
    const auto group = groups_.find(address);
    if (group == groups_.end()) return false;
    const auto found = group->second.sources.find(source);
    return found == group->second.sources.end() ? group->second.excludes : running(found->second);
}

Querier::Sources Querier::wanted_of(const Group& group) const {
    Sources wanted;
    for (const auto& [address, source] : group.sources) {
        if (running(source)) wanted.push_back(address);
    }
    return wanted;
}

SourceFilter Querier::filter_of(Ipv4Address address) const {
    const auto found = groups_.find(address);
    if (found == groups_.end()) return {};
    const Group& group = found->second;
    network::Sources listed;
    for (const auto& [source, state] : group.sources) {
        if (running(state) != group.excludes) listed.emplace_back(source);
    }
    return {group.excludes ? FilterMode::exclude : FilterMode::include, std::move(listed)};
}

// --- other routers

// 6.6.2: the lowest address asks. 6.6.1: a querier's question lowers everybody's timers.
void Querier::query_arrived(const Query& query, Ipv4Address from) {
    const Instant now = context_.scheduler.now();
    if (from.is_any() || from >= own_) return;
    const bool another = is_querier() || other_ != from;
    other_ = from;
    other_until_ = now + options_.robustness * options_.query_interval + options_.response_interval / 2;  // 8.5
    const auto found = groups_.find(query.group);
    if (found != groups_.end() && !query.suppress) {
        Group& group = found->second;
        const Instant latest = now + last_member_time();
        if (query.sources.empty()) group.until = std::min(group.until, latest);
        for (std::size_t i = 0; i < query.sources.size(); ++i) {
            const auto source = group.sources.find(query.sources[i]);
            if (source != group.sources.end()) source->second.until = std::min(source->second.until, latest);
        }
        arm(deadline_of(group));
    }
    arm(other_until_);
    if (another) user_.querier_changed(from);
}

void Querier::other_gone() {
    other_ = {};
    user_.querier_changed({});
}

// --- members

void Querier::report_arrived(const ReportView& report) {
    report.for_each([this](const RecordView& record) { record_arrived(record); });
}

// 7.3.2: what an older host says, in version 3's terms.
void Querier::older_arrived(Type type, Ipv4Address group) {
    const bool leaves = type == Type::leave;
    record_arrived({leaves ? RecordType::change_to_include : RecordType::mode_is_exclude, group, {}});
    const auto found = groups_.find(group);
    if (found != groups_.end() && !leaves) {
        const Instant present = context_.scheduler.now() + membership_interval();  // 8.13
        (type == Type::report_v1 ? found->second.v1_until : found->second.v2_until) = present;
    }
}

void Querier::record_arrived(const RecordView& record) {
    const bool known_type = record.type >= RecordType::mode_is_include && record.type <= RecordType::block_old_sources;
    if (!known_type || !record.group.is_multicast() || record.group == all_hosts) return;
    const auto found = groups_.find(record.group);
    if (found == groups_.end() && groups_.size() >= options_.groups_max) {
        ++refused_;
        return;
    }
    Group& group = found == groups_.end() ? groups_[record.group] : found->second;
    Sources named;
    for (std::size_t i = 0; i < record.sources.size(); ++i) named.push_back(record.sources[i]);
    std::ranges::sort(named);
    const auto repeated = std::ranges::unique(named);
    named.erase(repeated.begin(), repeated.end());
    apply(group, record.type, named);
    arm(deadline_of(group));
    user_.group_changed(record.group);
    if (!group.excludes && group.sources.empty()) groups_.erase(record.group);
}

void Querier::apply(Group& group, RecordType type, const Sources& named) {
    const Instant now = context_.scheduler.now();
    const bool v1 = group.v1_until > now;
    const bool older = v1 || group.v2_until > now;
    if (older && type == RecordType::block_old_sources) return;  // 7.3.2
    if (v1 && type == RecordType::change_to_include) return;
    const bool all = older && type == RecordType::change_to_exclude;
    if (group.excludes) {
        exclude(group, type, all ? Sources{} : named);
    } else {
        include(group, type, all ? Sources{} : named);
    }
    if (group.sources.size() <= options_.group_sources_max) return;
    group.sources.clear();
    if (!group.excludes) group.until = now + membership_interval();
    group.excludes = true;
}

// 6.4.1, 6.4.2, the rows of INCLUDE (A).
void Querier::include(Group& group, RecordType type, const Sources& named) {
    const Instant until = context_.scheduler.now() + membership_interval();
    const auto is_named = [&](Ipv4Address source) { return std::ranges::binary_search(named, source); };
    Sources asked = wanted_of(group);
    switch (type) {
        case RecordType::mode_is_include:
        case RecordType::allow_new_sources:
        case RecordType::change_to_include:
            for (const Ipv4Address source : named) group.sources[source].until = until;
            std::erase_if(asked, is_named);
            if (type == RecordType::change_to_include) ask_sources(group, asked);
            return;
        case RecordType::mode_is_exclude:
        case RecordType::change_to_exclude:
            std::erase_if(group.sources, [&](const auto& entry) { return !is_named(entry.first); });
            for (const Ipv4Address source : named) group.sources.try_emplace(source);
            group.excludes = true;
            group.until = until;
            if (type == RecordType::mode_is_exclude) return;
            break;
        case RecordType::block_old_sources: break;
    }
    std::erase_if(asked, [&](Ipv4Address source) { return !is_named(source); });
    ask_sources(group, asked);
}

// The rows of EXCLUDE (X, Y): X are those with a timer that runs, Y the others.
void Querier::exclude(Group& group, RecordType type, const Sources& named) {
    const Instant until = context_.scheduler.now() + membership_interval();
    const auto is_named = [&](Ipv4Address source) { return std::ranges::binary_search(named, source); };
    if (type == RecordType::mode_is_include || type == RecordType::allow_new_sources ||
        type == RecordType::change_to_include) {
        Sources asked = wanted_of(group);
        for (const Ipv4Address source : named) group.sources[source].until = until;
        if (type != RecordType::change_to_include) return;
        std::erase_if(asked, is_named);
        ask_sources(group, asked);
        return ask_group(group);
    }
    const Instant of_new = type == RecordType::mode_is_exclude ? until : group.until;
    for (const Ipv4Address source : named) group.sources.try_emplace(source, Source{.until = of_new});
    if (type != RecordType::block_old_sources) {
        std::erase_if(group.sources, [&](const auto& entry) { return !is_named(entry.first); });
        group.until = until;
    }
    if (type == RecordType::mode_is_exclude) return;
    Sources asked = wanted_of(group);
    std::erase_if(asked, [&](Ipv4Address source) { return !is_named(source); });
    ask_sources(group, asked);
}

// --- questions about one group (6.6.3)

void Querier::ask_group(Group& group) {
    if (!is_querier() || group.queries_left > 0) return;  // it is being asked about already
    const Instant now = context_.scheduler.now();
    group.until = std::min(group.until, now + last_member_time());
    group.queries_left = options_.robustness;
    group.query_at = now;
}

void Querier::ask_sources(Group& group, const Sources& sources) {
    if (!is_querier() || options_.version != Version::v3) return;
    const Instant now = context_.scheduler.now();
    for (const Ipv4Address address : sources) {
        Source& source = group.sources[address];
        if (source.queries_left > 0) continue;
        source.until = std::min(source.until, now + last_member_time());
        source.queries_left = options_.robustness;
        group.query_at = now;
    }
}

// Who has been heard since is not to be forgotten by other routers: S says so.
void Querier::send_group_queries(Ipv4Address address, Group& group) {
    const Instant now = context_.scheduler.now();
    const Instant soon = now + last_member_time();
    const auto send = [&](bool suppress, const Sources& sources) {
        user_.send_query({.version = options_.version,
                          .group = address,
                          .max_response = options_.last_member_interval,
                          .suppress = suppress,
                          .robustness = static_cast<std::uint8_t>(std::min(options_.robustness, 8u)),
                          .interval = options_.query_interval},
                         sources);
    };
    bool more = false;
    if (group.queries_left > 0) {
        more = --group.queries_left > 0;
        send(group.until > soon, {});
    }
    Sources heard, unheard;
    for (auto& [name, source] : group.sources) {
        if (source.queries_left == 0) continue;
        more = --source.queries_left > 0 || more;
        (source.until > soon ? heard : unheard).push_back(name);
    }
    if (!heard.empty()) send(true, heard);
    if (!unheard.empty()) send(false, unheard);
    group.query_at = more ? now + options_.last_member_interval : never;
}

void Querier::send_general() {
    user_.send_query({.version = options_.version,
                      .max_response = options_.response_interval,
                      .robustness = static_cast<std::uint8_t>(std::min(options_.robustness, 8u)),
                      .interval = options_.query_interval},
                     {});
    if (startup_left_ > 0) --startup_left_;
    const Duration next = startup_left_ > 0 ? options_.query_interval / 4 : options_.query_interval;  // 8.6, 8.7
    general_at_ = context_.scheduler.now() + next;
}

// --- time

void Querier::due() {
    const Instant now = context_.scheduler.now();
    looked_at_ = now;
    next_at_ = never;
    if (is_querier() && !other_.is_any()) other_gone();
    if (is_querier() && general_at_ <= now) send_general();
    for (auto entry = groups_.begin(); entry != groups_.end();) {
        auto& [address, group] = *entry;
        if (group.query_at <= now) send_group_queries(address, group);
        expire(group);
        user_.group_changed(address);
        next_at_ = std::min(next_at_, deadline_of(group));
        entry = !group.excludes && group.sources.empty() ? groups_.erase(entry) : std::next(entry);
    }
    arm(is_querier() ? general_at_ : std::max(general_at_, other_until_));
}

// 6.5, 6.2.3: when nobody excludes any more, what is wanted is included.
void Querier::expire(Group& group) {
    if (group.excludes && group.until <= context_.scheduler.now()) group.excludes = false;
    if (group.excludes) return;
    std::erase_if(group.sources, [this](const auto& entry) { return !running(entry.second); });
}

Instant Querier::deadline_of(const Group& group) const noexcept {
    Instant next = group.excludes ? std::min(group.query_at, group.until) : group.query_at;
    for (const auto& [name, source] : group.sources) {
        if (running(source)) next = std::min(next, source.until);
    }
    return next;
}

// Looking at all groups takes its time, so it is not done more often than each tick.
void Querier::arm(Instant at) {
    constexpr Duration tick = 10ms;
    next_at_ = std::min(next_at_, at);
    context_.scheduler.arm(timer_, std::max(next_at_, saturating_add(looked_at_, tick)));
}

}  // namespace strata::network::igmp
