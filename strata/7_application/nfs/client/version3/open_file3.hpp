// OpenFile3: the handle of a file, and READ, WRITE and COMMIT of it
// (RFC 1813 3.3.6, 3.3.7, 3.3.21).
#pragma once

#include "strata/7_application/nfs/client/version3/session.hpp"
#include "strata/7_application/nfs/client/volume/open_file.hpp"

namespace strata::application::nfs::client {

class OpenFile3 final : public OpenFile {
public:
    OpenFile3(std::shared_ptr<Session> session, const Handle& file) : session_(std::move(session)), file_(file) {}
    [[nodiscard]] session::asio::awaitable<Read> read(std::uint64_t offset, std::uint32_t count) override;
    [[nodiscard]] session::asio::awaitable<Written> write(std::uint64_t offset, Bytes bytes) override;
    [[nodiscard]] session::asio::awaitable<Verifier> commit() override;
    [[nodiscard]] session::asio::awaitable<void> close() override;

private:
    std::shared_ptr<Session> session_;
    Handle file_;
};

}  // namespace strata::application::nfs::client
