// SerialLink: a link from point to point on a serial line. A frame is made when the line has room,
// never before: what is acknowledged, or asked for, is then as fresh as it can be.
//
//             PointToPoint
//                  |  ^
//    [one frame's octets] | octets_arrived()
//                  v  |
//            physical::SerialLine
#pragma once

#include <vector>

#include "strata/1_physical/serial/serial_line.hpp"
#include "strata/2_link/point_to_point/point_to_point.hpp"

namespace strata::link {

class SerialLink : public PointToPoint, private physical::SerialLineUser {
public:
    ~SerialLink() override;

protected:
    // Attaches itself to the line, which outlives it.
    SerialLink(Context context, physical::SerialLine& line, const Features& features,
               const PointToPointQueueOptions& queue);

    // --- what a link makes of it
    // Appends the octets of the next frame; false: there is none to be sent now.
    [[nodiscard]] virtual bool append_frame(std::vector<std::byte>& to) = 0;
    virtual void octets_received(Bytes octets) = 0;

    [[nodiscard]] const physical::SerialLine& line() const noexcept { return line_; }

private:
    // PointToPoint
    [[nodiscard]] bool carrier() const noexcept final { return line_.carrier(); }
    void fill() final;
    // physical::SerialLineUser
    void octets_arrived(Bytes octets) override;
    void line_writable() override;
    void carrier_changed(bool up) override;

    physical::SerialLine& line_;
    std::vector<std::byte> frame_;  // on its way into the line,
    std::size_t frame_sent_ = 0;    // this much of it is in
    bool line_full_ = false;
};

}  // namespace strata::link
