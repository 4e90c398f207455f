// A TFTP server as a Remote, by URLs of RFC 3617.
#include "strata/7_application/tftp/client/remote/remote.hpp"

#include "tests/7_application/tftp/served.hpp"

namespace strata::application::tftp {
namespace {

TEST(TftpUrl, NamesAFileAndItsMode) {
    EXPECT_EQ(name_in("/a/b%20c")->name, "a/b c");
    EXPECT_EQ(name_in("//etc/x")->name, "/etc/x");
    EXPECT_FALSE(name_in("/x")->mode);
    EXPECT_EQ(name_in("/x;mode=netascii")->mode, Mode::netascii);
    EXPECT_EQ(name_in("/x;mode=OCTET")->mode, Mode::octet);
    EXPECT_EQ(name_in("/x;y;mode=octet")->name, "x;y");
    EXPECT_TRUE(name_in("/x;mode=mail").error().contains("mode is not known"));
    EXPECT_TRUE(name_in("/;mode=octet").error().contains("names no file"));
    EXPECT_TRUE(name_in("/%4").error().contains("%25"));
}

struct TftpRemoteServer : TftpServed {
    std::string get(const std::string& target) {
        OutputFile out(folder.path() / "got", {.force = true});
        TftpRemote from(client.network(), {.scheme = "tftp", .host = "10.0.0.2", .port = 69}, options);
        const std::string failure = failure_of(from.read(target, out, {}), 5min);
        if (failure.empty()) out.commit();
        return failure;
    }
    std::string put(const std::string& target, const std::string& text) {
        folder.write("local", text);
        InputFile in(folder.path() / "local");
        TftpRemote to(client.network(), {.scheme = "tftp", .host = "10.0.0.2", .port = 69}, options);
        return failure_of(to.write(target, in, {}, {}), 5min);
    }
    RemoteOptions options;
};

TEST_F(TftpRemoteServer, ReadsAndWrites) {
    let_write(FileRights::add);
    folder.write("lines", "a\nb\rc");
    serve();
    EXPECT_EQ(get("/boot/big"), "");
    EXPECT_EQ(folder.read("got"), std::string(10000, 'b'));
    EXPECT_EQ(get("/lines;mode=netascii"), "");
    EXPECT_EQ(folder.read("got"), "a\nb\rc");
    EXPECT_EQ(put("/put", std::string(9999, 'p')), "");
    EXPECT_EQ(folder.read("put"), std::string(9999, 'p'));
    EXPECT_TRUE(put("/put", "again").contains("is there already"));
}

TEST_F(TftpRemoteServer, SaysWhatIsWrong) {
    serve();
    EXPECT_TRUE(get("/none").contains("there is no such file"));
    EXPECT_EQ(get("/x;mode=mail"),
              "cannot fetch tftp://10.0.0.2/x;mode=mail: its mode is not known here; write ;mode=octet or "
              ";mode=netascii");
    options.client.rate_limit = 1000;
    EXPECT_TRUE(get("/hello").contains("leave --limit-rate out"));
}

}  // namespace
}  // namespace strata::application::tftp
