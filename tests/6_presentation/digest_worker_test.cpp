// The same digest whoever hashes, and whenever.
#include "strata/6_presentation/digest_worker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/support/no_threads.hpp"

namespace strata::presentation {
namespace {

std::vector<std::byte> bytes_of_size(std::size_t size, std::uint8_t first) {
    std::vector<std::byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(first + i * 7);
    return bytes;
}

TEST(Sha256Worker, HashesInTheOrderInWhichItWasGiven) {
    Sha256Worker worker;
    Sha256 expected;
    std::array<std::vector<std::byte>, 3> buffers;
    std::array<std::uint64_t, 3> numbers{};
    for (std::size_t i = 0; i < 100; ++i) {
        auto& buffer = buffers[i % 3];
        worker.wait(numbers[i % 3]);
        buffer = bytes_of_size(1000 + i, static_cast<std::uint8_t>(i));
        expected.add(buffer);
        if (i % 10 == 9) {
            worker.add(buffer);
        } else {
            numbers[i % 3] = worker.hand_over(buffer);
        }
    }
    EXPECT_EQ(worker.finish(), expected.finish());
}

TEST(Sha256Worker, BeginsAnew) {
    Sha256Worker worker;
    const auto old = bytes_of_size(100'000, 1), fresh = bytes_of_size(10, 2);
    (void)worker.hand_over(old);
    worker.restart();
    worker.add(fresh);
    Sha256 expected;
    expected.add(fresh);
    EXPECT_EQ(worker.finish(), expected.finish());
}

TEST(Sha256Worker, WithoutAThreadItHashesItself) {
    if (!test::threads_can_be_denied) GTEST_SKIP();
    const auto bytes = bytes_of_size(100, 4);
    Sha256 expected;
    expected.add(bytes);
    Sha256Worker worker;
    {
        const test::NoThreads none;
        worker.wait(worker.hand_over(bytes));
    }
    EXPECT_EQ(worker.finish(), expected.finish());
}

TEST(Sha256Worker, OfNothing) {
    Sha256Worker worker;
    EXPECT_EQ(worker.finish(), Sha256{}.finish());
}

TEST(Sha256Worker, EndsWithWorkLeft) {
    const auto bytes = bytes_of_size(1 << 20, 3);
    Sha256Worker worker;
    for (int i = 0; i < 10; ++i) (void)worker.hand_over(bytes);
}

}  // namespace
}  // namespace strata::presentation
