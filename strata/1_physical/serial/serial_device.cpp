#include "strata/1_physical/serial/serial_device.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace strata::physical {

// ------------------------------------------------------------------------------------------------ sending

std::size_t SerialDevice::transmit(Bytes octets) {
    std::size_t taken = 0;
    while (taken < octets.size()) {
        if (!up_) {
            counters_.ttyOutDown += octets.size() - taken;
            return octets.size();
        }
        const ssize_t wrote = ::write(descriptor_, octets.data() + taken, octets.size() - taken);
        if (wrote >= 0) {
            taken += static_cast<std::size_t>(wrote);
            counters_.ttyOutOctets += static_cast<std::size_t>(wrote);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            ++counters_.ttyOutFull;
            blocked_ = true;
            return taken;
        } else if (errno == EIO) {
            hung_up();
        } else if (errno != EINTR) {
            counters_.ttyOutErrors += octets.size() - taken;
            return octets.size();
        }
    }
    return taken;
}

void SerialDevice::on_writable() {
    if (!blocked_) return;
    blocked_ = false;
    if (user_ != nullptr) user_->line_writable();
}

// ------------------------------------------------------------------------------------------------ the line

// The user hears of it outside of its own call.
void SerialDevice::hung_up() {
    up_ = false;
    if (!line_check_.armed()) context_.scheduler.arm_after(line_check_, Duration{});
}

void SerialDevice::check_line() {
    const bool was_down = !told_up_;
    tell_carrier(up_);
    if (was_down && !is_hung_up()) tell_carrier(up_ = true);
    if (!up_) context_.scheduler.arm_after(line_check_, options_.down_check_interval);
}

void SerialDevice::tell_carrier(bool up) {
    if (std::exchange(told_up_, up) == up) return;
    if (!up) blocked_ = false;
    if (user_ != nullptr) user_->carrier_changed(up);
}

bool SerialDevice::is_hung_up() const {
    pollfd asked{descriptor_, 0, 0};
    return ::poll(&asked, 1, 0) == 1 && (asked.revents & (POLLHUP | POLLERR)) != 0;
}

// ------------------------------------------------------------------------------------------------ receiving

bool SerialDevice::on_readable() {
    const ssize_t got = ::read(descriptor_, read_.data(), read_.size());
    if (got < 0) return read_failed(errno);
    // The end of a tty's file is that of its line.
    if (got == 0) return read_failed(EIO);
    const auto count = static_cast<std::size_t>(got);
    counters_.ttyInOctets += count;
    // What arrives shows that the other side is there.
    if (!up_) tell_carrier(up_ = true);
    if (user_ != nullptr) {
        user_->octets_arrived(Bytes{read_}.first(count));
    } else {
        counters_.ttyInNobody += count;
    }
    return count == read_.size();
}

bool SerialDevice::read_failed(int error) {
    if (error == EINTR) return true;
    if (error == EAGAIN || error == EWOULDBLOCK) return false;
    if (error == EIO) {
        hung_up();
    } else {
        ++counters_.ttyInErrors;
    }
    return false;
}

}  // namespace strata::physical
