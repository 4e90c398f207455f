// ethers(5) and hosts(5): what is read, and which line is blamed. The files, read again when they
// change; and the server that looks at them.
#include "strata/7_application/rarp/ethers.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "strata/7_application/rarp/server.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/network.hpp"

namespace strata::application::rarp {
namespace {

constexpr MacAddress machine{{0x08, 0x00, 0x20, 0x00, 0x61, 0xca}};
const Hosts hosts = parse_hosts(
    "127.0.0.1 localhost\n"
    "10.0.0.8\tprinter printer.example.net # the one downstairs\n"
    "10.0.0.9 printer\n"
    "2001:db8::1 six\n"
    "not a line of ours\n");

TEST(HostsFile, NamesHaveTheirFirstIpv4Address) {
    EXPECT_EQ(hosts.size(), 3u);
    EXPECT_EQ(hosts.at("printer"), (Ipv4Address{10, 0, 0, 8}));
    EXPECT_EQ(hosts.at("printer.example.net"), (Ipv4Address{10, 0, 0, 8}));
}

TEST(EthersFormat, AddressesAndNames) {
    const auto table = parse_ethers(
        "# machines\n"
        "\n"
        "8:0:20:0:61:CA 10.0.0.7\n"
        "  02:00:00:00:00:01\t Printer  # its name in any case\r\n"
        "02:00:00:00:00:02 10.0.0.3",
        hosts);
    ASSERT_TRUE(table);
    EXPECT_EQ(table->size(), 3u);
    EXPECT_EQ(table->addresses().at(machine), (Ipv4Address{10, 0, 0, 7}));
    EXPECT_EQ(table->addresses().at(MacAddress{{2, 0, 0, 0, 0, 1}}), (Ipv4Address{10, 0, 0, 8}));
    EXPECT_TRUE(parse_ethers("", hosts));
}

struct Wrong {
    const char* name;
    const char* text;
    std::size_t line;
    const char* says;
};
struct EthersErrors : testing::TestWithParam<Wrong> {};
INSTANTIATE_TEST_SUITE_P(
    Lines, EthersErrors,
    testing::Values(Wrong{"OneWord", "\n8:0:20:0:61:ca\n", 2, "a line has"},
                    Wrong{"ThreeWords", "8:0:20:0:61:ca 10.0.0.7 more", 1, "a line has"},
                    Wrong{"FiveParts", "8:0:20:0:61 10.0.0.7", 1, "'8:0:20:0:61' is no hardware address"},
                    Wrong{"SevenParts", "8:0:20:0:61:ca:1 10.0.0.7", 1, "is no hardware address"},
                    Wrong{"AnEmptyPart", "8::20:0:61:ca 10.0.0.7", 1, "is no hardware address"},
                    Wrong{"ThreeDigits", "8:0:200:0:61:ca 10.0.0.7", 1, "is no hardware address"},
                    Wrong{"NoDigit", "8:0:20:0:61:cg 10.0.0.7", 1, "is no hardware address"},
                    Wrong{"UnknownName", "# x\n# y\n8:0:20:0:61:ca plotter", 3, "no host 'plotter' is known"},
                    Wrong{"NameOfIpv6Alone", "8:0:20:0:61:ca six", 1, "no host 'six' is known"},
                    Wrong{"Ipv6Address", "8:0:20:0:61:ca 2001:db8::1", 1, "no host '2001:db8::1' is known"},
                    Wrong{"Loopback", "8:0:20:0:61:ca localhost", 1, "can be no machine's"},
                    Wrong{"Group", "ff:ff:ff:ff:ff:ff 10.0.0.7", 1, "can be no machine's"},
                    Wrong{"Twice", "8:0:20:0:61:ca 10.0.0.7\n08:00:20:00:61:ca 10.0.0.9", 2, "is there already"},
                    Wrong{"Unprintable", "8:0:20:0:61:ca pr\x1b[2Jint", 1, "no host 'pr"}),
    [](const auto& given) { return std::string{given.param.name}; });

TEST_P(EthersErrors, NameTheLine) {
    const auto table = parse_ethers(GetParam().text, hosts);
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().number, GetParam().line);
    EXPECT_NE(table.error().what.find(GetParam().says), std::string::npos) << table.error().what;
    EXPECT_EQ(table.error().what.find('\x1b'), std::string::npos);
}

TEST(EthersFormat, IsBounded) {
    const char* two = "2:0:0:0:0:1 10.0.0.1\n2:0:0:0:0:2 10.0.0.2\n";
    EXPECT_TRUE(parse_ethers(two, hosts, 2));
    const auto table = parse_ethers(two, hosts, 1);
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().number, 2u);
    EXPECT_EQ(table.error().what, "more than 1 machines");
}

// --- on disk

struct EthersFileTest : testing::Test {
    std::filesystem::path folder;
    std::string path, hosts_path;

    void SetUp() override {
        std::string name = testing::TempDir() + "ethers-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        path = folder / "ethers";
        hosts_path = folder / "hosts";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    // As editors do: a new file takes the old one's place.
    static void write(const std::string& to, std::string_view text) {
        std::ofstream{to + ".new"} << text;
        std::filesystem::rename(to + ".new", to);
    }
};

TEST_F(EthersFileTest, IsReadAgainOnlyWhenItHasChanged) {
    write(path, "8:0:20:0:61:ca printer\n");
    write(hosts_path, "10.0.0.8 printer\n");
    EthersFile file{path, {.hosts = hosts_path}};
    auto table = file.read_if_changed();
    ASSERT_TRUE(table && *table);
    EXPECT_EQ((*table)->addresses().at(machine), (Ipv4Address{10, 0, 0, 8}));
    table = file.read_if_changed();
    EXPECT_TRUE(table && !*table);
    write(hosts_path, "10.0.0.9 printer\n");  // as long as before
    table = file.read_if_changed();
    ASSERT_TRUE(table && *table);
    EXPECT_EQ((*table)->addresses().at(machine), (Ipv4Address{10, 0, 0, 9}));
}

TEST_F(EthersFileTest, SaysOnceWhatIsWrong) {
    EthersFile file{path, {.hosts = hosts_path, .file_size_max = 40, .machines_max = 1}};
    auto table = file.read_if_changed();
    ASSERT_FALSE(table);
    EXPECT_NE(table.error().find("cannot read " + path), std::string::npos) << table.error();
    EXPECT_TRUE(file.read_if_changed()) << "the same is not said twice";
    write(path, "8:0:20:0:61:ca 10.0.0.7\nnonsense\n");
    table = file.read_if_changed();
    ASSERT_FALSE(table);
    EXPECT_TRUE(table.error().starts_with(path + ":2: ")) << table.error();
    write(path, std::string(41, '#'));  // file_size_max = 40
    table = file.read_if_changed();
    ASSERT_FALSE(table);
    EXPECT_NE(table.error().find("more than 40 bytes"), std::string::npos);
    write(path, std::string(40, '#'));
    table = file.read_if_changed();
    EXPECT_TRUE(table && *table && (*table)->size() == 0);
    write(path, "2:0:0:0:0:1 10.0.0.1\n2:0:0:0:0:2 1.1.1.1\n");  // 40 bytes, machines_max = 1
    EXPECT_FALSE(file.read_if_changed());
    std::filesystem::remove(path);
    EXPECT_FALSE(file.read_if_changed());
    EthersFile of_a_folder{folder};
    EXPECT_FALSE(of_a_folder.read_if_changed());
}

// --- the server that looks at them

struct RarpFileServerTest : EthersFileTest {
    test::World world;
    test::FakeLink link{MacAddress{{2, 0, 0, 0, 0, 1}}};
    std::vector<std::string> told;

    [[nodiscard]] std::unique_ptr<Server> open() {
        return std::make_unique<Server>(
            world.context(), link, Ipv4Address{10, 0, 0, 1}, path,
            [this](const std::string& line) { told.push_back(line); }, ServerOptions{.files = {.hosts = hosts_path}});
    }
};

TEST_F(RarpFileServerTest, TakesWhatIsRightAndKeepsItOtherwise) {
    write(path, "8:0:20:0:61:ca 10.0.0.7\n");
    const auto server = open();
    EXPECT_EQ(told, std::vector<std::string>{"answering for 1 machine"});
    world.run_for(10s);
    EXPECT_EQ(told.size(), 1u);
    write(path, "8:0:20:0:61:ca 10.0.0.7\n8:0:20:0:61:cb\n");
    world.run_for(10s);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_NE(told[1].find(":2: "), std::string::npos);
    EXPECT_TRUE(told[1].ends_with("the table before is kept"));
    write(path, "8:0:20:0:61:ca 10.0.0.7\n8:0:20:0:61:cb 10.0.0.8\n");
    world.run_for(10s);
    EXPECT_EQ(told.back(), "answering for 2 machines");
    EXPECT_EQ(server->counters().rarpOutReplies, 0u);
}

TEST_F(RarpFileServerTest, DoesNotBeginWithoutATable) { EXPECT_THROW((void)open(), std::runtime_error); }

}  // namespace
}  // namespace strata::application::rarp
