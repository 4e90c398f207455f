// Work: a call that is being done, of whichever version: what it may,
// and what must be on the disk before it is answered.
#pragma once

#include <vector>

#include "strata/5_session/rpc/server/program.hpp"
#include "strata/7_application/nfs/attributes/attributes.hpp"
#include "strata/7_application/nfs/attributes/status.hpp"
#include "strata/7_application/nfs/shared/shared.hpp"
#include "strata/7_application/nfs/work/caller.hpp"

namespace strata::application::nfs {

struct Work {
    Work(Shared& with, const session::rpc::Call& of)
        : shared(with), call(of), caller(caller_of(of.credentials, with.options.squash)) {}

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
    // What was changed by others, or by its name.
    void settle_file(const Node& file);
    // Whether the caller owns it: he reads and writes what he has open, whatever its mode says by
    // now, and the server does not know what he has open.
    [[nodiscard]] bool is_owner_of(const Node& node) const noexcept {
        return caller && node.seen.is_file() && node.seen.facts.stx_uid == caller->uid;
    }

    Shared& shared;
    const session::rpc::Call& call;
    std::optional<Caller> caller;  // whose rights it has; nothing: the server's

    struct Settling {
        Descriptor file;
        bool data_alone = false;
    };
    std::vector<Settling> settling;
};

// As reopen(), and for a file's owner in any case.
[[nodiscard]] std::expected<Descriptor, std::error_code> reopen_for(const Work& work, const Node& node, int flags);
// Opened for what is to be done with it. Of files and folders alone: anything else is never opened.
// Errors: those of open(2).
[[nodiscard]] std::expected<Descriptor, std::error_code> reopen(const Node& node, int flags);
// By which system calls take it that know no descriptors: itself, also if it is a link.
[[nodiscard]] std::string name_of(const Node& node);

// A name that is to be made, or to go (RFC 1813 3.2); `dots`: what is said to "." and "..".
[[nodiscard]] Status check_name(const FileRoot& root, std::string_view name, Status dots, Status hidden);

// What of a file is to be set.
struct TimeChange {
    NewTime::How how = NewTime::How::keep;
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;
};
struct Changes {
    std::optional<std::uint32_t> mode{}, uid{}, gid{};
    std::optional<std::uint64_t> size{};
    TimeChange accessed{}, modified{};
};
[[nodiscard]] Changes changes_of(const NewAttributes& attributes) noexcept;

// Sets what is to be set, in this order: size, mode, times. Who owns it is changed where callers
// are who they say, as far as the kernel lets them; else PERM.
[[nodiscard]] Status apply(Work& work, const Node& node, const Changes& changes);
// A file's length, within quota and rights.
[[nodiscard]] Status resize(Work& work, const Node& node, std::uint64_t size);

}  // namespace strata::application::nfs
