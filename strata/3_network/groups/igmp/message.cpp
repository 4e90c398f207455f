#include "strata/3_network/groups/igmp/message.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "strata/0_foundation/checksum.hpp"

namespace strata::network::igmp {
namespace {

constexpr Duration response_unit = 100ms;
constexpr std::uint8_t suppress_flag = 0x08;
constexpr std::uint8_t robustness_mask = 0x07;

void complete(std::vector<std::byte>& message) { store_be16(message.data() + 2, internet_checksum(message)); }

void append(std::vector<std::byte>& message, const Record& record, std::span<const Ipv4Address> sources) {
    const std::size_t begin = message.size();
    message.resize(begin + Record::header_size + sources.size() * Ipv4Address::size);
    std::byte* at = message.data() + begin;
    store_u8(at, static_cast<std::uint8_t>(record.type));
    store_be16(at + 2, static_cast<std::uint16_t>(sources.size()));
    record.group.store(at + 4);
    at += Record::header_size;
    for (const Ipv4Address source : sources) {
        source.store(at);
        at += Ipv4Address::size;
    }
    store_be16(message.data() + 6, static_cast<std::uint16_t>(load_be16(message.data() + 6) + 1));
}

std::vector<std::byte> empty_report() {
    std::vector<std::byte> report(header_size);
    store_u8(report.data(), static_cast<std::uint8_t>(Type::report_v3));
    return report;
}

bool is_excluded(RecordType type) noexcept {
    return type == RecordType::mode_is_exclude || type == RecordType::change_to_exclude;
}

}  // namespace

std::uint16_t value_of_code(std::uint8_t code) noexcept {
    if (code < 128) return code;
    return static_cast<std::uint16_t>(((code & 0x0fu) | 0x10u) << (((code >> 4) & 7u) + 3));
}

std::uint8_t code_of_value(std::size_t value) noexcept {
    if (value < 128) return static_cast<std::uint8_t>(value);
    unsigned exponent = 0;
    while (exponent < 7 && value >> (exponent + 3) >= 32) ++exponent;
    const std::size_t mantissa = std::min<std::size_t>(value >> (exponent + 3), 31);
    return static_cast<std::uint8_t>(0x80 | exponent << 4 | (mantissa & 0x0f));
}

Result<Type> type_of(Bytes message) noexcept {
    if (message.size() < header_size) return fail(Error::truncated);
    ChecksumSum sum;
    sum.add(message);
    if (!sum.verified()) return fail(Error::malformed);
    return static_cast<Type>(load_u8(message.data()));
}

Result<Query> Query::parse(Bytes message) noexcept {
    if (message.size() != header_size && message.size() < v3_size) return fail(Error::malformed);
    const std::uint8_t code = load_u8(message.data() + 1);
    Query query{.group = Ipv4Address::load(message.data() + 4)};
    if (!query.group.is_any() && !query.group.is_multicast()) return fail(Error::malformed);
    if (message.size() == header_size) {
        query.version = code == 0 ? Version::v1 : Version::v2;
        query.max_response = code == 0 ? Duration{10s} : code * response_unit;
        return query;
    }
    const std::size_t count = load_be16(message.data() + 10);
    if (count * SourceList::address_size > message.size() - v3_size) return fail(Error::malformed);
    if (count > 0 && query.group.is_any()) return fail(Error::malformed);
    query.max_response = value_of_code(code) * response_unit;
    query.suppress = (load_u8(message.data() + 8) & suppress_flag) != 0;
    query.robustness = load_u8(message.data() + 8) & robustness_mask;
    query.interval = std::chrono::seconds{value_of_code(load_u8(message.data() + 9))};
    query.sources = SourceList{message.subspan(v3_size, count * SourceList::address_size)};
    return query;
}

std::vector<std::byte> Query::write(std::span<const Ipv4Address> about) const {
    const bool long_form = version == Version::v3;
    std::vector<std::byte> message(long_form ? v3_size + about.size() * SourceList::address_size : header_size);
    std::byte* at = message.data();
    const auto units = static_cast<std::size_t>(max_response / response_unit);
    store_u8(at, static_cast<std::uint8_t>(Type::query));
    if (version == Version::v2) store_u8(at + 1, static_cast<std::uint8_t>(std::min<std::size_t>(units, 255)));
    group.store(at + 4);
    if (long_form) {
        const int told = robustness > robustness_mask ? 0 : robustness;  // RFC 9776 4.1.6
        store_u8(at + 1, code_of_value(units));
        store_u8(at + 8, static_cast<std::uint8_t>((suppress ? suppress_flag : 0) | told));
        store_u8(at + 9, code_of_value(static_cast<std::size_t>(interval / 1s)));
        store_be16(at + 10, static_cast<std::uint16_t>(about.size()));
        at += v3_size;
        for (const Ipv4Address source : about) {
            source.store(at);
            at += SourceList::address_size;
        }
    }
    complete(message);
    return message;
}

Result<RecordView> ReportView::take_record(Bytes& left) noexcept {
    if (left.size() < Record::header_size) return fail(Error::malformed);
    const std::size_t sources = load_be16(left.data() + 2) * SourceList::address_size;
    const std::size_t auxiliary = std::size_t{load_u8(left.data() + 1)} * 4;
    if (sources + auxiliary > left.size() - Record::header_size) return fail(Error::malformed);
    const RecordView record{static_cast<RecordType>(load_u8(left.data())), Ipv4Address::load(left.data() + 4),
                            SourceList{left.subspan(Record::header_size, sources)}};
    left = left.subspan(Record::header_size + sources + auxiliary);
    return record;
}

Result<ReportView> ReportView::parse(Bytes message) noexcept {
    const ReportView report{message.subspan(header_size), load_be16(message.data() + 6)};
    Bytes left = report.records_;
    for (std::size_t i = 0; i < report.count_; ++i) {
        if (!take_record(left)) return fail(Error::malformed);
    }
    return report;
}

Result<Ipv4Address> group_of(Bytes message) noexcept {
    const Ipv4Address group = Ipv4Address::load(message.data() + 4);
    return group.is_multicast() ? Result<Ipv4Address>{group} : fail(Error::malformed);
}

std::array<std::byte, header_size> short_message(Type type, Ipv4Address group) noexcept {
    std::array<std::byte, header_size> message{};
    store_u8(message.data(), static_cast<std::uint8_t>(type));
    group.store(message.data() + 4);
    store_be16(message.data() + 2, internet_checksum(message));
    return message;
}

std::vector<std::vector<std::byte>> reports_of(std::span<const Record> records, std::size_t size_max) {
    std::vector<std::vector<std::byte>> reports;
    const std::size_t alone = (size_max - header_size - Record::header_size) / Ipv4Address::size;
    std::vector<std::byte> report = empty_report();
    const auto finish = [&] {
        if (report.size() == header_size) return;
        complete(report);
        reports.push_back(std::exchange(report, empty_report()));
    };
    for (const Record& record : records) {
        std::span<const Ipv4Address> left = record.sources;
        do {
            const auto part = left.first(std::min(left.size(), alone));
            const std::size_t size = Record::header_size + part.size() * Ipv4Address::size;
            if (report.size() + size > size_max) finish();
            append(report, record, part);
            left = left.subspan(part.size());
        } while (!left.empty() && !is_excluded(record.type));
    }
    finish();
    return reports;
}

}  // namespace strata::network::igmp
