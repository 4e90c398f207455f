#include "strata/cli/open_network.hpp"
#include "strata/0_foundation/rate_limit.hpp"

#include <fmt/format.h>

#include <array>
#include <map>

#include "strata/5_session/kernel/network.hpp"
#include "strata/cli/commands.hpp"
#include "strata/cli/device_network.hpp"
#include "strata/cli/lan.hpp"
#include "strata/host/host_tables.hpp"
#include "strata/lab/embedded_network.hpp"

namespace strata::cli {
namespace {

IpAddress parse_bind(const std::string& text, IpAddress otherwise) {
    if (text.empty()) return otherwise;
    const auto address = IpAddress::parse(text);
    if (!address) throw WrongUse("--bind: '" + text + "' is no address; write one like 127.0.0.1 or ::");
    return *address;
}

using application::control::Answer;

// Of our own stacks.
Answer answer_of(std::initializer_list<const host::Host*> hosts, std::string_view question) {
    if (question != "arp") return {false, fmt::format("'{}' is not known here; ask for: arp", question)};
    std::string lines;
    for (const host::Host* host : hosts) lines += host::arp_table(*host);
    return {true, lines};
}

class Kernel final : public OpenedNetwork {
public:
    explicit Kernel(boost::asio::io_context& io) : network_(io) {}
    session::Network& network() override { return network_; }
    session::Address listen_address(const std::string& bind_address, std::uint16_t port) override {
        const IpAddress everywhere = has_ipv6() ? IpAddress{Ipv6Address{}} : IpAddress{Ipv4Address::any()};
        return {parse_bind(bind_address, everywhere), port};
    }
    Endpoint expose(const std::string&, std::uint16_t, const session::Address& listens_at, Carried) override {
        return listens_at.endpoint();
    }
    Answer answer(std::string_view) const override {
        return {false,
                "it runs on the kernel's network, which tells its neighbours by: ip neigh; and its sockets by: ss"};
    }

private:
    session::KernelNetwork network_;
};

// What the floors of some hosts carried, side by side.
class CounterTable {
public:
    void add(const host::Host& host) {
        host.for_each_counter([&](Floor floor, std::string_view name, std::uint64_t value) {
            if (value == 0) return;
            auto& row = rows_[{floor, std::string(name)}];
            row.resize(hosts_.size() + 1);
            row.back() += value;
        });
        hosts_.push_back(host.name());
    }
    void print() const {
        constexpr std::array floors{"",          "physical", "link",         "network",
                                    "transport", "session",  "presentation", "application"};
        fmt::print("\nWhat each floor carried:\n{:<12}{:<28}", "floor", "counter");
        for (const auto& name : hosts_) fmt::print("{:>16}", name);
        fmt::print("\n");
        for (const auto& [key, values] : rows_) {
            fmt::print("{} {:<10}{:<28}", static_cast<int>(key.first), floors[static_cast<std::size_t>(key.first)],
                       key.second);
            for (std::size_t i = 0; i < hosts_.size(); ++i) fmt::print("{:>16}", i < values.size() ? values[i] : 0);
            fmt::print("\n");
        }
    }

private:
    std::vector<std::string> hosts_;
    std::map<std::pair<Floor, std::string>, std::vector<std::uint64_t>> rows_;
};

class Embedded final : public OpenedNetwork {
public:
    Embedded(boost::asio::io_context& io, const std::string& pcap_file)
        : kernel_(io), embedded_(io, kernel_, pcap_file) {}
    session::Network& network() override { return embedded_.network(); }
    session::Address listen_address(const std::string&, std::uint16_t port) override {
        return {Ipv4Address::any(), port};
    }
    Endpoint expose(const std::string& bind_address, std::uint16_t port, const session::Address& listens_at,
                    Carried what) override {
        const session::Address outside{parse_bind(bind_address, Ipv4Address::loopback()), port};
        const std::uint16_t inside = number_of(listens_at.endpoint().port);
        session::error_code error;
        const auto opened = [&] {
            switch (what) {
                case Carried::datagrams: return embedded_.expose_datagrams(outside, inside, error);
                case Carried::both: return embedded_.expose_both(outside, inside, error);
                default: return embedded_.expose(outside, inside, error);
            }
        }();
        if (error) throw CannotListen("cannot listen on " + outside.to_string() + ": " + error.message());
        return opened.endpoint();
    }
    session::Address client_behind(const session::Address& remote) const override {
        return embedded_.client_behind(remote);
    }
    bool has_doors() const noexcept override { return true; }
    std::shared_ptr<void> open_door(const session::Address& client, const session::Address& listens_at,
                                    session::Address& at, session::error_code& error) override {
        return embedded_.open_door(client, number_of(listens_at.endpoint().port), at, error);
    }
    Answer answer(std::string_view question) const override {
        return answer_of({&embedded_.server(), &embedded_.front()}, question);
    }
    bool carrying() const override { return embedded_.gateway().unanswered() != 0; }
    void print_counters() const override {
        CounterTable table;
        table.add(embedded_.server());
        table.add(embedded_.front());
        table.print();
        const auto& carried = embedded_.gateway().counters();
        fmt::print("5 session   the gateway carried {} conversations: {} bytes in, {} bytes out; {} refused\n",
                   carried.conversations, carried.bytes_in, carried.bytes_out, carried.refused);
        const auto& relayed = embedded_.relay().counters();
        if (relayed.flows == 0 && relayed.refused == 0) return;
        fmt::print("5 session   the gateway relayed {} flows: {} datagrams in, {} datagrams out; {} refused\n",
                   relayed.flows, relayed.datagrams_in, relayed.datagrams_out, relayed.refused);
    }

private:
    session::KernelNetwork kernel_;
    lab::EmbeddedNetwork embedded_;
};

class OnDevice final : public OpenedNetwork {
public:
    OnDevice(boost::asio::io_context& io, const NetOption& option, const std::string& pcap_file)
        : device_(open_device(io, option, pcap_file)) {
        lease_ = settle_address(io, *device_, option);
        device_->host().on_address_conflict(
            [this](const IpAddress& address, MacAddress other) { tell_conflict(address, other); });
        device_->host().on_address_changed(
            [this](const IpAddress& address, link::AddressState state, MacAddress other) {
                if (lease_) return lease_->address_changed(address, state);
                if (state == link::AddressState::lost) tell_lost(address, other);
            });
    }
    session::Network& network() override { return device_->network(); }
    session::Address listen_address(const std::string& bind_address, std::uint16_t port) override {
        return {parse_bind(bind_address, Ipv4Address::any()), port};
    }
    Endpoint expose(const std::string&, std::uint16_t, const session::Address& listens_at, Carried) override {
        return {IpAddress{device_->host().address()}, listens_at.endpoint().port};
    }
    void print_counters() const override {
        CounterTable table;
        table.add(device_->host());
        table.print();
        device_->visit_device_counters([](std::string_view name, std::uint64_t value) {
            if (value != 0) fmt::print("1 physical  {:<28}{:>16}\n", name, value);
        });
    }
    Answer answer(std::string_view question) const override { return answer_of({&device_->host()}, question); }
    bool own_stack() const noexcept override { return true; }

private:
    // Not more often than once a minute, and not for ever: whoever
    // claims our address decides how often that is.
    void tell_conflict(const IpAddress& address, MacAddress other) {
        const Instant now = device_->host().context().scheduler.now();
        if (conflicts_left_ == 0 || !conflict_pace_.allow(now, 1min)) return;
        --conflicts_left_;
        fmt::print(stderr, "strata: the host {} on {} uses our address {} too; give one of us another\n",
                   other.to_string(), device_->device_name(), address.to_string());
    }

    void tell_lost(const IpAddress& address, MacAddress other) const {
        fmt::print(stderr, "strata: the address {} was given up to the host {} on {}, which insists on it\n",
                   address.to_string(), other.to_string(), device_->device_name());
    }

    std::unique_ptr<host::DeviceHost> device_;
    std::unique_ptr<DeviceLease> lease_;  // with addr=dhcp
    Pace conflict_pace_;
    unsigned conflicts_left_ = 10;
};

}  // namespace

std::unique_ptr<OpenedNetwork> open_network(boost::asio::io_context& io, const NetOption& option,
                                            const std::string& pcap_file) {
    switch (option.kind) {
        case NetOption::Kind::kernel:
            if (!pcap_file.empty())
                throw WrongUse(
                    "--pcap: the kernel's network cannot be captured from here; use --net embedded or --net tap:…");
            return std::make_unique<Kernel>(io);
        case NetOption::Kind::embedded: return std::make_unique<Embedded>(io, pcap_file);
        default: break;
    }
    if (option.kind == NetOption::Kind::slip && !pcap_file.empty()) {
        throw WrongUse("--pcap: a serial line carries octets, not frames, and cannot be captured; leave it out");
    }
    return std::make_unique<OnDevice>(io, option, pcap_file);
}

}  // namespace strata::cli
