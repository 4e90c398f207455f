#include "strata/7_application/files/content_type.hpp"

#include <gtest/gtest.h>

namespace strata::application {
namespace {

TEST(ContentType, ByEnding) {
    EXPECT_EQ(content_type("a/b.HTML"), "text/html");
    EXPECT_EQ(content_type("archive.tar.gz"), "application/gzip");
    EXPECT_EQ(content_type("README"), "application/octet-stream");
    EXPECT_EQ(content_type("x.unknown"), "application/octet-stream");
}

}  // namespace
}  // namespace strata::application
