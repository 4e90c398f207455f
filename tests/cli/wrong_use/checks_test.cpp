// What is checked on the command line: which numbers are taken, and
// that the range is said in words.
#include "strata/cli/wrong_use/checks.hpp"

#include <gtest/gtest.h>

namespace strata::cli {
namespace {

void expect_refused(const CLI::Validator& check, const std::string& text, const std::string& wanted) {
    EXPECT_EQ(check(text), "'" + text + "' is not understood; write " + wanted);
}

TEST(Checks, Seconds) {
    const auto check = seconds_from(0, 3600);
    for (const char* good : {"0", "0.25", "60", "3600", "1e3", "-0"}) EXPECT_EQ(check(std::string(good)), "") << good;
    for (const char* bad :
         {"nan", "NaN", "-nan", "inf", "-inf", "1e300", "1e400", "-1", "3600.1", "", " 1", "1 ", "1s", "0x10", "+1"}) {
        expect_refused(check, bad, "a number of seconds from 0 to 3600");
    }
}

TEST(Checks, SecondsMax) {
    EXPECT_EQ(seconds_from(0)(std::string("1000000000")), "");
    expect_refused(seconds_from(0), "1000000001", "a number of seconds from 0 to 1000000000");
}

TEST(Checks, SecondsAboveZero) {
    const auto check = seconds_above_zero(10);
    EXPECT_EQ(check(std::string("0.001")), "");
    for (const char* bad : {"0", "nan", "10.5"}) expect_refused(check, bad, "a number of seconds above 0 and up to 10");
}

TEST(Checks, Whole) {
    const auto check = whole_number(1, 65507);
    for (const char* good : {"1", "007", "65507"}) EXPECT_EQ(check(std::string(good)), "") << good;
    for (const char* bad : {"0", "65508", "18446744073709551616", "-1", "1.5", "1e3", "nan", "", "x"}) {
        expect_refused(check, bad, "a whole number from 1 to 65507");
    }
}

TEST(Checks, EmptyValues) {
    CLI::App app;
    std::string text;
    app.add_option("PLACE", text);
    app.add_option("--message", text);
    app.add_option("--net", text)->type_name("NET");
    refuse_empty_values(app);
    app.parse(std::vector<std::string>{"", "--message", "kernel", "--net"});
    for (const std::vector<std::string>& good : {std::vector<std::string>{"", "--message"}, {""}}) {
        EXPECT_NO_THROW(app.parse(std::vector<std::string>(good))) << good.back();
    }
    try {
        app.parse(std::vector<std::string>{"", "--net"});
        ADD_FAILURE() << "an empty --net is taken";
    } catch (const CLI::ValidationError& error) {
        EXPECT_STREQ(error.what(), "--net: nothing is given; write a value, or leave --net out");
    }
}

}  // namespace
}  // namespace strata::cli
