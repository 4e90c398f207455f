// Arguments and results of READ, WRITE and COMMIT (RFC 7530 16.3, 16.23, 16.36).
#pragma once

#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::v4 {

struct ReadArguments {
    Stateid state;
    std::uint64_t offset = 0;
    std::uint32_t count = 0;
    static void fields(auto& codec, auto& self) { codec(self.state, self.offset, self.count); }
};
struct ReadResults {
    Status4 status = Status4::ok;
    bool end_of_file = false;
    // By reference where nothing follows: of one of the two there is nothing.
    bool is_last = false;
    xdr::Opaque<> data;
    xdr::TrailingOpaque<> last_data;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status != Status4::ok) return;
        codec(self.end_of_file);
        if (self.is_last) return codec(self.last_data);
        codec(self.data);
    }
};

struct WriteArguments {
    enum class Stable : std::uint32_t { unstable, data_sync, file_sync };  // stable_how4
    friend constexpr bool declared(Stable how) noexcept { return how <= Stable::file_sync; }
    Stateid state;
    std::uint64_t offset = 0;
    Stable stable = Stable::unstable;
    xdr::Opaque<> data;
    static void fields(auto& codec, auto& self) { codec(self.state, self.offset, self.stable, self.data); }
};
struct WriteResults {
    Status4 status = Status4::ok;
    std::uint32_t count = 0;
    WriteArguments::Stable committed = WriteArguments::Stable::unstable;
    Verifier verifier{};
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.count, self.committed, self.verifier);
    }
};

struct CommitArguments {
    std::uint64_t offset = 0;
    std::uint32_t count = 0;
    static void fields(auto& codec, auto& self) { codec(self.offset, self.count); }
};
struct CommitResults {
    Status4 status = Status4::ok;
    Verifier verifier{};
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.verifier);
    }
};

}  // namespace strata::application::nfs::v4
