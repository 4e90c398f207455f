// FilePages: reads a file's bytes without making the event loop wait for a disk. Streams use it to
// send files.
//
// An event loop that reads a page which is not in memory blocks all its conversations, for
// milliseconds on a disk, for longer on a network file system. So a read only takes what is in
// memory (RWF_NOWAIT of preadv2(2)); a thread, started at the first page that is missed, reads the
// rest into memory first.
#pragma once

#include <sys/uio.h>

#include <boost/asio/execution_context.hpp>
#include <memory>
#include <span>

#include "strata/5_session/asio/any_handler.hpp"
#include "strata/5_session/file_slice.hpp"

namespace boost::asio {
class thread_pool;
}

namespace strata::session {

// One an event loop: a service of its execution context.
class FilePages final : public asio::execution_context::service {
public:
    using key_type = FilePages;
    static inline asio::execution_context::id id;
    explicit FilePages(asio::execution_context& context);
    ~FilePages() override;
    [[nodiscard]] static FilePages& of(const asio::any_io_executor& executor);

    // Bytes from the slice's beginning into the buffers, as many as are in memory: fewer only where
    // a page is missing, or at the file's end. Errors: try_again if the first page is missing; eof
    // if there is nothing at that place, or it cannot be read.
    static std::size_t read_now(const FileSlice& slice, std::span<const iovec> to, error_code& error);
    // The same, waiting for the disk.
    static std::size_t read(const FileSlice& slice, std::span<const iovec> to, error_code& error);
    // Whether sending up to `window` bytes of it would find its pages. Looks at the first and the
    // last: a kernel reads ahead.
    [[nodiscard]] static bool in_memory(const FileSlice& slice, std::size_t window);

    // Completes when the first `window` bytes of the slice have been read into memory, or it was
    // tried; at once where no thread can be made: then the loop waits for the disk after all. Not
    // cancelled.
    void fetch(const FileSlice& slice, std::size_t window, WaitHandler handler);

private:
    void shutdown() noexcept override;
    [[nodiscard]] bool has_thread();  // makes it, if it can
    std::unique_ptr<asio::thread_pool> thread_;
};

}  // namespace strata::session
