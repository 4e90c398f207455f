#include "strata/7_application/nfs/client/version3/open_file3.hpp"

#include "strata/7_application/nfs/v3/data.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using Stable3 = v3::WriteArguments::Stable;

awaitable<OpenFile::Read> OpenFile3::read(std::uint64_t offset, std::uint32_t count) {
    v3::ReadArguments arguments;
    arguments.file = file_;
    arguments.offset = offset;
    arguments.count = count;
    auto called = co_await session_->ask<v3::ReadResults>(v3::Procedure::read, arguments);
    const v3::ReadResults& said = called.value;
    check(said.status);
    if (said.data.size() != said.count) throw nonsense("the server sends other bytes than it was asked for");
    Read result;
    result.data = said.data;
    result.end_of_file = said.end_of_file;
    result.attributes = said.attributes;
    result.message = std::move(called.message);
    co_return result;
}

awaitable<OpenFile::Written> OpenFile3::write(std::uint64_t offset, Bytes bytes) {
    v3::WriteArguments arguments;
    arguments.file = file_;
    arguments.offset = offset;
    arguments.count = static_cast<std::uint32_t>(bytes.size());
    arguments.stable = Stable3::unstable;
    arguments.data = xdr::Opaque<>(bytes);
    const auto called = co_await session_->ask<v3::WriteResults>(v3::Procedure::write, arguments);
    const v3::WriteResults& said = called.value;
    check(said.status);
    co_return Written{said.count, said.committed == Stable3::unstable, said.verifier};
}

// Other ranges than ours have nothing to wait for.
awaitable<OpenFile::Verifier> OpenFile3::commit() {
    v3::CommitArguments arguments;
    arguments.file = file_;
    const auto called = co_await session_->ask<v3::CommitResults>(v3::Procedure::commit, arguments);
    check(called.value.status);
    co_return called.value.verifier;
}

awaitable<void> OpenFile3::close() { co_return; }

}  // namespace strata::application::nfs::client
