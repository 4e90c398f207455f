// What a host reports (RFC 9776 5.1, 5.2; RFC 2236 3).
#include <algorithm>

#include "strata/3_network/groups/igmp/reporter.hpp"

namespace strata::network::igmp {
namespace {

std::vector<Ipv4Address> v4_sources(const SourceFilter& filter) {
    std::vector<Ipv4Address> sources;
    for (const IpAddress& source : filter.sources()) sources.push_back(source.v4());
    return sources;
}

}  // namespace

// 5.1: another mode is told as a whole; other sources each by itself, unless they are so many that
// the whole is shorter.
void Reporter::note_change(Pending& pending, const SourceFilter& before, const SourceFilter& after) const {
    if (version_ != Version::v3) {
        pending.mode_left = after.admits_nobody() ? 1 : robustness_;  // RFC 2236 3: a leave is not repeated
        return;
    }
    if (before.mode() != after.mode()) {
        pending.mode_left = robustness_;
        return;
    }
    for (const SourceFilter* filter : {&before, &after}) {
        const SourceFilter& other = filter == &before ? after : before;
        for (const IpAddress& source : filter->sources()) {
            if (!other.lists(source)) pending.sources_left[source.v4()] = robustness_;
        }
    }
    if (pending.sources_left.size() > options_.noted_max) {
        pending.sources_left.clear();
        pending.mode_left = robustness_;
    }
}

void Reporter::tell_change(Ipv4Address group, Pending& pending) {
    std::vector<Record> records;
    collect_change(group, pending, records);
    report(records);
    pending.repeat_at = pending.repeats() ? within(unsolicited_interval()) : never;
}

// 5.1: what is repeated is the state as it is now. While the mode is told, what changed of the
// sources is in it.
void Reporter::collect_change(Ipv4Address group, Pending& pending, std::vector<Record>& records) const {
    const SourceFilter& filter = interface_.groups().filter_of(group);
    Record allow{RecordType::allow_new_sources, group, {}};
    Record block{RecordType::block_old_sources, group, {}};
    for (auto entry = pending.sources_left.begin(); entry != pending.sources_left.end();) {
        auto& [source, left] = *entry;
        (filter.admits(source) ? allow : block).sources.push_back(source);
        entry = --left == 0 ? pending.sources_left.erase(entry) : std::next(entry);
    }
    if (pending.mode_left > 0) {
        --pending.mode_left;
        const RecordType type = filter.includes() ? RecordType::change_to_include : RecordType::change_to_exclude;
        records.push_back({type, group, v4_sources(filter)});
        return;
    }
    if (!allow.sources.empty()) records.push_back(std::move(allow));
    if (!block.sources.empty()) records.push_back(std::move(block));
}

// 5.2: the group's state, or of the sources that were asked for those that are wanted.
void Reporter::collect_answer(Ipv4Address group, const Pending& pending, std::vector<Record>& records) const {
    const SourceFilter& filter = interface_.groups().filter_of(group);
    if (filter.admits_nobody()) return;
    if (pending.asked.empty()) {
        const RecordType type = filter.includes() ? RecordType::mode_is_include : RecordType::mode_is_exclude;
        records.push_back({type, group, v4_sources(filter)});
        return;
    }
    Record wanted{RecordType::mode_is_include, group, {}};
    std::ranges::copy_if(pending.asked, std::back_inserter(wanted.sources),
                         [&](Ipv4Address source) { return filter.admits(source); });
    if (!wanted.sources.empty()) records.push_back(std::move(wanted));
}

void Reporter::collect_all(std::vector<Record>& records) const {
    interface_.groups().for_each([&](const IpAddress& group, const SourceFilter&) {
        if (group.is_v4() && joined(group.v4())) collect_answer(group.v4(), {}, records);
    });
}

void Reporter::report(std::span<const Record> records) {
    if (records.empty()) return;
    if (version_ != Version::v3) {
        Ipv4Address last;
        for (const Record& record : records) {
            if (record.group != std::exchange(last, record.group)) report_old(record.group);
        }
        return;
    }
    constexpr std::size_t ip_header = 24;  // with the Router Alert option
    constexpr std::size_t size_min = header_size + Record::header_size + Ipv4Address::size;
    const std::size_t mtu = interface_.link().features().mtu;
    for (const auto& message : reports_of(records, std::max(mtu, ip_header + size_min) - ip_header)) {
        user_.send(interface_, Type::report_v3, all_v3_routers, message);
    }
}

// The older versions know groups alone: whoever wants any source is a member. RFC 2236 3: a host
// that does not note who reported last may always say that it leaves; version 1 has no leave.
void Reporter::report_old(Ipv4Address group) {
    if (joined(group)) {
        const Type type = version_ == Version::v1 ? Type::report_v1 : Type::report_v2;
        user_.send(interface_, type, group, short_message(type, group));
    } else if (version_ == Version::v2) {
        user_.send(interface_, Type::leave, all_routers, short_message(Type::leave, group));
    }
}

}  // namespace strata::network::igmp
