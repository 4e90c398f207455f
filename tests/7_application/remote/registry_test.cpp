// Which URLs are known, and whose Remote they get.
#include "strata/7_application/remote/registry/registry.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

TEST(RemoteUrl, OfEachScheme) {
    for (const std::string text :
         {"http://h/x?y", "https://u:p@h:1/x", "fetch://h/x", "tftp://h:6969/a/b;mode=octet", "file:///etc/x"}) {
        ASSERT_TRUE(parse_remote_url(text)) << text;
        if (text.contains('@')) continue;
        EXPECT_EQ(parse_remote_url(text)->to_string(), text);
    }
    EXPECT_EQ(parse_remote_url("tftp://h/x")->port, 69);
    EXPECT_EQ(parse_remote_url("TFTP://[::1]:69/x")->to_string(), "tftp://[::1]/x");
    EXPECT_EQ(parse_remote_url("file://localhost/x")->to_string(), "file:///x");
    EXPECT_EQ(parse_remote_url("example.org/x")->scheme, "http");
}

TEST(RemoteUrl, OthersAreExplained) {
    for (const std::string text :
         {"gopher://h/x", "x", "/etc/x", "tftp:///x", "file://host/x", "file:/x", "http://", ""})
        EXPECT_FALSE(parse_remote_url(text)) << text;
    EXPECT_TRUE(explain_url("gopher://u:secret@h\x1b/x").starts_with("'gopher://...@h?/x' is no URL"));
    EXPECT_TRUE(explain_url("x").ends_with("nfs://HOST[:PORT]/EXPORT/PATH or file:///PATH"));
    EXPECT_FALSE(parse_remote_url("tftp://u:p@h/x"));
    EXPECT_EQ(explain_url("tftp://u:p@h/x"),
              "the URL tftp://h/x has a name and a password, which tftp has no place for; leave them out");
}

struct Registry : test::ServedFolder {
    std::unique_ptr<Remote> remote_of(const std::string& url) {
        return make_remote(client.network(), parse_remote_url(url).value(), options);
    }
    template <typename Result>
    static session::asio::awaitable<void> of_no_interest(session::asio::awaitable<Result> task) {
        (void)co_await std::move(task);
    }
    RemoteOptions options;
};

TEST_F(Registry, ARemoteServesOneOriginAndOnePerson) {
    const auto remote = remote_of("http://u:p@h/x");
    EXPECT_TRUE(remote->serves(*parse_remote_url("http://u:p@h/y")));
    for (const std::string other : {"http://h/x", "http://u:q@h/x", "https://u:p@h/x", "http://u:p@h:81/x"})
        EXPECT_FALSE(remote->serves(*parse_remote_url(other))) << other;
}

TEST_F(Registry, WhatAProtocolHasNoWordForIsRefused) {
    for (const std::string scheme : {"fetch", "tftp"}) {
        const auto remote = remote_of(scheme + "://10.0.0.2/x");
        const std::string says = scheme + " has no word for that; use another protocol";
        const auto failed = [&](session::asio::awaitable<void> task) { return failure_of(std::move(task), 1s); };
        EXPECT_EQ(failed(remote->remove("/x")), fmt::format("cannot remove {}://10.0.0.2/x: {}", scheme, says));
        EXPECT_TRUE(failed(remote->rename("/x", "/y")).ends_with(says));
        EXPECT_TRUE(failed(remote->set_date("/x", {})).ends_with(says));
        EXPECT_EQ(failed(remote->leave()), "");
        EXPECT_TRUE(failed(of_no_interest(remote->list("/"))).ends_with(says));
        EXPECT_TRUE(failed(of_no_interest(remote->stat("/x"))).ends_with(says));
        EXPECT_TRUE(failed(of_no_interest(remote->make_folder("/x"))).ends_with(says));
    }
    folder.write("x", "");
    InputFile in(folder.path() / "x");
    const auto remote = remote_of("fetch://10.0.0.2/x");
    EXPECT_TRUE(failure_of(remote->write("/x", in, {}, {}), 1s).starts_with("cannot put fetch://10.0.0.2/x: "));
}

TEST(RemoteNames, StayInTheirFolder) {
    for (const std::string name : {"a", "说明", "...", "a b", "\xff", "-", "a\nb"})
        EXPECT_TRUE(is_entry_name(name)) << name;
    for (const std::string& name : {std::string(""), std::string("."), std::string(".."), std::string("a/b"),
                                    std::string("a\0b", 3), std::string(256, 'x')})
        EXPECT_FALSE(is_entry_name(name)) << name;
    EXPECT_TRUE(is_entry_name(std::string(255, 'x')));
    EXPECT_EQ(target_within("/a", "b c"), "/a/b%20c");
    EXPECT_EQ(target_within("/a/", "#?%"), "/a/%23%3F%25");
}

}  // namespace
}  // namespace strata::application
