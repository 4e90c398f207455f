// LogWriter: lines to a descriptor, from event loops that must not wait for whoever reads them.
//
// What has gathered is written by a thread, ten times a second. A reader that stops (Ctrl-S,
// `strata serve | sleep 1000`, a disk that is full) costs lines and not the loop: what finds no
// room is dropped and counted, and a line says so when the reader reads again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace strata::cli {

struct LogWriterOptions {
    std::size_t waiting_max = 1 << 20;  // bytes that wait to be written
    std::chrono::milliseconds gathered_for{100};
    std::chrono::milliseconds end_within{500};  // for the rest, at the end
};

class LogWriter {
public:
    using Options = LogWriterOptions;
    // The descriptor outlives it. The thread begins with the first line.
    explicit LogWriter(int descriptor, Options options = {});
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;
    ~LogWriter();  // as finish()

    // A whole line, with its newline. From any thread. Where no
    // thread can be made, or memory had, it is dropped.
    void add(std::string_view line) noexcept;
    // Waits until all lines are written, or their time is over: then what is left is lost.
    void finish();
    [[nodiscard]] std::uint64_t dropped() const;

private:
    struct Shared;
    bool take(std::string_view line);  // with the lock held
    static void write_all(const std::shared_ptr<Shared>& shared);
    std::shared_ptr<Shared> shared_;
};

}  // namespace strata::cli
