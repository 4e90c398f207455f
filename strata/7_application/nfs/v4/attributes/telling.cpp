// Attributes that are told.
#include <algorithm>
#include <chrono>
#include <limits>

#include "strata/7_application/nfs/acts/acts.hpp"
#include "strata/7_application/nfs/v4/attributes/attributes.hpp"

namespace strata::application::nfs::v4 {
namespace {

constexpr std::size_t values_max = 4096;  // of one object: two owners and a handle are the longest

// What stands for the whole disk is looked for only if it is asked for.
class Teller {
public:
    Teller(const Work& work, const Looked& seen, const Node& beside, std::vector<std::byte>& into)
        : work_(work), seen_(seen), beside_(beside), out_(into, values_max) {}

    bool tell(Attribute attribute) {
        if (tell_kind(attribute) || tell_server(attribute) || tell_disk(attribute)) return out_.ok();
        return tell_file(attribute) && out_.ok();
    }

private:
    bool say(const auto&... values) {
        out_(values...);
        return true;
    }
    bool say_time(const statx_timestamp& time) { return say(static_cast<std::int64_t>(time.tv_sec), time.tv_nsec); }
    bool say_id(std::uint32_t id) {
        const std::string text = std::to_string(id);
        return say(xdr::Text<>(text));
    }

    bool tell_kind(Attribute attribute) {
        switch (attribute) {
            case Attribute::supported_attrs: return say(supported_attributes());
            case Attribute::type: return say(attributes_of(seen_).type);
            case Attribute::change: return say(change_of(seen_));
            case Attribute::size: return say(std::uint64_t{seen_.facts.stx_size});
            case Attribute::fsid: return say(seen_.id.device, std::uint64_t{0});
            case Attribute::filehandle: return say(work_.shared.key.seal(seen_.id));
            case Attribute::fileid:
            case Attribute::mounted_on_fileid: return say(seen_.id.inode);
            default: return false;
        }
    }

    // The same of all files.
    bool tell_server(Attribute attribute) {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(work_.shared.options.state.lease_time).count();
        switch (attribute) {
            case Attribute::fh_expire_type:  // FH4_PERSISTENT
            case Attribute::rdattr_error:
            case Attribute::aclsupport: return say(std::uint32_t{0});
            case Attribute::link_support:
            case Attribute::symlink_support:
            case Attribute::unique_handles:
            case Attribute::cansettime:
            case Attribute::case_preserving:
            case Attribute::chown_restricted:
            case Attribute::homogeneous:
            case Attribute::no_trunc: return say(true);
            case Attribute::named_attr:
            case Attribute::case_insensitive: return say(false);
            case Attribute::lease_time: return say(static_cast<std::uint32_t>(seconds));
            case Attribute::maxfilesize: return say(static_cast<std::uint64_t>(std::numeric_limits<off_t>::max()));
            case Attribute::maxname: return say(static_cast<std::uint32_t>(name_size_max));
            case Attribute::maxread:
            case Attribute::maxwrite: return say(std::uint64_t{work_.data_max()});
            case Attribute::time_delta: return say(std::int64_t{0}, std::uint32_t{1});
            default: return false;
        }
    }

    bool tell_disk(Attribute attribute) {
        if (attribute == Attribute::maxlink) return say(acts::links_max_of(beside_));
        const auto number = static_cast<std::uint32_t>(attribute);
        const bool is_of_disk = (number >= 21 && number <= 23) || (number >= 42 && number <= 44);
        if (!is_of_disk) return false;
        if (!disk_) disk_ = acts::disk_of(work_, beside_).value_or(acts::Disk{});
        switch (attribute) {
            case Attribute::files_avail: return say(disk_->files_available);
            case Attribute::files_free: return say(disk_->files_free);
            case Attribute::files_total: return say(disk_->files);
            case Attribute::space_avail: return say(disk_->bytes_available);
            case Attribute::space_free: return say(disk_->bytes_free);
            default: return say(disk_->bytes);
        }
    }

    bool tell_file(Attribute attribute) {
        const struct statx& facts = seen_.facts;
        switch (attribute) {
            case Attribute::mode: return say(static_cast<std::uint32_t>(facts.stx_mode & 07777u));
            case Attribute::numlinks: return say(std::uint32_t{facts.stx_nlink});
            case Attribute::owner: return say_id(facts.stx_uid);
            case Attribute::owner_group: return say_id(facts.stx_gid);
            case Attribute::rawdev:
                return say(std::uint32_t{facts.stx_rdev_major}, std::uint32_t{facts.stx_rdev_minor});
            case Attribute::space_used: return say(std::uint64_t{facts.stx_blocks} * 512);
            case Attribute::time_access: return say_time(facts.stx_atime);
            case Attribute::time_metadata: return say_time(facts.stx_ctime);
            case Attribute::time_modify: return say_time(facts.stx_mtime);
            default: return false;
        }
    }

    const Work& work_;
    const Looked& seen_;
    const Node& beside_;
    xdr::Writer out_;
    std::optional<acts::Disk> disk_;
};

}  // namespace

bool is_supported(Attribute attribute) noexcept {
    const auto number = static_cast<std::uint32_t>(attribute);
    switch (number) {
        case 12:  // acl
        case 14:  // archive
        case 24:  // fs_locations
        case 25:  // hidden
        case 32:  // mimetype
        case 38:  // quota_avail_hard
        case 39:  // quota_avail_soft
        case 40:  // quota_used
        case 46:  // system
        case 49:  // time_backup
        case 50:  // time_create
            return false;
        default: return number <= static_cast<std::uint32_t>(Attribute::mounted_on_fileid);
    }
}

Bitmap supported_attributes() {
    Bitmap mask;
    for (std::uint32_t number = 0; number <= static_cast<std::uint32_t>(Attribute::mounted_on_fileid); ++number) {
        if (is_supported(static_cast<Attribute>(number))) add(mask, static_cast<Attribute>(number));
    }
    return mask;
}

std::uint64_t change_of(const Looked& seen) noexcept {
    const statx_timestamp& time = seen.facts.stx_ctime;
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u + time.tv_nsec;
}

std::expected<Told, Status4> tell(const Work& work, const Looked& seen, const Node& beside, const Bitmap& asked) {
    Told told;
    Teller teller(work, seen, beside, told.values);
    const bool well = for_each(asked, [&](Attribute attribute) {
        if (!is_supported(attribute)) return true;
        if (!may_be_read(attribute) || !teller.tell(attribute)) return false;
        add(told.mask, attribute);
        return true;
    });
    if (!well) return std::unexpected(Status4::inval);
    return told;
}

std::expected<bool, Status4> is_same(const Work& work, const Node& node, const Fattr& attributes) {
    Status4 status = Status4::ok;
    const bool well = for_each(attributes.mask, [&](Attribute attribute) {
        if (!is_supported(attribute)) status = Status4::attrnotsupp;
        if (!may_be_read(attribute) || attribute == Attribute::rdattr_error) status = Status4::inval;
        return status == Status4::ok;
    });
    if (!well) return std::unexpected(status);
    const auto told = tell(work, node.seen, node, attributes.mask);
    if (!told) return std::unexpected(told.error());
    return std::ranges::equal(told->values, attributes.values);
}

}  // namespace strata::application::nfs::v4
