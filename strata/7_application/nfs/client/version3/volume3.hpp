// Volume3: a folder that was mounted by NFS version 3 (RFC 1813).
#pragma once

#include "strata/7_application/nfs/client/version3/session.hpp"
#include "strata/7_application/nfs/client/volume/volume.hpp"
#include "strata/7_application/nfs/v3/names.hpp"

namespace strata::application::nfs::client {

class Volume3 final : public Volume {
public:
    // `mount_server`: who is told when it is left, in a call that
    // takes no longer than `farewell` says.
    Volume3(std::shared_ptr<Session> session, std::shared_ptr<session::rpc::Client> mount_server,
            session::rpc::CallOptions farewell)
        : session_(std::move(session)),
          root_(session_->root().bytes()),
          mount_server_(std::move(mount_server)),
          farewell_(std::move(farewell)) {}

    [[nodiscard]] unsigned version() const noexcept override { return 3; }
    [[nodiscard]] session::Network& network() const noexcept override { return session_->network(); }
    [[nodiscard]] const NfsOptions& options() const noexcept override { return session_->options(); }
    [[nodiscard]] const Path& folder() const noexcept override { return session_->folder(); }
    [[nodiscard]] const AnyHandle& root() const noexcept override { return root_; }
    [[nodiscard]] bool knows_links() const noexcept override { return session_->knows_links(); }
    [[nodiscard]] std::uint32_t listing_size() const noexcept override { return session_->listing_size(); }
    [[nodiscard]] std::uint32_t read_size() const noexcept override { return session_->read_size(); }
    [[nodiscard]] std::uint32_t write_size() const noexcept override { return session_->write_size(); }
    void note_read() noexcept override { session_->note_read(); }
    void note_write() noexcept override { session_->note_write(); }
    [[nodiscard]] std::uint64_t repeated() const noexcept override { return session_->repeated(); }

    [[nodiscard]] Awaitable<Attributes> attributes_of(const AnyHandle& handle) override;
    [[nodiscard]] Awaitable<std::optional<Found>> look_up(const PlaceOfName& place) override;
    [[nodiscard]] Awaitable<std::vector<Found>> look_down(const AnyHandle& folder,
                                                          std::span<const std::string> names) override;
    [[nodiscard]] Awaitable<std::string> text_of_link(const AnyHandle& link) override;
    [[nodiscard]] Awaitable<bool> may_rename_in(const AnyHandle& folder) override;
    [[nodiscard]] Awaitable<Page> list(const AnyHandle& folder, const Cursor& from, std::uint32_t size,
                                       bool with_attributes) override;

    [[nodiscard]] Awaitable<std::optional<Made>> make_file(const PlaceOfName& place, std::uint32_t mode) override;
    [[nodiscard]] Awaitable<Status> make_folder(const PlaceOfName& place, std::uint32_t mode) override;
    [[nodiscard]] Awaitable<Status> remove(const PlaceOfName& place, bool is_folder) override;
    [[nodiscard]] Awaitable<Status> rename(const PlaceOfName& from, const PlaceOfName& to) override;
    [[nodiscard]] Awaitable<Status> link(const AnyHandle& file, const PlaceOfName& to) override;
    [[nodiscard]] Awaitable<Status> set_date(const AnyHandle& file, std::uint32_t seconds) override;

    [[nodiscard]] Awaitable<std::unique_ptr<OpenFile>> open(const Found& file, Access access) override;
    // UMNT: that it is not used any more.
    [[nodiscard]] Awaitable<void> leave() override;

private:
    [[nodiscard]] Awaitable<void> set_first_attributes(const Handle& file, std::uint32_t mode);
    [[nodiscard]] Awaitable<Page> list_plain(const AnyHandle& folder, const Cursor& from, std::uint32_t size);

    std::shared_ptr<Session> session_;
    AnyHandle root_;
    std::shared_ptr<session::rpc::Client> mount_server_;
    session::rpc::CallOptions farewell_;
};

// As version 3 says it; the handle was the server's, or is of no use to it.
[[nodiscard]] inline Handle handle3_of(const AnyHandle& handle) { return Handle(handle.bytes()); }
[[nodiscard]] v3::Place place3_of(const PlaceOfName& place);

}  // namespace strata::application::nfs::client
