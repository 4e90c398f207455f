// Any bytes as IGMP to a host that is a member of some groups, with
// joins, leaves and time between them, and is a router of the link now and then: what is
// parsed is written again as it was, and all stays within its bounds.
// links: network
#include <cstdlib>

#include "strata/3_network/groups/igmp/querier.hpp"
#include "tests/support/igmp_bench.hpp"

namespace {

using namespace strata;
using network::igmp::Query;
using network::igmp::ReportView;
using network::igmp::Type;

void parse(Bytes message) {
    const auto type = network::igmp::type_of(message);
    if (!type) return;
    if (*type == Type::query) {
        const auto query = Query::parse(message);
        if (!query) return;
        std::vector<Ipv4Address> sources;
        for (std::size_t i = 0; i < query->sources.size(); ++i) sources.push_back(query->sources[i]);
        const auto again = query->write(sources);
        const auto read = Query::parse(again);
        if (!read || read->version != query->version || read->group != query->group) std::abort();
        if (read->max_response != query->max_response || read->interval != query->interval) std::abort();
        if (read->sources.size() != query->sources.size()) std::abort();
    }
    if (*type == Type::report_v3) {
        const auto report = ReportView::parse(message);
        std::size_t octets = 0;
        if (report) report->for_each([&](const auto& record) { octets += 8 + record.sources.size() * 4; });
        if (octets > message.size()) std::abort();
    }
}

struct Asked final : network::igmp::QuerierUser {
    void send_query(const Query& query, std::span<const Ipv4Address> sources) override {
        if (test::words_of(query.write(sources)) == "broken") std::abort();
    }
    void group_changed(Ipv4Address) override {}
};

void hear(network::igmp::Querier& querier, Bytes message) {
    const auto type = network::igmp::type_of(message);
    if (!type) return;
    if (*type == Type::query) {
        if (const auto query = Query::parse(message)) querier.query_arrived(*query, Ipv4Address{10, 0, 0, 1});
    } else if (*type == Type::report_v3) {
        if (const auto report = ReportView::parse(message)) querier.report_arrived(*report);
    } else if (const auto group = network::igmp::group_of(message)) {
        querier.older_arrived(*type, *group);
    }
}

}  // namespace

// Each turn: what happens 1, the size of the message 1, the message. Its checksum is made right, so
// that the rest is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using network::FilterMode;
    Bytes input{reinterpret_cast<const std::byte*>(data), size};
    test::IgmpBench bench({.igmp = {.noted_max = 4, .pending_max = 4}});
    constexpr std::size_t groups_max = 4;
    Asked asked;
    const network::igmp::QuerierOptions limits{.groups_max = groups_max, .group_sources_max = 4};
    network::igmp::Querier querier{bench.world.context(), {10, 0, 0, 2}, limits, asked};
    while (input.size() >= 2) {
        const std::uint8_t action = load_u8(input.data());
        const std::size_t length = std::min<std::size_t>(load_u8(input.data() + 1), input.size() - 2);
        std::vector<std::byte> message(input.begin() + 2, input.begin() + 2 + static_cast<std::ptrdiff_t>(length));
        input = input.subspan(2 + length);
        if (action % 16 != 15 && message.size() >= 4) {
            store_be16(message.data() + 2, 0);
            store_be16(message.data() + 2, internet_checksum(message));
        }
        parse(message);
        hear(querier, message);
        if (querier.groups() > groups_max) std::abort();
        const Ipv4Address group{239, 1, 1, static_cast<std::uint8_t>(action % 8)};
        const IpAddress source = Ipv4Address{10, 0, 0, static_cast<std::uint8_t>(2 + length % 8)};
        switch (action % 16) {
            case 0: (void)bench.listen(group, network::SourceFilter::any_source()); break;
            case 1: (void)bench.listen(group, network::SourceFilter::only(source)); break;
            case 2: (void)bench.listen(group, {FilterMode::exclude, {source}}); break;
            case 3: (void)bench.listen(group, {}); break;
            case 4: bench.world.run_for(std::chrono::milliseconds{length * 20}); break;
            case 5: bench.port.set_link(length % 2 == 0); break;
            case 6: bench.arrives(message, group); break;
            case 7: bench.arrives(message, bench.own); break;
            case 8: bench.arrives(message, network::igmp::all_hosts, {.alert = false}); break;
            case 9: bench.arrives(message, network::igmp::all_v3_routers, {.from = {10, 0, 0, 7}}); break;
            case 10: (void)bench.internet.start_querier(bench.interface, limits); break;
            case 11: bench.internet.stop_querier(bench.interface); break;
            default: bench.arrives(message, network::igmp::all_hosts); break;
        }
        const auto* router = bench.internet.querier(bench.interface);
        if (router != nullptr && router->groups() > groups_max) std::abort();
        for (const auto& sent : bench.take()) {
            if (sent.header.ttl != 1 || !sent.header.destination.is_multicast()) std::abort();
            if (test::words_of(sent.message) == "broken") std::abort();
        }
    }
    bench.world.run_for(300s);
    if (querier.groups() != 0) std::abort();
    return 0;
}
