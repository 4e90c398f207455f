// Arguments and results of the procedures about what is in files (RFC 1813 3.3.6, 3.3.7, 3.3.21).
#pragma once

#include "strata/7_application/nfs/v3/message.hpp"

namespace strata::application::nfs::v3 {

struct ReadArguments {
    Handle file;
    std::uint64_t offset = 0;
    std::uint32_t count = 0;
    [[nodiscard]] auto handles() const { return std::array{&file}; }
    static void fields(auto& codec, auto& self) { codec(self.file, self.offset, self.count); }
};
struct ReadResults {
    Status status = Status::ok;
    PostAttributes attributes;
    std::uint32_t count = 0;
    bool end_of_file = false;
    xdr::TrailingOpaque<> data;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.attributes);
        if (self.status == Status::ok) codec(self.count, self.end_of_file, self.data);
    }
};

struct WriteArguments {
    enum class Stable : std::uint32_t { unstable, data_sync, file_sync };  // stable_how
    friend constexpr bool declared(Stable how) noexcept { return how <= Stable::file_sync; }
    Handle file;
    std::uint64_t offset = 0;
    std::uint32_t count = 0;
    Stable stable = Stable::unstable;
    xdr::Opaque<> data;
    [[nodiscard]] auto handles() const { return std::array{&file}; }
    static void fields(auto& codec, auto& self) { codec(self.file, self.offset, self.count, self.stable, self.data); }
};
struct WriteResults {
    Status status = Status::ok;
    WeakCacheData wcc;
    std::uint32_t count = 0;
    WriteArguments::Stable committed = WriteArguments::Stable::unstable;
    Verifier verifier{};  // another one: what was not committed may be lost
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.wcc);
        if (self.status == Status::ok) codec(self.count, self.committed, self.verifier);
    }
};

struct CommitArguments {
    Handle file;
    std::uint64_t offset = 0;
    std::uint32_t count = 0;
    [[nodiscard]] auto handles() const { return std::array{&file}; }
    static void fields(auto& codec, auto& self) { codec(self.file, self.offset, self.count); }
};
struct CommitResults {
    Status status = Status::ok;
    WeakCacheData wcc;
    Verifier verifier{};
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.wcc);
        if (self.status == Status::ok) codec(self.verifier);
    }
};

}  // namespace strata::application::nfs::v3
