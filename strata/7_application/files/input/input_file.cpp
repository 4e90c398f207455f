#include "strata/7_application/files/input/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace strata::application {

namespace asio = session::asio;

namespace {

constexpr std::size_t spool_piece = 256 << 10;

[[noreturn]] void fail(const std::string& what, int error, const std::string& advice) {
    throw InputError(what + ": " + std::generic_category().message(error) + "; " + advice);
}

Descriptor open_to_read(const std::string& path) {
    // A FIFO that nobody writes yet is waited for when it is read.
    Descriptor opened{path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (!opened)
        fail("cannot read " + (path == "-" ? "standard input" : path), errno, "check its name, and who may read it");
    return opened;
}

// Nobody can open it, and nothing of it remains.
Descriptor unnamed_file() {
    const char* const chosen = std::getenv("TMPDIR");
    std::string path = std::string(chosen != nullptr && *chosen != '\0' ? chosen : "/tmp") + "/strata-XXXXXX";
    Descriptor made{::mkostemp(path.data(), O_CLOEXEC)};
    if (!made) fail("cannot keep what is to be sent in " + path, errno, "name a folder that can be written in TMPDIR");
    ::unlink(path.c_str());
    return made;
}

void write_all(int descriptor, Bytes bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0)
            fail("cannot keep what is to be sent", errno, "make room there, or name another folder in TMPDIR");
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : name_(path == "-" ? "standard input" : path), descriptor_(open_to_read(path)) {
    struct stat facts{};
    if (::fstat(descriptor_.get(), &facts) != 0) fail("cannot read " + name_, errno, "check its name");
    if (S_ISDIR(facts.st_mode)) throw InputError(name_ + " is a folder; add -r to send what is in it");
    if (!S_ISREG(facts.st_mode)) return;
    is_seekable_ = true;
    const off_t stands = path == "-" ? ::lseek(descriptor_.get(), 0, SEEK_CUR) : 0;
    base_ = static_cast<std::uint64_t>(std::max<off_t>(stands, 0));
    size_ = static_cast<std::uint64_t>(facts.st_size) - std::min(base_, static_cast<std::uint64_t>(facts.st_size));
    date_ = std::chrono::sys_seconds{std::chrono::seconds{facts.st_mtim.tv_sec}};
}

asio::awaitable<std::size_t> InputFile::read(session::Network& network, MutableBytes buffer) {
    if (is_seekable_) {
        const auto count = read_at(place_, buffer);
        if (!count) fail("cannot read " + name_, count.error().value(), "try again");
        place_ += *count;
        if (*count < buffer.size() && place_ < *size_)
            throw InputError(name_ + " became shorter while it was read; try again when nobody writes it");
        co_return *count;
    }
    if (!waiting_) waiting_.emplace(network.get_executor(), ::fcntl(descriptor_.get(), F_DUPFD_CLOEXEC, 3));
    for (;;) {
        // What cannot be waited for (/dev/null, say) is always ready.
        session::error_code ignored;
        co_await waiting_->async_wait(asio::posix::stream_descriptor::wait_read,
                                      asio::redirect_error(asio::use_awaitable, ignored));
        const ssize_t count = ::read(descriptor_.get(), buffer.data(), buffer.size());
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count < 0) fail("cannot read " + name_, errno, "try again");
        place_ += static_cast<std::uint64_t>(count);
        co_return static_cast<std::size_t>(count);
    }
}

void InputFile::begin_at(std::uint64_t place) {
    if (!is_seekable_ && place_ != place)
        throw InputError("what was read of " + name_ + " cannot be read again; send it anew");
    place_ = place;
}

asio::awaitable<void> InputFile::make_seekable(session::Network& network) {
    if (is_seekable_) co_return;
    Descriptor kept = unnamed_file();
    std::vector<std::byte> buffer(spool_piece);
    const MutableBytes room = buffer;
    while (const std::size_t count = co_await read(network, room)) write_all(kept.get(), room.first(count));
    waiting_.reset();
    descriptor_ = std::move(kept);
    size_ = place_;
    place_ = 0;
    is_seekable_ = true;
}

std::expected<std::size_t, std::error_code> InputFile::read_at(std::uint64_t place, MutableBytes buffer) const {
    const std::uint64_t left = *size_ - std::min(place, *size_);
    buffer = buffer.first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left)));
    std::size_t total = 0;
    while (total < buffer.size()) {
        const ssize_t count = ::pread(descriptor_.get(), buffer.data() + total, buffer.size() - total,
                                      static_cast<off_t>(base_ + place + total));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(std::error_code(errno, std::generic_category()));
        if (count == 0) break;
        total += static_cast<std::size_t>(count);
    }
    return total;
}

}  // namespace strata::application
