// PortFilter: a port before a port, which passes everything on, both ways.
//
//      user above  <--->  PortFilter  <--->  the port below
//
// Who looks at frames, counts or drops them derives from it, and
// overrides what it wants to know of: transmit() for what leaves,
// frames_arrived() for what comes. Filters may be put before filters.
#pragma once

#include "strata/1_physical/port.hpp"

namespace strata::physical {

class PortFilter : public Port, protected PortUser {
public:
    // `below` has no user yet, and outlives the filter.
    explicit PortFilter(Port& below) noexcept : below_(below) { below_.attach(this); }
    ~PortFilter() override { below_.attach(nullptr); }
    PortFilter(const PortFilter&) = delete;
    PortFilter& operator=(const PortFilter&) = delete;

    // Port
    [[nodiscard]] const PortFeatures& features() const noexcept override { return below_.features(); }
    [[nodiscard]] bool link_up() const noexcept override { return below_.link_up(); }
    void attach(PortUser* user) noexcept final { user_ = user; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override { return below_.transmit(frames); }
    [[nodiscard]] bool writable() const noexcept override { return below_.writable(); }
    [[nodiscard]] std::uint64_t bits_per_second() const noexcept override { return below_.bits_per_second(); }

protected:
    // PortUser
    void frames_arrived(std::span<Packet> frames) override { (void)pass_up(frames); }
    void port_writable() override {
        if (user_ != nullptr) user_->port_writable();
    }
    void link_changed(bool up) override {
        if (user_ != nullptr) user_->link_changed(up);
    }

    // False: nobody is attached, and the frames are untouched.
    bool pass_up(std::span<Packet> frames) {
        if (user_ == nullptr) return false;
        user_->frames_arrived(frames);
        return true;
    }
    [[nodiscard]] Port& below() const noexcept { return below_; }

private:
    Port& below_;
    PortUser* user_ = nullptr;
};

}  // namespace strata::physical
