// All that CLI11 can refuse, as a person reads it.
#include "strata/cli/wrong_use/sentence.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace strata::cli {
namespace {

// What is said to `strata <line>`; empty if it is taken.
std::string said(const std::string& line) {
    CLI::App app;
    app.name("strata");
    app.require_subcommand(1);
    CLI::App* get = app.add_subcommand("get", "Fetch.");
    std::string text;
    double number = 0;
    bool flag = false;
    get->add_option("URL", text, "from there")->required();
    auto* net = get->add_option("--net", text, "on it")->type_name("NET");
    get->add_option("--depth", number, "so far")->type_name("N")->check(CLI::Range(0, 5));
    get->add_option("--width", number, "so wide");
    get->add_option("--kind", text, "of that kind")->check(CLI::IsMember({"red", "green", "blue"}));
    get->add_flag("--resume", flag, "go on");
    get->add_flag("--fresh", flag, "begin anew")->excludes("--resume");
    get->add_flag("--loud", flag, "say more")->needs(net);
    app.add_subcommand("serve", "Serve.");
    try {
        app.parse(line);
    } catch (const CLI::ParseError& error) {
        return explain(app, error);
    }
    return "";
}

TEST(Sentence, WhatIsRight) { EXPECT_EQ(said("get x --net y --depth 3 --kind red --resume"), ""); }

TEST(Sentence, Commands) {
    EXPECT_EQ(said(""), "no command is given; 'strata help' lists them");
    EXPECT_EQ(said("gte"), "there is no command 'gte' (did you mean 'get'?); 'strata help' lists them");
    EXPECT_EQ(said("gte x --net y"), "there is no command 'gte' (did you mean 'get'?); 'strata help' lists them");
    EXPECT_EQ(said("nonsense"), "there is no command 'nonsense'; 'strata help' lists them");
}

TEST(Sentence, Options) {
    EXPECT_EQ(said("--net y get x"), "--net belongs behind a command; write it as in 'strata get --net'");
    EXPECT_EQ(said("--nothing get x"), "strata has no option --nothing; 'strata help' lists them");
    EXPECT_EQ(said("get x --resmue"),
              "get has no option --resmue (did you mean '--resume'?); 'strata help get' lists them");
    EXPECT_EQ(said("get --ent=y"), "get has no option --ent (did you mean '--net'?); 'strata help get' lists them");
    EXPECT_EQ(said("get x -q"), "get has no option -q; 'strata help get' lists them");
}

TEST(Sentence, Arguments) {
    EXPECT_EQ(said("get"), "get needs URL; write 'strata get URL [OPTION]...'");
    EXPECT_EQ(said("get --"), "get needs URL; write 'strata get URL [OPTION]...'");
    EXPECT_EQ(said("get x y"), "get does not know what to do with 'y'; write 'strata get URL [OPTION]...'");
}

TEST(Sentence, Values) {
    EXPECT_EQ(said("get x --net"), "--net needs a value; write --net NET");
    EXPECT_EQ(said("get x --net a --net b"), "--net is given 2 times; give it once");
    EXPECT_EQ(said("get x --resume=maybe"), "--resume takes no value; write it alone");
    EXPECT_EQ(said("get x --kind gren"),
              "--kind: 'gren' is not understood (did you mean 'green'?); write red, green or blue");
    EXPECT_EQ(said("get x --depth 9"), "--depth: '9' is not understood; 'strata help get' says what it takes");
    EXPECT_EQ(said("get x --width wide"), "--width: 'wide' is not understood; 'strata help get' says what it takes");
}

TEST(Sentence, Together) {
    EXPECT_EQ(said("get x --fresh --resume"), "--resume excludes --fresh; leave one of them out");
    EXPECT_EQ(said("get x --loud"), "--loud requires --net; give both");
}

}  // namespace
}  // namespace strata::cli
