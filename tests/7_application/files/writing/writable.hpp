// WritableRoot: a folder that may be written, whether the kernel keeps names inside it or each step
// does.
#pragma once

#include <gtest/gtest.h>

#include "strata/7_application/files/writing/upload.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::test {

inline FileRoot root_of(const strata::test::TemporaryFolder& folder, const FileRoot::Options& options) {
    return *FileRoot::open(folder.path(), options);
}

struct WritableRoot : testing::TestWithParam<bool> {
    strata::test::TemporaryFolder folder;
    FileRoot root = with(FileRights::all);
    FileRoot adding = with(FileRights::add);
    FileRoot reading = with(FileRights::read);

    [[nodiscard]] FileRoot with(FileRights rights, std::uint64_t keep_free = 0) const {
        return root_of(folder, {.by_steps = GetParam(), .rights = rights, .keep_free = keep_free});
    }
    // What begin(), write() or commit() said first; nothing if it is there.
    static std::error_code put(const FileRoot& root, const std::string& name, const std::string& text,
                               const UploadOptions& options = {}) {
        auto upload = Upload::begin(root, name, options);
        if (!upload) return upload.error();
        if (const auto written = upload->write(bytes_of(text)); !written) return written.error();
        const auto done = upload->commit();
        return done ? std::error_code{} : done.error();
    }
    [[nodiscard]] std::size_t entries(const std::string& in = "") const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path() / in)) ++count;
        return count;
    }
    static std::error_code error_of(const std::expected<void, std::error_code>& done) {
        return done ? std::error_code{} : done.error();
    }
};

}  // namespace strata::application::test
