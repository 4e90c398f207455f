// Handle: what a client knows a file by (RFC 1813 2.5, nfs_fh3): its FileId and a code that only
// the server's key makes, so that nobody can name a file that he was not shown.
//
//     | device 8 | inode 8 | birth 8 | code 16 |        SipHash by each half of the key
//
// Nothing of it is kept: with the same key a handle is good after a restart as well.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/siphash.hpp"
#include "strata/6_presentation/xdr/xdr.hpp"
#include "strata/7_application/nfs/handles/file_id.hpp"

namespace strata::application::nfs {

// As it is on the wire, of anybody.
template <std::uint32_t bytes_max>
class HandleOf {
public:
    static constexpr std::uint32_t size_max = bytes_max;
    HandleOf() = default;
    // At most size_max of them are taken.
    explicit HandleOf(Bytes bytes) : size_(static_cast<std::uint8_t>(std::min<std::size_t>(bytes.size(), size_max))) {
        std::ranges::copy(bytes.first(size_), memory_.begin());
    }

    [[nodiscard]] Bytes bytes() const noexcept { return Bytes(memory_).first(size_); }
    [[nodiscard]] bool operator==(const HandleOf&) const = default;

    static void fields(auto& codec, auto& self) {
        presentation::xdr::Opaque<size_max> bytes(self.bytes());
        codec(bytes);
        if constexpr (!std::is_const_v<std::remove_reference_t<decltype(self)>>) self = HandleOf(bytes);
    }

private:
    std::array<std::byte, size_max> memory_{};
    std::uint8_t size_ = 0;
};
using Handle = HandleOf<64>;      // NFS3_FHSIZE: ours are no longer either
using AnyHandle = HandleOf<128>;  // NFS4_FHSIZE: of other people's servers

class HandleKey {
public:
    static constexpr std::size_t size = 32;
    using Secret = std::array<std::byte, size>;

    explicit HandleKey(const Secret& secret) noexcept;
    // For this run.
    [[nodiscard]] static HandleKey random(Entropy& entropy);
    // Kept in a file that its owner alone can read; made if it is not there. Errors:
    // permission_denied (it is somebody else's, or others may read it), invalid_argument (it is no
    // key), and those of opening and writing it.
    [[nodiscard]] static std::expected<HandleKey, std::error_code> kept_in(const std::string& path);

    [[nodiscard]] Handle seal(const FileId& id) const noexcept;
    // Nothing: it was not made here.
    [[nodiscard]] std::optional<FileId> open(const Handle& handle) const noexcept;
    // A number that depends on the key as well, for other things than handles.
    [[nodiscard]] std::uint64_t digest_of(Bytes bytes) const noexcept { return siphash(keys_[0], bytes); }

private:
    std::array<SipKey, 2> keys_;
};

}  // namespace strata::application::nfs
