// IGMP messages (RFC 1112, RFC 2236, RFC 9776 4): checked views over arriving bytes, and what
// leaving ones are written from.
//
//   query   | 0x11 | max resp code 1 | checksum 2 | group 4 |                            versions 1, 2
//           | ... | S, QRV 1 | QQIC 1 | number of sources 2 | sources 4 each |           version 3 has more
//   report  | 0x12 or 0x16 | 0 | checksum 2 | group 4 |      leave | 0x17 ... the same | versions 1, 2
//           | 0x22 | 0 | checksum 2 | 0 2 | number of records 2 | records |              version 3
//   record  | type 1 | auxiliary words 1 | number of sources 2 | group 4 | sources | auxiliary data |
#pragma once

#include <array>
#include <span>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::network::igmp {

inline constexpr Ipv4Address all_hosts{224, 0, 0, 1};
inline constexpr Ipv4Address all_routers{224, 0, 0, 2};
inline constexpr Ipv4Address all_v3_routers{224, 0, 0, 22};

// RFC 2113: routers shall look at the packet though it is not addressed to them. RFC 9776 4: with
// it, a TTL of 1, and the precedence of internetwork control every message leaves.
inline constexpr std::array<std::byte, 4> router_alert{std::byte{148}, std::byte{4}, std::byte{0}, std::byte{0}};
inline constexpr std::uint8_t internetwork_control = 0xc0;

enum class Version : std::uint8_t { v1 = 1, v2 = 2, v3 = 3 };
enum class Type : std::uint8_t { query = 0x11, report_v1 = 0x12, report_v2 = 0x16, leave = 0x17, report_v3 = 0x22 };

// RFC 9776 4.1.1, 4.1.7: up to 127 itself; beyond, a mantissa of four
// bits and an exponent of three.
[[nodiscard]] std::uint16_t value_of_code(std::uint8_t code) noexcept;
// The code of the largest value that has one and is not more than this.
[[nodiscard]] std::uint8_t code_of_value(std::size_t value) noexcept;

// A list of addresses that lie one behind another.
class SourceList {
public:
    static constexpr std::size_t address_size = Ipv4Address::size;
    SourceList() = default;
    explicit SourceList(Bytes bytes) noexcept : bytes_(bytes) {}
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() / address_size; }
    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
    [[nodiscard]] Ipv4Address operator[](std::size_t index) const noexcept {
        return Ipv4Address::load(bytes_.data() + index * address_size);
    }

private:
    Bytes bytes_;
};

inline constexpr std::size_t header_size = 8;

// The type, and whether there is a message: eight octets with a checksum over all that came (RFC
// 9776 4.1.2). Errors: truncated, malformed.
[[nodiscard]] Result<Type> type_of(Bytes message) noexcept;

struct Query {
    static constexpr std::size_t v3_size = 12;
    Version version = Version::v3;
    Ipv4Address group;            // any(): a general query
    Duration max_response{};      // version 1: ten seconds
    bool suppress = false;        // version 3's S: routers keep their timers
    std::uint8_t robustness = 0;  // version 3: the querier's; 0: it says none
    Duration interval{};          // version 3: the querier's query interval; 0: it says none
    SourceList sources;

    // What type_of() called a query. Its version is told by its length and its code (RFC 9776 7.1).
    // Errors: malformed for a length that is neither's, for more sources than there are octets, for
    // sources of no group, and for a group that is none.
    [[nodiscard]] static Result<Query> parse(Bytes message) noexcept;
    // Writes the message with its checksum; `sources` in the place of this one's.
    [[nodiscard]] std::vector<std::byte> write(std::span<const Ipv4Address> about = {}) const;
};

enum class RecordType : std::uint8_t {
    mode_is_include = 1,
    mode_is_exclude = 2,
    change_to_include = 3,
    change_to_exclude = 4,
    allow_new_sources = 5,
    block_old_sources = 6,
};

struct RecordView {
    RecordType type{};
    Ipv4Address group;
    SourceList sources;
};

// The records of a version 3 report.
class ReportView {
public:
    // What type_of() called a report of version 3. Error::malformed if the records do not fit into
    // the message. Records of unknown types and of no group are there: RFC 9776 4.2.12 skips them.
    [[nodiscard]] static Result<ReportView> parse(Bytes message) noexcept;
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    // Calls visit(record) for each.
    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        Bytes left = records_;
        for (std::size_t i = 0; i < count_; ++i) visit(*take_record(left));
    }

private:
    [[nodiscard]] static Result<RecordView> take_record(Bytes& left) noexcept;
    ReportView(Bytes records, std::size_t count) noexcept : records_(records), count_(count) {}
    Bytes records_;
    std::size_t count_;
};

// A report or a leave of versions 1 and 2: the group it is about. Error::malformed if that is none.
[[nodiscard]] Result<Ipv4Address> group_of(Bytes message) noexcept;
[[nodiscard]] std::array<std::byte, header_size> short_message(Type type, Ipv4Address group) noexcept;

// A record of a leaving report.
struct Record {
    static constexpr std::size_t header_size = 8;
    RecordType type{};
    Ipv4Address group;
    std::vector<Ipv4Address> sources;
    [[nodiscard]] std::size_t size() const noexcept { return header_size + sources.size() * Ipv4Address::size; }
};
// As many messages as it takes, none longer than `size_max`, which has room for a record with one
// source at least (RFC 9776 4.2.16: a list that is too long is divided; one that is excluded cannot
// be, and ends early).
[[nodiscard]] std::vector<std::vector<std::byte>> reports_of(std::span<const Record> records, std::size_t size_max);

}  // namespace strata::network::igmp
