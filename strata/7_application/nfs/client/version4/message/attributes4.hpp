// fattr4, as a client reads and writes it (RFC 7530 5).
#pragma once

#include "strata/7_application/nfs/attributes/attributes.hpp"
#include "strata/7_application/nfs/client/session/failure.hpp"
#include "strata/7_application/nfs/v4/attributes/numbers.hpp"

namespace strata::application::nfs::client {

// What is asked of every file; of one in a list, of one that is opened, and of the root as well.
[[nodiscard]] const v4::Bitmap& asked_of_file();
[[nodiscard]] const v4::Bitmap& asked_of_entry();
[[nodiscard]] const v4::Bitmap& asked_of_limits();

// What a server says, of what is asked above.
struct Told4 {
    Attributes attributes{};  // ctime: see Found
    std::optional<v4::Status4> error{};
    std::optional<std::uint32_t> lease_seconds{}, handles_expire{};
    std::optional<std::uint64_t> read_max{}, write_max{};
    std::optional<bool> links{};
    bool is_whole = false;  // all that every file has was said
};
// Throws Failure: it says what nobody has asked for, or in another form.
[[nodiscard]] Told4 told4_in(const v4::Fattr& said, const v4::Bitmap& asked);
// The same, of which attributes must be whole.
[[nodiscard]] Told4 told4_of_file(const v4::Fattr& said, const v4::Bitmap& asked);

// GETFH, of anybody's handles.
struct GotHandle4 {
    v4::Status4 status = v4::Status4::ok;
    AnyHandle object;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == v4::Status4::ok) codec(self.object);
    }
};
// Throws Failure.
[[nodiscard]] AnyHandle handle4_in(const GotHandle4& said);

// What is to be set; it refers to nothing.
class Setting4 {
public:
    Setting4& mode(std::uint32_t mode);
    // The server's time, of both.
    Setting4& now();
    Setting4& modified(std::uint32_t seconds);
    [[nodiscard]] v4::Fattr fattr() const { return {mask_, Bytes(values_)}; }

private:
    v4::Bitmap mask_;
    std::vector<std::byte> values_;
};

}  // namespace strata::application::nfs::client
