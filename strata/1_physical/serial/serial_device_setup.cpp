// Opening a tty or making a pseudo-terminal, and its raw mode (termios(3), pty(7)).
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "strata/1_physical/serial/serial_device.hpp"

namespace strata::physical {
namespace {

std::error_code tty_error() noexcept { return {errno, std::generic_category()}; }

struct LineRate {
    unsigned bits_per_second;
    speed_t speed;
};

constexpr std::array line_rates{LineRate{300, B300},       LineRate{1200, B1200},     LineRate{2400, B2400},
                                LineRate{4800, B4800},     LineRate{9600, B9600},     LineRate{19200, B19200},
                                LineRate{38400, B38400},   LineRate{57600, B57600},   LineRate{115200, B115200},
                                LineRate{230400, B230400}, LineRate{460800, B460800}, LineRate{921600, B921600}};

const LineRate* rate_of(unsigned bits_per_second) noexcept {
    const auto found = std::ranges::find(line_rates, bits_per_second, &LineRate::bits_per_second);
    return found == line_rates.end() ? nullptr : found;
}

}  // namespace

Result<std::unique_ptr<SerialDevice>> SerialDevice::open(Context context, const SerialDeviceOptions& options) {
    if (options.bits_per_second != 0 && rate_of(options.bits_per_second) == nullptr) {
        return fail(Error::invalid_argument);
    }
    constexpr int flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    const bool pseudo = options.path.empty();
    const int descriptor = pseudo ? ::posix_openpt(flags) : ::open(options.path.c_str(), flags);
    if (descriptor < 0) return std::unexpected(tty_error());
    std::unique_ptr<SerialDevice> device{new SerialDevice{context, options, descriptor}};
    if (pseudo) {
        if (const auto error = device->find_peer()) return std::unexpected(error);
    }
    if (const auto error = device->make_raw()) return std::unexpected(error);
    return device;
}

SerialDevice::SerialDevice(Context context, const SerialDeviceOptions& options, int descriptor)
    : context_(context),
      options_(options),
      descriptor_(descriptor),
      read_(std::max<std::size_t>(options.read_octets_max, 1)),
      line_check_([this] { check_line(); }) {}

SerialDevice::~SerialDevice() { ::close(descriptor_); }

std::error_code SerialDevice::find_peer() {
    std::array<char, 128> name{};
    if (::grantpt(descriptor_) != 0 || ::unlockpt(descriptor_) != 0) return tty_error();
    if (const int error = ::ptsname_r(descriptor_, name.data(), name.size()); error != 0) {
        return {error, std::generic_category()};
    }
    peer_path_ = name.data();
    return {};
}

// No character means anything to the kernel: each octet passes as it is, at once. The modem's
// lines are not looked at: a null modem often has none.
std::error_code SerialDevice::make_raw() const {
    termios settings{};
    if (::tcgetattr(descriptor_, &settings) != 0) {
        return errno == ENOTTY ? make_error_code(Error::not_supported) : tty_error();
    }
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    if (const LineRate* rate = rate_of(options_.bits_per_second)) ::cfsetspeed(&settings, rate->speed);
    return ::tcsetattr(descriptor_, TCSANOW, &settings) == 0 ? std::error_code{} : tty_error();
}

std::string SerialDevice::explain(const std::error_code& error, std::string_view path) {
    const auto say = [&](std::string_view what) { return fmt::format("cannot open serial line '{}': {}", path, what); };
    if (error == std::errc::operation_not_permitted || error == std::errc::permission_denied) {
        return say("no permission; join the group that owns it, often dialout");
    }
    if (error == std::errc::no_such_file_or_directory)
        return say("it is not there; list those there are: ls /dev/tty*");
    if (error == std::errc::device_or_resource_busy) return say("another program has it open; end that first");
    if (error == Error::not_supported) return say("it is no serial line");
    if (error == Error::invalid_argument)
        return say("no such rate; one of termios(3) is wanted, such as 9600 or 115200");
    return say(error.message());
}

}  // namespace strata::physical
