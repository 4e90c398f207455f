// OpenFile: a file whose bytes are read and written, until it is closed. Version 3 knows no
// opening: there it is its handle.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/5_session/rpc/client/client.hpp"
#include "strata/7_application/nfs/attributes/attributes.hpp"

namespace strata::application::nfs::client {

class OpenFile {
public:
    using Verifier = std::array<std::byte, 8>;
    struct Read {
        session::rpc::Results message{};  // which the data are in
        Bytes data{};
        bool end_of_file = false;
        PostAttributes attributes{};
    };
    struct Written {
        std::uint32_t count = 0;
        bool waits_for_commit = false;
        Verifier verifier{};
    };

    OpenFile() = default;
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    virtual ~OpenFile() = default;

    // Several may wait at a time; each throws Failure. How much of
    // what was asked for was done is the caller's to check.
    [[nodiscard]] virtual session::asio::awaitable<Read> read(std::uint64_t offset, std::uint32_t count) = 0;
    [[nodiscard]] virtual session::asio::awaitable<Written> write(std::uint64_t offset, Bytes bytes) = 0;
    // All of the file.
    [[nodiscard]] virtual session::asio::awaitable<Verifier> commit() = 0;
    // Nothing waits any more. Does not throw.
    [[nodiscard]] virtual session::asio::awaitable<void> close() = 0;
};

}  // namespace strata::application::nfs::client
