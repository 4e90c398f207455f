// EthersFile: an ethers file and its hosts file on disk, read again when one of them has changed.
#pragma once

#include <optional>
#include <string>

#include "strata/7_application/files/file_stamp.hpp"
#include "strata/7_application/rarp/ethers.hpp"

namespace strata::application::rarp {

struct EthersFileOptions {
    std::string hosts = "/etc/hosts";     // may be missing: then no name is known
    std::size_t file_size_max = 1 << 20;  // bytes; a longer file is an error
    std::size_t machines_max = link::RarpTable::entries_max_default;
};

class EthersFile {
public:
    explicit EthersFile(std::string path, EthersFileOptions options = {});

    // The table, if the files are others than last time (by time, size or inode); nothing if they
    // are the same. The error is a sentence with file and line; it too is told only once a change.
    [[nodiscard]] std::expected<std::optional<link::RarpTable>, std::string> read_if_changed();

private:
    // What tells one version of a file from another.
    [[nodiscard]] std::expected<std::string, std::string> read(const std::string& path) const;

    std::string path_;
    EthersFileOptions options_;
    std::optional<std::pair<FileStamp, FileStamp>> seen_;
};

}  // namespace strata::application::rarp
