// A node 10.0.0.1 whose other end is the test itself, and which says in words what IGMP it sends:
//
//     "224.0.0.22 TO_EX(239.1.1.1) ALLOW(239.1.1.2; 10.0.0.7)"      "239.1.1.1 v2"
#pragma once

#include "strata/2_link/ethernet/group_address.hpp"
#include "strata/3_network/groups/igmp/message.hpp"
#include "strata/3_network/ipv4/header.hpp"
#include "tests/support/network.hpp"
#include "tests/support/port.hpp"

namespace strata::test {

inline std::string words_of(const network::igmp::RecordView& record) {
    static constexpr std::array names{"?", "IS_IN", "IS_EX", "TO_IN", "TO_EX", "ALLOW", "BLOCK"};
    std::string words = names.at(static_cast<std::size_t>(record.type)) + ("(" + record.group.to_string());
    for (std::size_t i = 0; i < record.sources.size(); ++i) {
        words += (i == 0 ? "; " : " ") + record.sources[i].to_string();
    }
    return words + ")";
}

inline std::string words_of(Bytes message) {
    using network::igmp::Type;
    const auto type = network::igmp::type_of(message);
    if (!type) return "broken";
    if (*type == Type::query) {
        const auto query = network::igmp::Query::parse(message);
        if (!query) return "broken";
        std::string words =
            "query v" + std::to_string(static_cast<int>(query->version)) + " " + query->group.to_string();
        for (std::size_t i = 0; i < query->sources.size(); ++i) words += " " + query->sources[i].to_string();
        return words + (query->suppress ? " S" : "");
    }
    if (*type == Type::report_v1) return "v1 " + network::igmp::group_of(message)->to_string();
    if (*type == Type::report_v2) return "v2 " + network::igmp::group_of(message)->to_string();
    if (*type == Type::leave) return "leave " + network::igmp::group_of(message)->to_string();
    std::string words;
    const auto report = network::igmp::ReportView::parse(message);
    if (!report) return "broken";
    report->for_each([&](const auto& record) { words += (words.empty() ? "" : " ") + words_of(record); });
    return words;
}

struct IgmpBench {
    explicit IgmpBench(const network::InternetOptions& options = {}, std::size_t mtu = 1500, std::uint64_t seed = 1)
        : world(seed),
          port({.mtu = mtu}),
          nic(world.context(), port, {.mac_address = MacAddress{{2, 0, 0, 0, 0, 1}}}),
          internet(world.context(), options),
          interface(internet.add_interface(nic, "eth0")) {
        (void)internet.add_address(interface, {own, 24});
    }

    // --- what the node wants
    std::error_code listen(Ipv4Address group, const network::SourceFilter& filter,
                           network::Listener listener = nullptr) {
        return internet.listen(listener, interface, group, filter);
    }
    std::error_code join(Ipv4Address group) { return listen(group, network::SourceFilter::any_source()); }
    std::error_code leave(Ipv4Address group) { return listen(group, {}); }

    // --- what arrives
    struct Way {
        Ipv4Address from{10, 0, 0, 254};
        std::uint8_t ttl = 1;
        bool alert = true;
    };
    void arrives(Bytes message, Ipv4Address to, const Way& way) {
        const Bytes options = way.alert ? Bytes{network::igmp::router_alert} : Bytes{};
        Packet packet = Packet::copy_of(world.pool, message, 64);
        network::Ipv4Header{.total_length = static_cast<std::uint16_t>(20 + options.size() + message.size()),
                            .ttl = way.ttl,
                            .protocol = network::Protocol::igmp,
                            .source = way.from,
                            .destination = to,
                            .options = options}
            .write(packet.push(20 + options.size()));
        const MacAddress mac = to.is_multicast() ? link::group_mac(to) : nic.mac_address();
        link::EthernetHeader{mac, MacAddress{{2, 0, 0, 0, 0, 0xfe}}, link::EtherType::ipv4}.write(packet.push(14));
        port.arrives(std::move(packet));
    }
    void arrives(Bytes message, Ipv4Address to) { arrives(message, to, Way{}); }
    void query(const network::igmp::Query& query, std::vector<Ipv4Address> sources = {}) {
        arrives(query.write(sources), query.group.is_any() ? network::igmp::all_hosts : query.group,
                {.alert = query.version != network::igmp::Version::v1});
    }

    // --- what was sent
    struct Sent {
        network::Ipv4Header header;
        bool alert = false;
        MacAddress mac;
        std::vector<std::byte> message;
    };
    std::vector<Sent> take() {
        std::vector<Sent> sent;
        for (Packet& frame : port.take()) {
            (void)frame.pull(frame.size());
            if (frame.size() < 14 + 20 || load_be16(frame.front().data() + 12) != 0x0800) continue;
            const Bytes packet = frame.front().subspan(14);
            const auto header = network::Ipv4HeaderView::parse(packet);
            if (!header || header->protocol() != network::Protocol::igmp) continue;
            const Bytes message = packet.first(header->total_length()).subspan(header->size());
            sent.push_back({{.traffic_class = header->traffic_class(),
                             .ttl = header->ttl(),
                             .source = header->source(),
                             .destination = header->destination()},
                            header->options().size() == 4 && load_be32(header->options().data()) == 0x94040000,
                            MacAddress::load(frame.front().data()),
                            {message.begin(), message.end()}});
        }
        return sent;
    }
    std::vector<std::string> words() {
        std::vector<std::string> all;
        for (const Sent& sent : take())
            all.push_back(sent.header.destination.to_string() + " " + words_of(sent.message));
        return all;
    }
    std::vector<std::string> words_after(Duration duration) {
        world.run_for(duration);
        return words();
    }
    [[nodiscard]] const network::IgmpCounters& counters() const { return internet.igmp_counters(); }

    static constexpr Ipv4Address own{10, 0, 0, 1};
    World world;
    TestPort port;
    link::Nic nic;
    network::Internet internet;
    std::uint32_t interface;
};

}  // namespace strata::test
