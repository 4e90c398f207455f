// What a URL of NFS says behind its '?', and its path.
#include "strata/7_application/nfs/client/mounting/parameters.hpp"

#include <gtest/gtest.h>

#include "strata/7_application/nfs/client/path/path.hpp"
#include "strata/7_application/remote/registry/registry.hpp"

namespace strata::application::nfs::client {
namespace {

TEST(NfsParameters, AreReadOrRefusedInWords) {
    EXPECT_EQ(parameters_of(""), Parameters{});
    EXPECT_EQ(parameters_of("version=3&"), Parameters{.version = 3});
    EXPECT_EQ(parameters_of("version=4"), Parameters{.version = 4});
    EXPECT_EQ(parameters_of("version=4.0&transport=tcp"), Parameters{.version = 4});
    const Parameters all{.version = 3, .by_datagrams = true, .mount_port = 635, .uid = 0, .gid = 4'294'967'295u};
    EXPECT_EQ(parameters_of("version=3&transport=udp&mountport=635&uid=0&gid=4294967295"), all);
    EXPECT_EQ(parameters_of("version=4.1").error(),
              "of version 4 of NFS the minor version 0 alone is there; write version=4");
    EXPECT_EQ(parameters_of("transport=udp&version=4").error(),
              "version 4 of NFS is not spoken by UDP; leave transport=udp out, or write version=3");
    EXPECT_EQ(parameters_of("version=4&mountport=7").error(),
              "version 4 of NFS has no MOUNT; leave mountport= out, or write version=3");
    for (const std::string wrong : {"version=2", "version", "x=1", "transport=rdma", "mountport=0", "mountport=65536",
                                    "uid=-1", "gid=4294967296"}) {
        const auto found = parameters_of(wrong);
        ASSERT_FALSE(found) << wrong;
        EXPECT_TRUE(found.error().starts_with("'" + wrong)) << found.error();
    }
}

TEST(NfsParameters, AreNoPartOfTheTarget) {
    const auto url = parse_remote_url("nfs://h:7/a%3Fb/?uid=5&gid=6");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->target, "/a%3Fb/");
    EXPECT_EQ(url->parameters, "uid=5&gid=6");
    EXPECT_EQ(url->to_string(), "nfs://h:7/a%3Fb/?uid=5&gid=6");
    EXPECT_EQ(parse_remote_url("nfs://h?version=3")->to_string(), "nfs://h/?version=3");
    EXPECT_EQ(parse_remote_url("nfs://h/x")->port, 2049);
    EXPECT_FALSE(parse_remote_url("nfs://u:p@h/x"));
}

TEST(NfsPath, IsDecodedAndStaysBelowTheRoot) {
    EXPECT_EQ(path_of_target("/"), Path{});
    EXPECT_EQ(path_of_target("/a//b%20c/./d/../../../e/"), Path{"e"});
    EXPECT_EQ(text_of_path(Path{"a", "b"}), "/a/b");
    EXPECT_EQ(text_of_path(Path{}), "/");
    EXPECT_FALSE(path_of_target("/a%0"));
    EXPECT_FALSE(path_of_target("/a%00"));
    EXPECT_TRUE(path_of_target("/" + std::string(255, 'x')));
    EXPECT_FALSE(path_of_target("/" + std::string(256, 'x')));
    std::string long_path;
    for (int i = 0; i < 256; ++i) long_path += "/x";
    EXPECT_TRUE(path_of_target(long_path));
    EXPECT_FALSE(path_of_target(long_path + "/x"));
    EXPECT_EQ(path_of_text("a/../b//."), (Path{"a", "..", "b"}));
    EXPECT_TRUE(begins_with(Path{"a", "b"}, Path{"a"}));
    EXPECT_FALSE(begins_with(Path{"ab"}, Path{"a"}));
}

}  // namespace
}  // namespace strata::application::nfs::client
