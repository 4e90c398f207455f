#include "strata/cli/log_writer.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace strata::cli {

// The thread may be stuck in a write for good: it has its share of this, and is left behind.
struct LogWriter::Shared {
    Shared(int to, Options given) : descriptor(to), options(given) {}
    const int descriptor;
    const Options options;
    std::mutex mutex;
    std::condition_variable changed;
    std::string waiting;
    std::uint64_t dropped = 0;
    std::uint64_t untold = 0;  // of these
    bool running = false;
    bool finishing = false;

    [[nodiscard]] bool has_to_write() const { return !waiting.empty() || untold > 0; }
};

namespace {

// False if the descriptor takes nothing any more.
bool write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EAGAIN) {
            pollfd room{descriptor, POLLOUT, 0};
            (void)::poll(&room, 1, -1);
        } else if (count < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return true;
}

std::uint64_t lines_in(std::string_view text) { return static_cast<std::uint64_t>(std::ranges::count(text, '\n')); }

}  // namespace

LogWriter::LogWriter(int descriptor, Options options) : shared_(std::make_shared<Shared>(descriptor, options)) {}

LogWriter::~LogWriter() { finish(); }

void LogWriter::add(std::string_view line) noexcept {
    const std::scoped_lock lock(shared_->mutex);
    bool taken = false;
    try {
        taken = take(line);
    } catch (const std::exception&) {
        // No thread, or no memory: the conversation that this tells of continues.
    }
    if (taken) return;
    ++shared_->dropped;
    ++shared_->untold;
    shared_->changed.notify_all();
}

bool LogWriter::take(std::string_view line) {
    if (!shared_->running) {
        std::thread(write_all, shared_).detach();  // it waits for the lock
        shared_->running = true;
    }
    if (shared_->waiting.size() + line.size() > shared_->options.waiting_max) return false;
    shared_->waiting += line;
    if (shared_->waiting.size() == line.size()) shared_->changed.notify_all();
    return true;
}

void LogWriter::write_all(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock(shared->mutex);
    for (;;) {
        shared->changed.wait(lock, [&] { return shared->has_to_write() || shared->finishing; });
        if (!shared->has_to_write()) break;
        shared->changed.wait_for(lock, shared->options.gathered_for, [&] { return shared->finishing; });
        std::string text = std::exchange(shared->waiting, {});
        const std::uint64_t lines = lines_in(text);
        if (const std::uint64_t lost = std::exchange(shared->untold, 0))
            text += fmt::format("({} lines were dropped: whoever reads this was too slow)\n", lost);
        lock.unlock();
        const bool written = write_whole(shared->descriptor, text);
        lock.lock();
        if (!written) shared->dropped += lines;
        shared->changed.notify_all();
    }
    shared->running = false;
    shared->changed.notify_all();
}

void LogWriter::finish() {
    std::unique_lock lock(shared_->mutex);
    shared_->finishing = true;
    shared_->changed.notify_all();
    shared_->changed.wait_for(lock, shared_->options.end_within, [this] { return !shared_->running; });
    shared_->finishing = false;
}

std::uint64_t LogWriter::dropped() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->dropped;
}

}  // namespace strata::cli
