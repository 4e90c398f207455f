// IGMP messages: written, read, and what is refused.
#include "strata/3_network/groups/igmp/message.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/checksum.hpp"
#include "tests/support/igmp_bench.hpp"

namespace strata::network::igmp {
namespace {

constexpr Ipv4Address group{239, 1, 1, 1};

std::vector<std::byte> octets(std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    if (bytes.size() >= 4) store_be16(bytes.data() + 2, internet_checksum(bytes));
    return bytes;
}

// RFC 9776 4.1.1: (mant | 0x10) << (exp + 3).
TEST(IgmpCode, CountsUpTo127AndThenFloats) {
    EXPECT_EQ(value_of_code(0), 0);
    EXPECT_EQ(value_of_code(127), 127);
    EXPECT_EQ(value_of_code(128), 128);
    EXPECT_EQ(value_of_code(0x8f), 248);
    EXPECT_EQ(value_of_code(0xff), 31744);
    for (unsigned code = 0; code < 256; ++code) {
        EXPECT_EQ(code_of_value(value_of_code(static_cast<std::uint8_t>(code))), code);
    }
    EXPECT_EQ(value_of_code(code_of_value(130)), 128) << "no more than was said";
    EXPECT_EQ(code_of_value(1'000'000), 0xff);
}

TEST(IgmpMessage, IsEightOctetsWithAChecksumAtLeast) {
    EXPECT_EQ(type_of(octets({0x11, 0, 0, 0, 0, 0, 0, 0})).value(), Type::query);
    EXPECT_EQ(type_of(octets({0x11, 0, 0, 0, 0, 0, 0})).error(), Error::truncated);
    auto broken = octets({0x11, 0, 0, 0, 0, 0, 0, 0});
    broken[7] = std::byte{1};
    EXPECT_EQ(type_of(broken).error(), Error::malformed);
}

// RFC 9776 7.1: the length and the code tell the version.
TEST(IgmpQuery, ItsVersionIsToldByItsForm) {
    EXPECT_EQ(Query::parse(octets({0x11, 0, 0, 0, 0, 0, 0, 0}))->version, Version::v1);
    EXPECT_EQ(Query::parse(octets({0x11, 0, 0, 0, 0, 0, 0, 0}))->max_response, 10s);
    const auto v2 = Query::parse(octets({0x11, 200, 0, 0, 239, 1, 1, 1}));
    EXPECT_EQ(v2->version, Version::v2);
    EXPECT_EQ(v2->max_response, 20s) << "version 2's code is a plain number";
    EXPECT_EQ(v2->group, group);
    const auto message = octets({0x11, 0x80, 0, 0, 239, 1, 1, 1, 0x0b, 125, 0, 2, 10, 0, 0, 1, 10, 0, 0, 2, 9});
    const auto v3 = Query::parse(message);
    EXPECT_EQ(v3->version, Version::v3);
    EXPECT_EQ(v3->max_response, 12800ms);
    EXPECT_TRUE(v3->suppress);
    EXPECT_EQ(v3->robustness, 3);
    EXPECT_EQ(v3->interval, 125s);
    ASSERT_EQ(v3->sources.size(), 2u) << "what follows is ignored (4.1.10)";
    EXPECT_EQ(v3->sources[1], (Ipv4Address{10, 0, 0, 2}));
    for (std::size_t size = 9; size < 12; ++size) {
        std::vector<std::byte> between(size);
        between[0] = std::byte{0x11};
        EXPECT_EQ(Query::parse(between).error(), Error::malformed) << size;
    }
}

TEST(IgmpQuery, WhatContradictsItselfIsRefused) {
    EXPECT_FALSE(Query::parse(octets({0x11, 1, 0, 0, 10, 0, 0, 1}))) << "no group";
    EXPECT_FALSE(Query::parse(octets({0x11, 1, 0, 0, 239, 1, 1, 1, 2, 125, 0, 1}))) << "a source that is not there";
    EXPECT_FALSE(Query::parse(octets({0x11, 1, 0, 0, 239, 1, 1, 1, 2, 125, 0xff, 0xff, 10, 0, 0, 1})));
    EXPECT_FALSE(Query::parse(octets({0x11, 1, 0, 0, 0, 0, 0, 0, 2, 125, 0, 1, 10, 0, 0, 1})))
        << "sources of all groups";
}

TEST(IgmpQuery, IsReadAsItWasWritten) {
    const std::vector<Ipv4Address> sources{{10, 0, 0, 1}, {10, 0, 0, 2}};
    for (const Version version : {Version::v1, Version::v2, Version::v3}) {
        const Query query{.version = version,
                          .group = group,
                          .max_response = 10s,
                          .suppress = true,
                          .robustness = 9,
                          .interval = 256s};
        const auto message = query.write(sources);
        ASSERT_EQ(type_of(message).value(), Type::query);
        const auto read = Query::parse(message);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->version, version);
        EXPECT_EQ(read->max_response, 10s);
        EXPECT_EQ(read->group, group);
        if (version != Version::v3) continue;
        EXPECT_EQ(read->robustness, 0) << "4.1.6: what does not fit is not told";
        EXPECT_EQ(read->interval, 256s);
        EXPECT_EQ(read->sources.size(), 2u);
    }
}

TEST(IgmpReport, RecordsThatDoNotFitAreRefused) {
    EXPECT_TRUE(ReportView::parse(octets({0x22, 0, 0, 0, 0, 0, 0, 0})));
    EXPECT_FALSE(ReportView::parse(octets({0x22, 0, 0, 0, 0, 0, 0, 1})));
    EXPECT_FALSE(ReportView::parse(octets({0x22, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 239, 1, 1, 1})));
    EXPECT_FALSE(ReportView::parse(octets({0x22, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 239, 1, 1, 1}))) << "auxiliary data";
    EXPECT_FALSE(ReportView::parse(octets({0x22, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 0, 0, 0, 239, 1, 1, 1})));
    const auto report = octets(
        {0x22, 0, 0, 0, 0, 0, 0, 2, 1, 1, 0, 1, 239, 1, 1, 1, 10, 0, 0, 1, 7, 7, 7, 7, 4, 0, 0, 0, 239, 1, 1, 2});
    EXPECT_EQ(test::words_of(report), "IS_IN(239.1.1.1; 10.0.0.1) TO_EX(239.1.1.2)");
}

TEST(IgmpReport, TheOlderOnesNameAGroup) {
    const auto report = short_message(Type::report_v2, group);
    EXPECT_EQ(type_of(report).value(), Type::report_v2);
    EXPECT_EQ(group_of(report).value(), group);
    EXPECT_FALSE(group_of(octets({0x16, 0, 0, 0, 10, 0, 0, 1})));
}

std::vector<std::string> words(const std::vector<std::vector<std::byte>>& messages) {
    std::vector<std::string> all;
    for (const auto& message : messages) all.push_back(test::words_of(message));
    return all;
}

// RFC 9776 4.2.16.
TEST(IgmpReport, IsDividedWhereItIsTooLong) {
    const std::vector<Ipv4Address> three{{10, 0, 0, 1}, {10, 0, 0, 2}, {10, 0, 0, 3}};
    const std::array records{Record{RecordType::allow_new_sources, {239, 0, 0, 1}, three},
                             Record{RecordType::change_to_exclude, {239, 0, 0, 2}, three},
                             Record{RecordType::change_to_exclude, {239, 0, 0, 3}, {}}};
    EXPECT_EQ(words(reports_of(records, 1476)).size(), 1u);
    const auto small = reports_of(records, 24);
    for (const auto& message : small) EXPECT_LE(message.size(), 24u);
    EXPECT_EQ(words(small),
              (std::vector<std::string>{"ALLOW(239.0.0.1; 10.0.0.1 10.0.0.2)", "ALLOW(239.0.0.1; 10.0.0.3)",
                                        "TO_EX(239.0.0.2; 10.0.0.1 10.0.0.2)", "TO_EX(239.0.0.3)"}))
        << "what is excluded cannot be divided";
    EXPECT_TRUE(reports_of({}, 1476).empty());
}

}  // namespace
}  // namespace strata::network::igmp
