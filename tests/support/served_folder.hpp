// ServedFolder: a folder with files, removed at the end; and two hosts
// of ours in virtual time to serve it from.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "strata/7_application/files/file_root.hpp"
#include "strata/lab/lab.hpp"

namespace strata::test {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = std::filesystem::temp_directory_path() / "strata-test-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

private:
    std::filesystem::path path_;
};

//   client 10.0.0.1 ── cable ── server 10.0.0.2
struct ServedFolder : testing::Test {
    TemporaryFolder folder;
    lab::VirtualLab lab{1};
    host::Host& client = lab.add_host("client");
    host::Host& server = lab.add_host("server");
    physical::Cable& cable = lab.join(client, "10.0.0.1/24", server, "10.0.0.2/24");
    application::FileRoot root = *application::FileRoot::open(folder.path());

    // Begins something; what it throws, in words, is in `failure` once it has.
    void begin(session::asio::awaitable<void> task, std::string& failure) {
        session::asio::co_spawn(lab.io(), std::move(task), [&failure](std::exception_ptr failed) {
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const std::exception& error) {
                failure = error.what();
            }
        });
    }
    // Lets it end, within `at_most` of virtual time; what it threw, in words, or nothing.
    std::string failure_of(session::asio::awaitable<void> task, Duration at_most) {
        std::string failure;
        begin(std::move(task), failure);
        lab.run_for(at_most);
        return failure;
    }
};

}  // namespace strata::test
