// A command that is defined is in --help, in the man pages and in the
// completions, without anybody writing it there.
#include "strata/cli/help/pages.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "strata/cli/commands.hpp"
#include "strata/cli/completion/completion.hpp"
#include "strata/cli/help/help_text.hpp"
#include "strata/cli/help/man_page.hpp"
#include "strata/cli/help/manual.hpp"

namespace strata::cli {
namespace {

class OurPages : public ::testing::Test {
protected:
    OurPages() {
        define_program(app_, action_);
        CLI::App* command = app_.add_subcommand("dig", "Dig a hole: it's \"deep\".");
        command->add_option("PLACE", text_, "dig [here]")->required();
        command->add_option("-d,--depth", text_, "dig so deep \\ wide")->type_name("METRES");
        command->add_option("--tool", text_, "use this")->check(CLI::IsMember({"spade", "hands"}));
        command->add_option("--into", text_, "put it there")->type_name("DIR");
        command->add_flag("--quickly", flag_, "make haste");
        command->add_flag("--secret", flag_, "nobody is told")->group("");
        pages_ = read_pages(app_);
    }

    CLI::App app_;
    Action action_;
    std::string text_;
    bool flag_ = false;
    Pages pages_;
};

TEST_F(OurPages, WhatWasDefined) {
    const Page* dig = pages_.find_command("dig");
    ASSERT_NE(dig, nullptr);
    EXPECT_EQ(dig->usage(), "strata dig PLACE [OPTION]...");
    ASSERT_EQ(dig->positionals.size(), 1u);
    EXPECT_TRUE(dig->positionals[0].required);
    ASSERT_EQ(dig->options.size(), 5u);
    EXPECT_EQ(dig->options[0].title(), "-d, --depth METRES");
    EXPECT_EQ(dig->options[1].hints.words, (std::vector<std::string>{"spade", "hands"}));
    EXPECT_TRUE(dig->options[1].all_words);
    EXPECT_EQ(dig->options[2].hints.kind, ValueHints::Kind::folders);
    EXPECT_EQ(dig->options[3].title(), "--quickly");
    EXPECT_EQ(pages_.find_command("serve")->find_option("--run-as")->hints.kind, ValueHints::Kind::users);
    EXPECT_EQ(dig->options[4].title(), "-h, --help");
    EXPECT_EQ(pages_.find_command("dgi"), nullptr);
    EXPECT_EQ(pages_.program.usage(), "strata COMMAND [OPTION]...");
}

TEST_F(OurPages, Help) {
    EXPECT_EQ(help_text(pages_, *pages_.find_command("dig")),
              "Dig a hole: it's \"deep\".\n"
              "\n"
              "usage: strata dig PLACE [OPTION]...\n"
              "\n"
              "arguments:\n"
              "  PLACE  dig [here]\n"
              "\n"
              "options:\n"
              "  -d, --depth METRES  dig so deep \\ wide\n"
              "  --tool TEXT         use this\n"
              "  --into DIR          put it there\n"
              "  --quickly           make haste\n"
              "  -h, --help          show this, and end\n");
    const std::string help = help_text(pages_, pages_.program);
    const std::size_t dig = help.find("\n  dig ");
    ASSERT_NE(dig, std::string::npos);
    // The column is the longest command's.
    EXPECT_EQ(help.substr(help.find_first_not_of(' ', dig + 6), 10), "Dig a hole");
}

TEST_F(OurPages, NoLineOfHelpIsTooLong) {
    for (const Page& page : pages_.commands) {
        std::istringstream lines(help_text(pages_, page));
        for (std::string line; std::getline(lines, line);) {
            const bool one_word = line.find_first_of(' ', line.find_first_not_of(' ')) == std::string::npos;
            EXPECT_TRUE(line.size() <= 104 || one_word || line.starts_with("  sudo"))
                << line;  // bytes; "…" takes three
        }
    }
}

TEST_F(OurPages, ManPage) {
    const std::string text = man_page(pages_, *pages_.find_command("dig"));
    for (const char* part : {".TH STRATA-DIG 1 ", "strata\\-dig \\-\ndig a hole: it\\(aqs \\(dqdeep\\(dq\n",
                             "\\fB\\-d\\fR, \\fB\\-\\-depth\\fR \\fIMETRES\\fR\nDig so deep \\e wide.\n",
                             "\\fB\\-\\-quickly\\fR\nMake haste.\n", ".SH EXIT STATUS\n", ".BR strata (1),\n"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }
    EXPECT_EQ(text.find("secret"), std::string::npos);
    EXPECT_NE(man_page(pages_, pages_.program).find("\\fBdig\\fR\nDig a hole"), std::string::npos);
}

TEST_F(OurPages, Completions) {
    for (const auto& shell : completion_shells()) {
        const std::string text = completion(pages_, shell);
        for (const char* word : {"dig", "depth", "quickly", "spade"}) {
            EXPECT_NE(text.find(word), std::string::npos) << word << " for " << shell;
        }
        EXPECT_EQ(text.find("secret"), std::string::npos) << shell;
    }
    EXPECT_THROW((void)completion(pages_, "csh"), WrongUse);
}

// Of our own commands each has what a definition alone does not give: an explanation and an
// example; and each option begins a sentence.
TEST_F(OurPages, TheManualIsWhole) {
    for (const Page& page : pages_.commands) {
        if (page.name == "dig") continue;
        EXPECT_FALSE(manual_of(page.name).description.empty()) << page.name;
        EXPECT_FALSE(manual_of(page.name).examples.empty()) << page.name;
        for (const Note& more : manual_of(page.name).options) {
            EXPECT_NE(page.find_option(more.title), nullptr) << page.name << " has no " << more.title;
        }
        for (const Argument& option : page.options) {
            EXPECT_FALSE(option.description.empty()) << page.name << " " << option.title();
            for (const char* first : {"of ", "the ", "a ", "seconds "}) {
                EXPECT_FALSE(option.description.starts_with(first)) << option.title() << ": " << option.description;
            }
        }
    }
}

TEST(Roff, NothingIsTakenForARequest) {
    EXPECT_EQ(roff(".TH"), "\\&.TH");
    EXPECT_EQ(roff("'"), "\\&\\(aq");
    EXPECT_EQ(roff("a-b\\c`^~\"'"), "a\\-b\\ec\\(ga\\(ha\\(ti\\(dq\\(aq");
    EXPECT_EQ(roff("a=1,b=2, c"), "a=1,\\:b=2, c");
    EXPECT_EQ(roff("GBK, … 文 é 😀"), "GBK, ... \\[u6587] \\[u00E9] \\[u1F600]");
    EXPECT_EQ(roff("\xff\xe2\x80"), "???");
}

TEST(Pages, SentenceOfADescription) {
    EXPECT_EQ(sentence("end after a while"), "End after a while.");
    EXPECT_EQ(sentence("End."), "End.");
    EXPECT_EQ(sentence("UTF-8, GBK, …"), "UTF-8, GBK, …");
    EXPECT_EQ(sentence("80 (default)"), "80 (default).");
    EXPECT_EQ(sentence(""), "");
}

}  // namespace
}  // namespace strata::cli
