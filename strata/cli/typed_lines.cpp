#include "strata/cli/typed_lines.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/talk/messages.hpp"

namespace strata::cli {

namespace asio = boost::asio;
using application::talk::Line;

int open_input() {
    const int opened = ::open("/proc/self/fd/0", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    return opened >= 0 ? opened : ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

bool input_is_null() {
    struct stat input{};
    struct stat null{};
    return ::fstat(STDIN_FILENO, &input) == 0 && ::stat("/dev/null", &null) == 0 && S_ISCHR(input.st_mode) &&
           input.st_rdev == null.st_rdev;
}

TypedLines::TypedLines(asio::io_context& io) : input_(io, open_input()), terminal_(::isatty(STDIN_FILENO) == 1) {}

std::optional<Line> TypedLines::take() {
    const std::size_t end = waiting_.find('\n', scanned_);
    scanned_ = waiting_.size();
    std::size_t size = end;
    if (end == std::string::npos) {
        if (!at_end_ && waiting_.size() < piece_max) return std::nullopt;
        // The last line may lack its end; of another, the rest of a character may still be to come.
        size = at_end_ ? waiting_.size() : application::talk::whole_characters(waiting_, waiting_.size() - 1);
        if (size == 0) return std::nullopt;
    }
    const bool ends = end != std::string::npos || at_end_;
    std::string text = waiting_.substr(0, size);
    waiting_.erase(0, end == std::string::npos ? size : size + 1);
    scanned_ = 0;
    if (ends && text.ends_with('\r')) text.pop_back();
    return Line{std::move(text), ends};
}

asio::awaitable<std::optional<Line>> TypedLines::next() {
    for (;;) {
        auto line = take();
        if (line || at_end_) co_return line;
        const std::size_t had = waiting_.size();
        waiting_.resize(had + piece_max);
        boost::system::error_code error;
        const std::size_t count = co_await input_.async_read_some(asio::buffer(waiting_.data() + had, piece_max),
                                                                  asio::redirect_error(asio::use_awaitable, error));
        waiting_.resize(had + count);
        at_end_ = static_cast<bool>(error);
    }
}

}  // namespace strata::cli
