#include "strata/7_application/files/listing.hpp"

#include <boost/asio/co_spawn.hpp>

#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Listed : test::ServedFolder {
    OpenFile opened = *root.open_file("");
    Names read() {
        Names names;
        session::asio::co_spawn(lab.io(), read_names(server.network(), root, opened, ""),
                                [&names](std::exception_ptr, Names found) { names = std::move(found); });
        lab.run_for(1s);
        return names;
    }
};

TEST_F(Listed, HasAllNamesOfManySlices) {
    EXPECT_EQ(read()->size(), 0u);
    for (int i = 0; i < 3000; ++i) folder.write(std::to_string(10'000 + i), "");
    const Names names = read();
    ASSERT_EQ(names->size(), 3000u);
    EXPECT_EQ(names->look_at(0)->name, "10000");
    EXPECT_EQ(names->look_at(2999)->name, "12999");
}

TEST_F(Listed, NamesAreSharedWhileSomebodyShowsThem) {
    SharedNames shared;
    Names names = read();
    shared.keep("a", opened, names);
    EXPECT_EQ(shared.find("a", opened), names);
    EXPECT_EQ(shared.find("b", opened), nullptr);
    folder.write("another", "");
    EXPECT_EQ(shared.find("a", *root.open_file("")), nullptr) << "the folder is another by now";
    names.reset();
    EXPECT_EQ(shared.find("a", opened), nullptr);
}

}  // namespace
}  // namespace strata::application
