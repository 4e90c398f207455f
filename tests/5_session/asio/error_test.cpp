// Our errors as Asio's: what a kernel's socket would give in the same place.
#include "strata/5_session/asio/error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace strata::session {
namespace {

// Each of them: the values are one after another.
TEST(ToAsio, IsWhatTheKernelGivesForEveryError) {
    int count = 0;
    for (int value = 1; value <= static_cast<int>(Error::limit_reached); ++value, ++count) {
        const std::error_code ours = make_error_code(static_cast<Error>(value));
        const boost::system::error_code theirs = to_asio(ours);
        EXPECT_EQ(theirs.category(), boost::system::system_category()) << ours.message();
        EXPECT_NE(theirs.value(), EIO) << ours.message();
        // errno's code of the same condition, unless limits of ours are the process's there.
        if (ours == Error::limit_reached) {
            EXPECT_EQ(theirs.value(), EMFILE);
        } else {
            EXPECT_EQ(std::error_code(theirs.value(), std::generic_category()).default_error_condition(),
                      ours.default_error_condition())
                << ours.message();
        }
    }
    EXPECT_EQ(count, 21);
}

TEST(ToAsio, LeavesTheKernelsAsTheyAre) {
    EXPECT_FALSE(to_asio({}));
    EXPECT_EQ(to_asio({ENOENT, std::generic_category()}).value(), ENOENT);
}

}  // namespace
}  // namespace strata::session
