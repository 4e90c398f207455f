// When a host reports, and in which version.
#include "strata/3_network/groups/igmp/reporter.hpp"

#include <algorithm>

namespace strata::network::igmp {

Reporter::Reporter(Context context, const Interface& interface, const IgmpOptions& options, ReporterUser& user)
    : context_(context),
      interface_(interface),
      options_(options),
      user_(user),
      version_(options.version_max),
      robustness_(options.robustness),
      query_interval_(options.query_interval),
      timer_([this] { due(); }) {}

// RFC 9776 5: of the all-hosts group nobody is ever told.
bool Reporter::joined(Ipv4Address group) const noexcept {
    return group != all_hosts && interface_.groups().joined(group);
}

// Null if too many groups have something to tell.
Reporter::Pending* Reporter::pending_of(Ipv4Address group) {
    const auto found = pending_.find(group);
    if (found != pending_.end()) return &found->second;
    return pending_.size() < options_.pending_max ? &pending_[group] : nullptr;
}

Instant Reporter::within(Duration longest) {
    const auto span = static_cast<std::uint64_t>(std::max<Duration::rep>(longest.count(), 0));
    return saturating_add(context_.scheduler.now(), Duration{static_cast<Duration::rep>(context_.entropy.below(span))});
}

// A flood of queries that want their answers soon must not get as many.
Instant Reporter::answer_within(Duration longest) { return std::max(within(longest), answers_from_); }

Duration Reporter::unsolicited_interval() const noexcept {
    return version_ == Version::v3 ? options_.unsolicited_interval : options_.unsolicited_interval_v2;
}

// --- changes

void Reporter::changed(Ipv4Address group, const SourceFilter& before) {
    const SourceFilter& after = interface_.groups().filter_of(group);
    if (group == all_hosts || after == before || !interface_.link().link_up()) return;
    update_version();
    if (version_ != Version::v3 && after.admits_nobody() == before.admits_nobody()) return;
    Pending once;
    Pending* pending = pending_of(group);
    if (pending == nullptr) {
        user_.overflowed();
        pending = &once;
    }
    note_change(*pending, before, after);
    tell_change(group, *pending);
    if (pending != &once && pending->is_over()) pending_.erase(group);
    arm();
}

void Reporter::announce() {
    if (!interface_.link().link_up()) return;
    update_version();
    const Instant now = context_.scheduler.now();
    interface_.groups().for_each([&](const IpAddress& group, const SourceFilter&) {
        if (!group.is_v4() || group.v4() == all_hosts) return;
        Pending* pending = pending_of(group.v4());
        if (pending == nullptr) return user_.overflowed();
        pending->mode_left = robustness_;
        pending->repeat_at = now;
    });
    due();
}

// Whoever asked before is not there any more, and what the next link's queriers speak is not known.
void Reporter::link_changed(bool up) {
    forget_all();
    v1_until_ = v2_until_ = Instant::min();
    robustness_ = options_.robustness;
    query_interval_ = options_.query_interval;
    update_version();
    if (up) announce();
}

void Reporter::forget_all() {
    pending_.clear();
    answer_all_at_ = never;
    arm();
}

// --- versions

// RFC 9776 7.2.1: general queries tell the version; 4.1.6, 4.1.7: and the querier's variables.
void Reporter::heard_querier(const Query& query) {
    if (query.version == Version::v3) {
        robustness_ = query.robustness != 0 ? query.robustness : options_.robustness;
        query_interval_ = query.interval != Duration{} ? query.interval : options_.query_interval;
    } else if (query.group.is_any()) {
        const Duration present = robustness_ * query_interval_ + Duration{10s};  // 8.12
        (query.version == Version::v1 ? v1_until_ : v2_until_) = saturating_add(context_.scheduler.now(), present);
    }
    update_version();
}

void Reporter::update_version() {
    const Instant now = context_.scheduler.now();
    const Version oldest = now < v1_until_ ? Version::v1 : now < v2_until_ ? Version::v2 : Version::v3;
    const Version spoken = std::min(oldest, options_.version_max);
    if (std::exchange(version_, spoken) != spoken) forget_all();  // 7.2.1
}

// --- queries

bool Reporter::query_arrived(const Query& query) {
    heard_querier(query);
    if (!query.group.is_any() && !joined(query.group)) return false;
    answer_later(query);
    arm();
    return true;
}

void Reporter::answer_later(const Query& query) {
    const Duration longest = std::max(query.max_response, options_.response_min);
    if (version_ == Version::v3) {
        const Instant at = answer_within(longest);
        if (answer_all_at_ <= at) return;  // 5.2 rule 1
        if (query.group.is_any()) {
            answer_all_at_ = at;  // rule 2
        } else {
            answer_group_later(query.group, query, at);
        }
        return;
    }
    // RFC 2236 3: each group by itself; a timer that ends within the time is left alone.
    const Instant latest = saturating_add(context_.scheduler.now(), longest);
    interface_.groups().for_each([&](const IpAddress& group, const SourceFilter&) {
        if (!group.is_v4() || !joined(group.v4())) return;
        if (!query.group.is_any() && query.group != group.v4()) return;
        Pending* pending = pending_of(group.v4());
        if (pending == nullptr) return user_.overflowed();
        if (pending->respond_at > latest) pending->respond_at = answer_within(longest);
    });
}

// Rules 3 to 5. With more sources than we remember the answer is about all of them, which says more
// than was asked for and nothing wrong.
void Reporter::answer_group_later(Ipv4Address group, const Query& query, Instant at) {
    Pending* pending = pending_of(group);
    if (pending == nullptr) {
        answer_all_at_ = std::min(answer_all_at_, at);
        return;
    }
    const bool of_all = pending->respond_at != never && pending->asked.empty();
    pending->respond_at = std::min(pending->respond_at, at);
    if (of_all || query.sources.empty() || query.sources.size() > options_.noted_max) {
        pending->asked.clear();
        return;
    }
    for (std::size_t i = 0; i < query.sources.size(); ++i) {
        if (std::ranges::find(pending->asked, query.sources[i]) == pending->asked.end()) {
            pending->asked.push_back(query.sources[i]);
        }
    }
    if (pending->asked.size() > options_.noted_max) pending->asked.clear();
}

// RFC 2236 3: another member has answered.
void Reporter::report_heard(Ipv4Address group) {
    update_version();
    const auto found = pending_.find(group);
    if (version_ == Version::v3 || found == pending_.end() || !joined(group)) return;
    pending_.erase(found);
    user_.suppressed();
    arm();
}

// --- time

void Reporter::due() {
    update_version();
    const Instant now = context_.scheduler.now();
    std::vector<Record> records;
    for (auto entry = pending_.begin(); entry != pending_.end();) {
        auto& [group, pending] = *entry;
        if (pending.repeat_at <= now) collect_change(group, pending, records);
        if (pending.respond_at <= now) {
            collect_answer(group, pending, records);
            pending.respond_at = never;
            pending.asked.clear();
            answers_from_ = saturating_add(now, options_.response_min);
        }
        if (pending.repeat_at <= now) {
            pending.repeat_at = pending.repeats() ? within(unsolicited_interval()) : never;
        }
        entry = pending.is_over() ? pending_.erase(entry) : std::next(entry);
    }
    if (answer_all_at_ <= now) {
        answer_all_at_ = never;
        answers_from_ = saturating_add(now, options_.response_min);
        collect_all(records);
    }
    report(records);
    arm();
}

void Reporter::arm() {
    Instant next = answer_all_at_;
    for (const auto& [group, pending] : pending_) next = std::min({next, pending.repeat_at, pending.respond_at});
    const Instant now = context_.scheduler.now();
    for (const Instant until : {v1_until_, v2_until_}) {
        if (until > now) next = std::min(next, until);
    }
    context_.scheduler.arm(timer_, next);
}

}  // namespace strata::network::igmp
