#include "strata/5_session/stream.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

#include "strata/5_session/asio/file_pages.hpp"
#include "strata/5_session/asio/translated.hpp"

namespace strata::session {
namespace {

constexpr std::size_t copied_at_once = 64 << 10;

// The bytes of both, in a buffer of their own.
std::vector<std::byte> read_piece(const ConstBufferList& before, const FileSlice& slice, error_code& error) {
    const std::size_t head = asio::buffer_size(before);
    std::vector<std::byte> bytes(head + static_cast<std::size_t>(std::min<std::uint64_t>(slice.count, copied_at_once)));
    asio::buffer_copy(asio::buffer(bytes), before);
    const iovec to{bytes.data() + head, bytes.size() - head};
    const std::size_t count = slice.count == 0 ? 0 : FilePages::read(slice, {&to, 1}, error);
    bytes.resize(head + count);
    return bytes;
}

}  // namespace

void StreamImplementation::start_send_file(const ConstBufferList& before, const FileSlice& slice, IoHandler handler) {
    error_code error;
    auto bytes = std::make_unique<std::vector<std::byte>>(read_piece(before, slice, error));
    if (error) return handler.complete(error, 0);
    const ConstBufferList list{asio::buffer(*bytes)};
    auto complete = [bytes = std::move(bytes)](IoHandler to, error_code failed, std::size_t count) {
        to(failed, count);
    };
    start_write(list, WriteExtent::some,
                IoHandler{Translated{std::move(handler), std::move(complete)}, get_executor()});
}

std::size_t StreamImplementation::send_file_now(const ConstBufferList& before, const FileSlice& slice,
                                                error_code& error) {
    const std::vector<std::byte> bytes = read_piece(before, slice, error);
    return error ? 0 : write_now(ConstBufferList{asio::buffer(bytes)}, error);
}

}  // namespace strata::session
