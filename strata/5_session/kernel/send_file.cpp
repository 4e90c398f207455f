#include "strata/5_session/kernel/send_file.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/container/small_vector.hpp>
#include <cerrno>
#include <memory>

#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/asio/file_pages.hpp"
#include "strata/5_session/asio/translated.hpp"
#include "strata/5_session/kernel/address.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t copied_max =
    64 << 10;  // below this two system calls and a copy cost less than what sendfile(2) does
constexpr std::size_t copied_at_once = 256 << 10;  // fits into a processor's own cache
constexpr std::size_t window = 1 << 20;            // of a file, looked for and sent at a time

// To this machine a copy in few large pieces costs less than the file's pages one by one: there is
// no device that would fetch them itself.
bool stays_here(const StreamSocket& socket) {
    error_code error;
    const auto local = socket.local_endpoint(error);
    const auto remote = error ? local : socket.remote_endpoint(error);
    if (error) return false;
    const Address here = address_of(local);
    const Address there = address_of(remote);
    return here.is_unix() || there.is_unix() || here.endpoint().address == there.endpoint().address;
}

std::size_t send_copied(int socket, const ConstBufferList& before, const FileSlice& slice, Pages pages,
                        error_code& error) {
    static thread_local const auto bytes = std::make_unique_for_overwrite<std::byte[]>(copied_at_once);
    const iovec to{bytes.get(), static_cast<std::size_t>(std::min<std::uint64_t>(slice.count, copied_at_once))};
    std::size_t count = 0;
    if (slice.count > 0)
        count = pages == Pages::looked_for ? FilePages::read_now(slice, {&to, 1}, error)
                                           : FilePages::read(slice, {&to, 1}, error);
    return error ? 0 : send_now(socket, before, {bytes.get(), count}, 0, error);
}

}  // namespace

std::size_t send_now(int socket, const ConstBufferList& buffers, asio::const_buffer behind, int flags,
                     error_code& error) {
    boost::container::small_vector<iovec, ConstBufferList::few + 1> pieces;
    for (const asio::const_buffer& buffer : buffers)
        pieces.push_back({const_cast<void*>(buffer.data()), buffer.size()});
    if (behind.size() > 0) pieces.push_back({const_cast<void*>(behind.data()), behind.size()});
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
    ssize_t count = -1;
    do {
        count = ::sendmsg(socket, &message, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    error = count < 0 ? last_error() : error_code{};
    return count < 0 ? 0 : static_cast<std::size_t>(count);
}

std::size_t send_file_now(StreamSocket& socket, const ConstBufferList& before, const FileSlice& slice, Pages pages,
                          error_code& error) {
    error.clear();
    const int to = socket.native_handle();
    if (slice.count <= copied_max || stays_here(socket)) return send_copied(to, before, slice, pages, error);
    if (pages == Pages::looked_for && !FilePages::in_memory(slice, window)) {
        error = asio::error::would_block;
        return 0;
    }
    std::size_t sent = 0;
    if (!before.empty()) {
        sent = send_now(to, before, {}, MSG_MORE, error);
        if (error || sent < asio::buffer_size(before)) return sent;
    }
    // sendfile(2) has no flag for it.
    if (!socket.native_non_blocking()) socket.native_non_blocking(true, error);
    if (error) return sent;
    auto place = static_cast<off_t>(slice.offset);
    const ssize_t count = ::sendfile(to, slice.descriptor, &place,
                                     static_cast<std::size_t>(std::min<std::uint64_t>(slice.count, window)));
    if (count > 0) return sent + static_cast<std::size_t>(count);
    if (sent > 0) return sent;  // and what there is to say of the file is said the next time
    if (count < 0) error = last_error();
    if (count == 0 || (count < 0 && errno == EIO)) error = asio::error::eof;
    // Not every file system has pages to give.
    if (count < 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
        return send_copied(to, before, slice, pages, error);
    return 0;
}

void start_send_file(const std::shared_ptr<StreamSocket>& socket, const ConstBufferList& before, const FileSlice& slice,
                     IoHandler handler) {
    error_code error;
    const std::size_t count = send_file_now(*socket, before, slice, Pages::looked_for, error);
    if (error != asio::error::would_block) return handler.complete(error, count);
    if (FilePages::in_memory(slice, window)) {
        auto then = [socket, before, slice](IoHandler to, error_code failed) {
            if (failed) return to(failed, 0);
            start_send_file(socket, before, slice, std::move(to));
        };
        return socket->async_wait(StreamSocket::wait_write, Translated{std::move(handler), std::move(then)});
    }
    auto then = [socket, before, slice](IoHandler to, error_code) {
        error_code failed;
        const std::size_t sent = send_file_now(*socket, before, slice, Pages::waited_for, failed);
        if (failed == asio::error::would_block) return start_send_file(socket, before, slice, std::move(to));
        to(failed, sent);
    };
    const auto executor = socket->get_executor();
    FilePages::of(executor).fetch(slice, window,
                                  WaitHandler{Translated{std::move(handler), std::move(then)}, executor});
}

}  // namespace strata::session::kernel
