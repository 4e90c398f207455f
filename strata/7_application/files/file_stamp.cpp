#include "strata/7_application/files/file_stamp.hpp"

#include <sys/stat.h>

namespace strata::application {

FileStamp stamp_of(const std::string& path) {
    struct ::stat facts{};
    if (::stat(path.c_str(), &facts) != 0) return {};
    const auto nanoseconds = [](const ::timespec& time) {
        return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return {.there = true,
            .modified = nanoseconds(facts.st_mtim),
            .changed = nanoseconds(facts.st_ctim),
            .size = static_cast<std::uint64_t>(facts.st_size),
            .inode = facts.st_ino};
}

}  // namespace strata::application
