// Messages in tables: what was read, and what was said.
#include "strata/7_application/talk/messages.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata::application::talk {
namespace {

using Rest = Messages::Rest;

std::vector<std::string> taken(Messages& messages, std::initializer_list<std::string_view> reads) {
    std::vector<std::string> texts;
    for (const std::string_view read : reads) {
        messages.add(read);
        while (auto message = messages.next()) texts.push_back(message->text + (message->goes_on ? "+" : ""));
    }
    return texts;
}

using Texts = std::vector<std::string>;

TEST(Messages, AreLinesHoweverTheyAreCut) {
    const std::string text = "first\nsecond\r\n\n\nlast one\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        Messages messages(false, 100);
        Texts texts;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            for (auto& one : taken(messages, {std::string_view(text).substr(at, piece)})) texts.push_back(one);
        }
        EXPECT_EQ(texts, (Texts{"first", "second", "last one"})) << "in pieces of " << piece;
        EXPECT_EQ(messages.rest(), Rest::none);
    }
}

TEST(Messages, WhoHasEndedALineWillEndTheNext) {
    Messages messages(false, 100);
    EXPECT_EQ(taken(messages, {"one\ntw"}), Texts{"one"});
    EXPECT_EQ(messages.rest(), Rest::held);
    EXPECT_EQ(taken(messages, {"", "o", "\n"}), Texts{"two"});
    EXPECT_FALSE(messages.speaks_plain());
    EXPECT_EQ(taken(messages, {"three"}), Texts{});
    EXPECT_EQ(messages.take_rest()->text, "three") << "at the end of the conversation";
}

TEST(Messages, AnEmptyLineSaysThatLinesAreSpoken) {
    Messages messages(false, 100);
    EXPECT_EQ(taken(messages, {"\n", "half"}), Texts{});
    EXPECT_EQ(messages.rest(), Rest::held);
}

TEST(Messages, WhoKnowsNoLineEndsIsKnownByTheQuiet) {
    Messages messages(false, 100);
    EXPECT_EQ(taken(messages, {"hello"}), Texts{});
    EXPECT_EQ(messages.rest(), Rest::after_quiet);
    EXPECT_FALSE(messages.speaks_plain());
    EXPECT_EQ(messages.take_rest()->text, "hello");
    EXPECT_TRUE(messages.speaks_plain());
    EXPECT_EQ(messages.rest(), Rest::none);
    EXPECT_EQ(taken(messages, {"again"}), Texts{});
    EXPECT_EQ(messages.rest(), Rest::at_once);
    EXPECT_EQ(messages.take_rest()->text, "again");
    EXPECT_EQ(taken(messages, {"a\nb"}), Texts{"a"}) << "it can end lines after all";
    EXPECT_EQ(messages.rest(), Rest::after_quiet);
}

TEST(Messages, LineMax) {
    Messages messages(false, 10);
    EXPECT_EQ(taken(messages, {"0123456789\n"}), Texts{"0123456789"});
    EXPECT_EQ(taken(messages, {"0123456789"}), Texts{});
    EXPECT_EQ(taken(messages, {"a"}), Texts{"0123456789+"});
    EXPECT_EQ(taken(messages, {"b\n"}), Texts{"ab"});
    EXPECT_EQ(taken(messages, {"0123456789012345678901234\n"}), (Texts{"0123456789+", "0123456789+", "01234"}));
    EXPECT_EQ(taken(messages, {"12345678你好\n"}), (Texts{"12345678+", "你好"})) << "between characters";
    Messages narrow(false, 1);
    EXPECT_EQ(taken(narrow, {"你\n"}).size(), 3u) << "whatever the bound, it makes progress";
}

TEST(Messages, RawIsWhatOneReadBrings) {
    Messages messages(true, 10);
    EXPECT_EQ(taken(messages, {"one\ntwo\n", "three", "0123456789012345"}),
              (Texts{"one\ntwo", "three", "0123456789012345"}));
}

TEST(WholeCharacters, AreNotCut) {
    const std::string text = "a你b";
    EXPECT_EQ(whole_characters(text, 1), 1u);
    EXPECT_EQ(whole_characters(text, 2), 1u);
    EXPECT_EQ(whole_characters(text, 3), 1u);
    EXPECT_EQ(whole_characters(text, 4), 4u);
    EXPECT_EQ(whole_characters(text, 9), 5u);
    EXPECT_EQ(whole_characters("\x80\x80\x80\x80\x80\x80", 5), 5u) << "no UTF-8: anywhere";
}

}  // namespace
}  // namespace strata::application::talk
