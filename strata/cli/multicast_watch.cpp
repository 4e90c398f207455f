#include "strata/cli/multicast_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <map>

#include "strata/cli/device_network.hpp"
#include "strata/cli/interruption.hpp"

namespace strata::cli {
namespace {

std::string words_of(const network::SourceFilter& filter) {
    if (filter.admits_nobody()) return "not wanted any more";
    std::string sources;
    for (const IpAddress& source : filter.sources()) sources += (sources.empty() ? "" : ", ") + source.to_string();
    if (filter.includes()) return "wanted from " + sources;
    return sources.empty() ? "wanted from everybody" : "wanted from everybody but " + sources;
}

class GroupWatch {
public:
    GroupWatch(host::DeviceHost& device, const WatchOptions& options) : internet_(device.host().internet()) {
        network::igmp::QuerierOptions how;
        how.version = static_cast<network::igmp::Version>(options.version);
        how.query_interval = std::chrono::seconds{options.interval};
        how.response_interval = std::min<Duration>(how.response_interval, how.query_interval / 2);  // RFC 9776 8.3
        const auto error =
            internet_.start_querier(interface, how,
                                    {.group_changed = [this](Ipv4Address group) { changed(group); },
                                     .querier_changed = [](Ipv4Address other) { say(sentence_of(other)); }});
        if (error) throw std::runtime_error("cannot ask on " + device.device_name() + ": " + error.message());
        say(fmt::format("asking on {} as {}, IGMPv{}, every {} s", device.device_name(),
                        device.host().address().to_string(), options.version, options.interval));
    }
    GroupWatch(const GroupWatch&) = delete;
    GroupWatch& operator=(const GroupWatch&) = delete;
    ~GroupWatch() { internet_.stop_querier(interface); }

private:
    static constexpr std::uint32_t interface = 0;  // a device's host has one

    static std::string sentence_of(Ipv4Address other) {
        return other.is_any() ? "the other one is gone: we ask again"
                              : other.to_string() + " asks, whose address is lower: we listen";
    }
    static void say(const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    }
    void changed(Ipv4Address group) {
        const network::SourceFilter filter = internet_.querier(interface)->filter_of(group);
        network::SourceFilter& said = said_[group];
        const bool news = filter != said;
        said = filter;
        if (news) say(fmt::format("{}: {}", group.to_string(), words_of(filter)));
        if (filter.admits_nobody()) said_.erase(group);
    }

    network::Internet& internet_;
    std::map<Ipv4Address, network::SourceFilter> said_;  // no more than the querier knows
};

}  // namespace

int watch_groups(const WatchOptions& options) {
    const NetOption net = parse_net_option(options.net);
    require_ethernet(net, "multicast watch");
    boost::asio::io_context io{1};
    const auto device = open_device(io, net, {});
    const auto lease = settle_address(io, *device, net);
    const Interruption interruption{io};
    const GroupWatch watch{*device, options};
    io.run();
    return 0;
}

}  // namespace strata::cli
