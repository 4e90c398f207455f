#include "strata/6_presentation/digest_worker.hpp"

#include <system_error>

namespace strata::presentation {

Sha256Worker::~Sha256Worker() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Sha256Worker::wait_for_all(std::unique_lock<std::mutex>& lock) {
    changed_.wait(lock, [this] { return waiting_.empty(); });
}

void Sha256Worker::add(Bytes bytes) {
    std::unique_lock lock(mutex_);
    wait_for_all(lock);
    sha256_.add(bytes);
}

std::uint64_t Sha256Worker::hand_over(Bytes bytes) {
    const std::scoped_lock lock(mutex_);
    ++handed_over_;
    if (has_thread()) {
        waiting_.push_back(bytes);
        changed_.notify_all();
    } else {
        sha256_.add(bytes);
        ++done_;
    }
    return handed_over_;
}

bool Sha256Worker::has_thread() {
    if (thread_.joinable()) return true;
    try {
        thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

void Sha256Worker::wait(std::uint64_t number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, number] { return done_ >= number; });
}

std::string Sha256Worker::finish() {
    std::unique_lock lock(mutex_);
    wait_for_all(lock);
    return sha256_.finish();
}

void Sha256Worker::restart() {
    std::unique_lock lock(mutex_);
    wait_for_all(lock);
    sha256_ = {};
}

void Sha256Worker::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return !waiting_.empty() || ending_; });
        if (waiting_.empty()) return;
        const Bytes bytes = waiting_.front();
        lock.unlock();
        sha256_.add(bytes);
        lock.lock();
        waiting_.pop_front();
        ++done_;
        changed_.notify_all();
    }
}

}  // namespace strata::presentation
