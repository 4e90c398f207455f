// Sha256Worker: SHA-256 on a thread of its own, while whoever has the
// bytes already fetches the next.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "strata/6_presentation/digest.hpp"

namespace strata::presentation {

class Sha256Worker {
public:
    Sha256Worker() = default;
    Sha256Worker(const Sha256Worker&) = delete;
    Sha256Worker& operator=(const Sha256Worker&) = delete;
    ~Sha256Worker();

    // Here and now, behind all that was handed over.
    void add(Bytes bytes);
    // By the thread, which begins with the first call; here and now, where none can be made. The
    // bytes must stay as they are until wait() for the number returned here.
    [[nodiscard]] std::uint64_t hand_over(Bytes bytes);
    void wait(std::uint64_t number);
    // Ends it, as Sha256::finish().
    [[nodiscard]] std::string finish();
    // All anew.
    void restart();

private:
    [[nodiscard]] bool has_thread();  // makes it, if it can
    void work();
    void wait_for_all(std::unique_lock<std::mutex>& lock);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Bytes> waiting_;  // the first is being hashed
    std::uint64_t handed_over_ = 0;
    std::uint64_t done_ = 0;
    bool ending_ = false;
    Sha256 sha256_;  // the thread's while anything waits
    std::thread thread_;
};

}  // namespace strata::presentation
