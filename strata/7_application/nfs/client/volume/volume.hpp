// Volume: what is mounted of a server, and what can be asked of it: the seam between what the
// client does (files/) and the versions of NFS that it speaks (version3/, version4/).
//
//     NfsRemote ── walking, listing, reading, batch, making ──▶ Volume, OpenFile ◀── Volume3 (RFC 1813)
//                                                                                ◀── Volume4 (RFC 7530)
//
// Every call throws Failure: that the server is not reached, busy for
// long, knows a handle no more, or says nonsense. Where a Status is
// returned all others are the caller's. References outlive the call.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "strata/5_session/network.hpp"
#include "strata/7_application/nfs/client/nfs_options.hpp"
#include "strata/7_application/nfs/client/path/path.hpp"
#include "strata/7_application/nfs/client/session/failure.hpp"
#include "strata/7_application/nfs/client/volume/found.hpp"
#include "strata/7_application/nfs/client/volume/open_file.hpp"

namespace strata::application::nfs::client {

// Where a listing goes on.
struct Cursor {
    std::uint64_t cookie = 0;
    std::array<std::byte, 8> verifier{};
};
struct Listed {
    std::string name;  // as the server says it
    std::uint64_t cookie = 0;
    PostAttributes attributes{};  // nothing: they are to be asked for
};
struct Page {
    Status status = Status::ok;
    std::vector<Listed> entries{};
    std::array<std::byte, 8> verifier{};
    bool end = false;
};

struct Made {
    Found found;
    std::unique_ptr<OpenFile> file;  // to be written
};

enum class Access : std::uint32_t { read = 1, write = 2 };  // OPEN4_SHARE_ACCESS_READ, _WRITE

class Volume {
public:
    template <typename Result>
    using Awaitable = session::asio::awaitable<Result>;

    Volume() = default;
    Volume(const Volume&) = delete;
    Volume& operator=(const Volume&) = delete;
    virtual ~Volume() = default;

    [[nodiscard]] virtual unsigned version() const noexcept = 0;
    [[nodiscard]] virtual session::Network& network() const noexcept = 0;
    [[nodiscard]] virtual const NfsOptions& options() const noexcept = 0;
    // What is mounted: its names in URLs of the server, and its handle.
    [[nodiscard]] virtual const Path& folder() const noexcept = 0;
    [[nodiscard]] virtual const AnyHandle& root() const noexcept = 0;
    [[nodiscard]] virtual bool knows_links() const noexcept = 0;
    // Bytes of one, at most; they change.
    [[nodiscard]] virtual std::uint32_t listing_size() const noexcept = 0;
    [[nodiscard]] virtual std::uint32_t read_size() const noexcept = 0;
    [[nodiscard]] virtual std::uint32_t write_size() const noexcept = 0;
    // One went well.
    virtual void note_read() noexcept {}
    virtual void note_write() noexcept {}
    // Calls that were sent again so far: what is done twice by them may be refused the second time.
    [[nodiscard]] virtual std::uint64_t repeated() const noexcept = 0;

    [[nodiscard]] virtual Awaitable<Attributes> attributes_of(const AnyHandle& handle) = 0;
    // One name in a folder; nothing if it is not there.
    [[nodiscard]] virtual Awaitable<std::optional<Found>> look_up(const PlaceOfName& place) = 0;
    // The same of several, one in the other, as far as they go, or as the server likes at a time:
    // none, if the first is not there.
    [[nodiscard]] virtual Awaitable<std::vector<Found>> look_down(const AnyHandle& folder,
                                                                  std::span<const std::string> names) = 0;
    [[nodiscard]] virtual Awaitable<std::string> text_of_link(const AnyHandle& link) = 0;
    // Whether names in a folder may be changed and removed, not only made.
    [[nodiscard]] virtual Awaitable<bool> may_rename_in(const AnyHandle& folder) = 0;
    // `with_attributes`, where the server has that: else NOTSUPP.
    [[nodiscard]] virtual Awaitable<Page> list(const AnyHandle& folder, const Cursor& from, std::uint32_t size,
                                               bool with_attributes) = 0;

    // A file that was not there, by exclusive creation, or a guarded one where a server does not
    // have that. Nothing: there is something of that name.
    [[nodiscard]] virtual Awaitable<std::optional<Made>> make_file(const PlaceOfName& place, std::uint32_t mode) = 0;
    [[nodiscard]] virtual Awaitable<Status> make_folder(const PlaceOfName& place, std::uint32_t mode) = 0;
    [[nodiscard]] virtual Awaitable<Status> remove(const PlaceOfName& place, bool is_folder) = 0;
    [[nodiscard]] virtual Awaitable<Status> rename(const PlaceOfName& from, const PlaceOfName& to) = 0;
    [[nodiscard]] virtual Awaitable<Status> link(const AnyHandle& file, const PlaceOfName& to) = 0;
    [[nodiscard]] virtual Awaitable<Status> set_date(const AnyHandle& file, std::uint32_t seconds) = 0;

    [[nodiscard]] virtual Awaitable<std::unique_ptr<OpenFile>> open(const Found& file, Access access) = 0;
    // Nothing is asked any more. Does not throw.
    [[nodiscard]] virtual Awaitable<void> leave() = 0;
};

}  // namespace strata::application::nfs::client
