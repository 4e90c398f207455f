// InputFile: what is sent to a server: a file, or what comes by standard input or a pipe.
//
// A file has a size when it is opened, and so many bytes of it are sent, whatever it grows to; one
// that becomes shorter is an error, for a part is not the whole. What has no size is read as it
// comes, once.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "strata/0_foundation/bytes.hpp"
#include "strata/5_session/network.hpp"
#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {

// One sentence: what failed, with which file, and what to do.
struct InputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class InputFile {
public:
    // "-": standard input. Throws InputError: there is none, it is a folder, …
    explicit InputFile(const std::string& path);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    // Bytes; nothing where it is known at the end only.
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept { return size_; }
    // When it was changed last; of a file alone.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> date() const noexcept { return date_; }

    // The next bytes, waiting for them without keeping anybody else waiting; 0 at the end. The
    // buffer outlives the call. Throws InputError.
    [[nodiscard]] session::asio::awaitable<std::size_t> read(session::Network& network, MutableBytes buffer);
    // A file, which has a size, and any byte of which can be read.
    [[nodiscard]] bool is_file() const noexcept { return is_seekable_; }
    // To its first byte. Throws InputError where what was read of a pipe cannot be read again.
    void restart() { begin_at(0); }
    // To that one; of what is no file only the first can be.
    void begin_at(std::uint64_t place);
    // For protocols that must know the size first, or read where they like: what has no size is
    // kept in an unnamed temporary file until this is gone. Throws InputError: the disk is full.
    [[nodiscard]] session::asio::awaitable<void> make_seekable(session::Network& network);
    // Of a file, or behind make_seekable(): fewer bytes than the buffer has only at the end.
    // Errors: what read(2) says.
    [[nodiscard]] std::expected<std::size_t, std::error_code> read_at(std::uint64_t place, MutableBytes buffer) const;

private:
    std::string name_;
    Descriptor descriptor_;
    std::optional<std::uint64_t> size_;
    std::optional<std::chrono::sys_seconds> date_;
    std::uint64_t base_ = 0;   // where the first byte is in the descriptor: of standard input, where it stood
    std::uint64_t place_ = 0;  // behind what was read
    bool is_seekable_ = false;
    std::optional<session::asio::posix::stream_descriptor> waiting_;  // for a pipe or a terminal
};

}  // namespace strata::application
