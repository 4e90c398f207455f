// Volume4: all that a server shows by NFS version 4.0 (RFC 7530), from its root on.
#pragma once

#include "strata/7_application/nfs/client/version4/state/opening.hpp"

namespace strata::application::nfs::client {

class Volume4 final : public Volume {
public:
    Volume4(std::shared_ptr<Conversation> talk, std::shared_ptr<Lease> lease, const AnyHandle& root, const Told4& told);
    ~Volume4() override;

    [[nodiscard]] unsigned version() const noexcept override { return 4; }
    [[nodiscard]] session::Network& network() const noexcept override { return talk_->network(); }
    [[nodiscard]] const NfsOptions& options() const noexcept override { return talk_->options(); }
    [[nodiscard]] const Path& folder() const noexcept override { return folder_; }
    [[nodiscard]] const AnyHandle& root() const noexcept override { return root_; }
    [[nodiscard]] bool knows_links() const noexcept override { return knows_links_; }
    [[nodiscard]] std::uint32_t listing_size() const noexcept override { return options().listing_reply_max; }
    [[nodiscard]] std::uint32_t read_size() const noexcept override { return read_size_; }
    [[nodiscard]] std::uint32_t write_size() const noexcept override { return write_size_; }
    [[nodiscard]] std::uint64_t repeated() const noexcept override { return talk_->repeated(); }

    [[nodiscard]] Awaitable<Attributes> attributes_of(const AnyHandle& handle) override;
    [[nodiscard]] Awaitable<std::optional<Found>> look_up(const PlaceOfName& place) override;
    // Of one COMPOUND: as many names as the options, or the server, let it have.
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
    // What was left open is closed. Who we are a server of version 4.0 forgets when the lease ends.
    [[nodiscard]] Awaitable<void> leave() override;

private:
    void note_limits(const Told4& told);
    [[nodiscard]] std::unique_ptr<OpenFile> opened_file(const Found& file, Access access, Opened4 opened);
    [[nodiscard]] Awaitable<void> close_what_was_left();
    [[nodiscard]] Awaitable<Status> set(const AnyHandle& file, const Setting4& setting);

    std::shared_ptr<Conversation> talk_;
    std::shared_ptr<Lease> lease_;
    AnyHandle root_;
    Path folder_;  // none
    bool knows_links_ = true;
    std::uint32_t read_size_ = 0, write_size_ = 0;
    std::size_t names_at_once_;
};

}  // namespace strata::application::nfs::client
