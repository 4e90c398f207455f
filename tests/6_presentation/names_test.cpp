// Names of hosts in ASCII, and bytes as text.
#include <gtest/gtest.h>

#include <vector>

#include "strata/6_presentation/base64.hpp"
#include "strata/6_presentation/host_name.hpp"

namespace strata::presentation {
namespace {

TEST(HostName, InAsciiIsAsItStands) {
    for (const char* name : {"example.test", "10.0.0.1", "::1", "a_b", ""}) EXPECT_EQ(host_name_in_ascii(name), name);
}

// RFC 5891, and UTS 46 as registries have it since 2010: no letter is taken for another one.
TEST(HostName, OfAnyScriptHasAFormInAscii) {
    EXPECT_EQ(host_name_in_ascii("bücher.example"), "xn--bcher-kva.example");
    EXPECT_EQ(host_name_in_ascii("BÜCHER.example"), "xn--bcher-kva.example");
    EXPECT_EQ(host_name_in_ascii("straße.de"), "xn--strae-oqa.de");
    EXPECT_EQ(host_name_in_ascii("例え.テスト"), "xn--r8jz45g.xn--zckzah");
    EXPECT_EQ(host_name_in_ascii("中国。example"), "xn--fiqs8s.example") << "with the full stop of that script";
}

TEST(HostName, ThatIsNoneSaysWhy) {
    const std::vector<std::string> names{"\xff\xfe.test", "ü" + std::string(70, 'x') + ".test", "\xe2\x80\x8d.test"};
    for (const std::string& name : names) {
        const auto ascii = host_name_in_ascii(name);
        ASSERT_FALSE(ascii) << *ascii;
        EXPECT_TRUE(ascii.error().starts_with("it is no name of a host: ")) << ascii.error();
    }
}

// RFC 4648 10.
TEST(Base64, TestVectors) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64(std::string(100, '\xff')).size(), 136u);
}

}  // namespace
}  // namespace strata::presentation
