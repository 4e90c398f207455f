#include "strata/5_session/asio/file_pages.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <vector>

namespace strata::session {
namespace {

constexpr std::size_t read_at_a_time = 256 << 10;

std::size_t result_of(ssize_t count, const FileSlice& slice, error_code& error) {
    error.clear();
    if (count > 0 || slice.count == 0) return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    if (count < 0 && errno == EAGAIN) {
        error = asio::error::try_again;
    } else {
        error = asio::error::eof;
    }
    return 0;
}

ssize_t read_with(const FileSlice& slice, std::span<const iovec> to, int flags) {
    const auto place = static_cast<off_t>(slice.offset);
    return ::preadv2(slice.descriptor, to.data(), static_cast<int>(to.size()), place, flags);
}

// Devices that do not know RWF_NOWAIT, a tmpfs say: to ask again each time would be a call for
// nothing.
class Devices {
public:
    [[nodiscard]] bool has(std::uint64_t device) const noexcept {
        return device != 0 && std::ranges::find(known_, device) != known_.end();
    }
    void add(std::uint64_t device) noexcept {
        if (!has(device)) known_[next_++ % known_.size()] = device;
    }

private:
    std::array<std::uint64_t, 8> known_{};
    std::size_t next_ = 0;
};
thread_local Devices cannot_tell;

bool page_in_memory(const FileSlice& slice, std::uint64_t place) {
    std::byte byte{};
    const iovec to{&byte, 1};
    if (read_with({slice.descriptor, place, 1}, {&to, 1}, RWF_NOWAIT) >= 0) return true;
    if (errno == EAGAIN) return false;
    cannot_tell.add(slice.device);
    return true;
}

// Into nowhere: the kernel keeps the pages.
void read_through(const FileSlice& slice) {
    std::vector<std::byte> nowhere(static_cast<std::size_t>(std::min<std::uint64_t>(slice.count, read_at_a_time)));
    for (std::uint64_t done = 0; done < slice.count;) {
        const ssize_t count =
            ::pread(slice.descriptor, nowhere.data(), nowhere.size(), static_cast<off_t>(slice.offset + done));
        if (count <= 0) return;
        done += static_cast<std::uint64_t>(count);
    }
}

}  // namespace

FilePages::FilePages(asio::execution_context& context) : service(context) {}
FilePages::~FilePages() = default;

FilePages& FilePages::of(const asio::any_io_executor& executor) {
    return asio::use_service<FilePages>(asio::query(executor, asio::execution::context));
}

std::size_t FilePages::read_now(const FileSlice& slice, std::span<const iovec> to, error_code& error) {
    if (cannot_tell.has(slice.device)) return read(slice, to, error);
    const ssize_t count = read_with(slice, to, RWF_NOWAIT);
    if (count < 0 && (errno == EOPNOTSUPP || errno == EINVAL || errno == ENOSYS)) {
        cannot_tell.add(slice.device);
        return read(slice, to, error);
    }
    return result_of(count, slice, error);
}

std::size_t FilePages::read(const FileSlice& slice, std::span<const iovec> to, error_code& error) {
    ssize_t count = -1;
    do {
        count = read_with(slice, to, 0);
    } while (count < 0 && errno == EINTR);
    return result_of(count, slice, error);
}

bool FilePages::in_memory(const FileSlice& slice, std::size_t window) {
    const std::uint64_t count = std::min<std::uint64_t>(slice.count, window);
    return count == 0 || cannot_tell.has(slice.device) ||
           (page_in_memory(slice, slice.offset) && page_in_memory(slice, slice.offset + count - 1));
}

void FilePages::fetch(const FileSlice& slice, std::size_t window, WaitHandler handler) {
    // A descriptor of its own: the caller may have given up, and closed the other, by the time the
    // disk answers.
    FileSlice own{has_thread() ? ::fcntl(slice.descriptor, F_DUPFD_CLOEXEC, 0) : -1, slice.offset,
                  std::min<std::uint64_t>(slice.count, window)};
    if (own.descriptor < 0) return handler.complete({});
    asio::post(*thread_, [own, handler = std::move(handler)]() mutable {
        read_through(own);
        ::close(own.descriptor);
        handler.complete({});
    });
}

bool FilePages::has_thread() {
    if (thread_) return true;
    try {
        thread_ = std::make_unique<asio::thread_pool>(1);
    } catch (const boost::system::system_error&) {
        return false;
    }
    return true;
}

void FilePages::shutdown() noexcept {
    if (thread_) thread_->stop();
    thread_.reset();  // waits for what it reads just now
}

}  // namespace strata::session
