// SerialDevice: a serial line of the kernel: a tty, or one side of a pseudo-terminal (termios(3),
// pty(7)), in raw mode.
//
//      SlipLink, LapbLink  <--->  SerialDevice  <--- file descriptor --->  the kernel's tty  <--->  a wire,
//                                                                          or whoever has the other side
//
// The event loop of floor 5 watches descriptor() and calls on_readable() and on_writable().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/1_physical/serial/serial_line.hpp"

namespace strata::physical {

struct SerialDeviceOptions {
    std::string path;                      // "/dev/ttyS0"; "": a new pseudo-terminal, whose other side is peer_path()
    unsigned bits_per_second = 0;          // one of the rates of termios(3); 0: as the device has it
    std::size_t read_octets_max = 4096;    // of one call; the kernel's buffer is the bound on what waits
    Duration down_check_interval = 100ms;  // how often to look whether a line that was hung up is there again
};

#define STRATA_SERIAL_DEVICE_COUNTERS(counter)                        \
    counter(ttyInOctets, "read");                                     \
    counter(ttyInErrors, "reads that failed");                        \
    counter(ttyInNobody, "octets dropped: nobody is attached");       \
    counter(ttyOutOctets, "written");                                 \
    counter(ttyOutDown, "octets dropped: the line was hung up");      \
    counter(ttyOutErrors, "octets dropped: the kernel refused them"); \
    counter(ttyOutFull, "times the kernel had no room");

STRATA_COUNTERS(SerialDeviceCounters, STRATA_SERIAL_DEVICE_COUNTERS);

class SerialDevice final : public SerialLine {
public:
    // Errors: invalid_argument for a rate that termios(3) does not have, not_supported for a path
    // that is no tty; else the kernel's.
    [[nodiscard]] static Result<std::unique_ptr<SerialDevice>> open(Context context,
                                                                    const SerialDeviceOptions& options);
    // One sentence for people: what failed and what to do.
    [[nodiscard]] static std::string explain(const std::error_code& error, std::string_view path);
    SerialDevice(const SerialDevice&) = delete;
    SerialDevice& operator=(const SerialDevice&) = delete;
    ~SerialDevice() override;

    // The other side of a pseudo-terminal that open() made; else empty.
    [[nodiscard]] const std::string& peer_path() const noexcept { return peer_path_; }

    // --- the event loop's side
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    // Reads and hands up once. True if there is likely more.
    bool on_readable();
    void on_writable();
    // False while the line is hung up: reading would only say so, again and again.
    [[nodiscard]] bool wants_readable() const noexcept { return up_; }
    // True while on_writable() is waited for.
    [[nodiscard]] bool wants_writable() const noexcept { return blocked_; }

    [[nodiscard]] const SerialDeviceCounters& counters() const noexcept { return counters_; }

    // --- SerialLine
    [[nodiscard]] SerialUnit unit() const noexcept override { return SerialUnit::octet; }
    [[nodiscard]] bool carrier() const noexcept override { return up_; }
    void attach(SerialLineUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(Bytes octets) override;

private:
    SerialDevice(Context context, const SerialDeviceOptions& options, int descriptor);
    [[nodiscard]] std::error_code make_raw() const;
    [[nodiscard]] std::error_code find_peer();
    [[nodiscard]] bool is_hung_up() const;

    [[nodiscard]] bool read_failed(int error);
    void hung_up();
    void check_line();
    void tell_carrier(bool up);

    Context context_;
    SerialDeviceOptions options_;
    int descriptor_;
    std::string peer_path_;
    SerialLineUser* user_ = nullptr;
    bool up_ = true;
    bool told_up_ = true;  // what the user knows
    bool blocked_ = false;
    std::vector<std::byte> read_;
    Timer line_check_;
    SerialDeviceCounters counters_;
};

}  // namespace strata::physical
