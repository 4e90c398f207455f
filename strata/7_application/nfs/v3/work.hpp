// Work: a call that is being done, from its handles to what must be on the disk before it is
// answered.
#pragma once

#include <deque>

#include "strata/5_session/rpc/server/program.hpp"
#include "strata/7_application/nfs/shared/shared.hpp"
#include "strata/7_application/nfs/v3/message.hpp"

namespace strata::application::nfs::v3 {

struct Work {
    Work(Shared& with, const session::rpc::Call& of) : shared(with), call(of) {}

    // Bytes of a READ or a WRITE.
    [[nodiscard]] std::uint32_t data_max() const noexcept {
        const bool is_stream = call.transport == session::rpc::Transport::stream;
        return is_stream ? shared.options.data_max : shared.options.datagram_data_max;
    }
    // Whether the root's rights reach: ROFS where nothing may be written at all, or ACCES.
    [[nodiscard]] Status may(FileRights needed) const noexcept;
    // What is there may be changed; where new files alone may be made, those that were made here.
    [[nodiscard]] Status may_change(const Node& node) const noexcept;
    // Brought to the disk before the call is answered. A folder by its name in itself.
    void settle(Descriptor file, bool data_alone = false);
    void settle_folder(const Node& folder);

    Shared& shared;
    const session::rpc::Call& call;
    std::array<Node, 2> nodes;  // of the arguments' handles
    std::shared_ptr<const Listing> listing;
    Status listing_status = Status::ok;

    struct Settling {
        Descriptor file;
        bool data_alone = false;
    };
    std::vector<Settling> settling;
    std::string text;  // that results point to
    std::deque<std::string> names;
    std::shared_ptr<const void> owner;  // of the data of results
};

// Before, as it was found, and after, as it is now.
[[nodiscard]] WeakCacheData wcc_of(const Node& node);
// Opened for what is to be done with it. Of files and folders alone: anything else is never opened.
// Errors: those of open(2).
[[nodiscard]] std::expected<Descriptor, std::error_code> reopen(const Node& node, int flags);
// By which system calls take it that know no descriptors: itself, also if it is a link.
[[nodiscard]] std::string name_of(const Node& node);

// A name that is to be made, or to go (RFC 1813 3.2); `dots`: what is said to "." and "..".
[[nodiscard]] Status check_name(const FileRoot& root, std::string_view name, Status dots, Status hidden);

// Sets what is to be set, in this order: size, mode, times. Who owns it is not changed: PERM.
[[nodiscard]] Status apply(Work& work, const Node& node, const NewAttributes& attributes);
// A file's length, within quota and rights.
[[nodiscard]] Status resize(Work& work, const Node& node, std::uint64_t size);

}  // namespace strata::application::nfs::v3
