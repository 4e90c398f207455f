#include "strata/7_application/rarp/ethers_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "strata/0_foundation/printable.hpp"

namespace strata::application::rarp {

EthersFile::EthersFile(std::string path, EthersFileOptions options)
    : path_(std::move(path)), options_(std::move(options)) {}

// The stamps are taken before the files are read: what is written meanwhile is another version.
std::expected<std::optional<link::RarpTable>, std::string> EthersFile::read_if_changed() {
    const std::pair now{stamp_of(path_), stamp_of(options_.hosts)};
    if (seen_ == now) return std::nullopt;
    seen_ = now;
    const auto ethers = read(path_);
    if (!ethers) return std::unexpected(ethers.error());
    Hosts hosts;
    if (now.second.there) {
        const auto text = read(options_.hosts);
        if (!text) return std::unexpected(text.error());
        hosts = parse_hosts(*text);
    }
    auto table = parse_ethers(*ethers, hosts, options_.machines_max);
    if (!table) {
        return std::unexpected(printable(path_) + ":" + std::to_string(table.error().number) + ": " +
                               table.error().what);
    }
    return std::move(*table);
}

std::expected<std::string, std::string> EthersFile::read(const std::string& path) const {
    std::ifstream file{path, std::ios::binary};
    std::string text(options_.file_size_max + 1, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    // A short file ends with eof and fail; bad, or nothing opened, is an error of the system's.
    if (!file.is_open() || file.bad()) {
        return std::unexpected("cannot read " + printable(path) + ": " + std::strerror(errno));
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > options_.file_size_max) {
        return std::unexpected(printable(path) + " has more than " + std::to_string(options_.file_size_max) + " bytes");
    }
    return text;
}

}  // namespace strata::application::rarp
