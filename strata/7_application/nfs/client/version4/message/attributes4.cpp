#include "strata/7_application/nfs/client/version4/message/attributes4.hpp"

#include <algorithm>
#include <limits>

#include "strata/6_presentation/xdr/xdr.hpp"
#include "strata/7_application/nfs/client/version4/message/failure4.hpp"

namespace strata::application::nfs::client {

namespace xdr = presentation::xdr;
using v4::Attribute;

namespace {

v4::Bitmap mask_of_all(std::initializer_list<Attribute> attributes) {
    v4::Bitmap mask;
    for (const Attribute one : attributes) v4::add(mask, one);
    return mask;
}

// From 1970 to 2106, as version 3 has it: others are the nearest of these.
Time time4_in(xdr::Reader& in) {
    std::int64_t seconds = 0;
    Time time;
    in(seconds, time.nanoseconds);
    time.seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, 0xffff'ffff));
    return time;
}

class Telling4 {
public:
    explicit Telling4(Bytes values) : in_(values) {}

    bool take(Attribute attribute) {
        switch (attribute) {
            case Attribute::type: return in_(told_.attributes.type), true;
            case Attribute::change: {
                const std::uint64_t change = in_.unsigned_hyper();
                told_.attributes.ctime = {static_cast<std::uint32_t>(change >> 32), static_cast<std::uint32_t>(change)};
                return true;
            }
            case Attribute::size: return in_(told_.attributes.size), true;
            case Attribute::fsid: {
                const std::uint64_t major = in_.unsigned_hyper(), minor = in_.unsigned_hyper();
                told_.attributes.fsid = major ^ minor * 0x9e37'79b9'7f4a'7c15u;
                return true;
            }
            case Attribute::fileid: return in_(told_.attributes.fileid), true;
            case Attribute::mode: return in_(told_.attributes.mode), true;
            case Attribute::time_modify: return told_.attributes.mtime = time4_in(in_), true;
            default: return take_limit(attribute);
        }
    }
    Told4 end() {
        if (in_.finish()) throw nonsense("the server says attributes that are not in their form");
        return told_;
    }

private:
    // False: nobody asks for it.
    bool take_limit(Attribute attribute) {
        switch (attribute) {
            case Attribute::rdattr_error: return in_(told_.error.emplace()), true;
            case Attribute::lease_time: return in_(told_.lease_seconds.emplace()), true;
            case Attribute::fh_expire_type: return in_(told_.handles_expire.emplace()), true;
            case Attribute::maxread: return in_(told_.read_max.emplace()), true;
            case Attribute::maxwrite: return in_(told_.write_max.emplace()), true;
            case Attribute::link_support: return in_(told_.links.emplace()), true;
            default: return false;
        }
    }

    xdr::Reader in_;
    Told4 told_;
};

const v4::Bitmap& of_all_files() {
    static const v4::Bitmap mask = mask_of_all({Attribute::type, Attribute::change, Attribute::size, Attribute::fsid});
    return mask;
}

}  // namespace

const v4::Bitmap& asked_of_file() {
    static const v4::Bitmap mask = mask_of_all({Attribute::type, Attribute::change, Attribute::size, Attribute::fsid,
                                                Attribute::fileid, Attribute::mode, Attribute::time_modify});
    return mask;
}

const v4::Bitmap& asked_of_entry() {
    static const v4::Bitmap mask = [] {
        v4::Bitmap all = asked_of_file();
        v4::add(all, Attribute::rdattr_error);
        return all;
    }();
    return mask;
}

const v4::Bitmap& asked_of_limits() {
    static const v4::Bitmap mask = [] {
        v4::Bitmap all = asked_of_file();
        for (const Attribute one : {Attribute::fh_expire_type, Attribute::link_support, Attribute::lease_time,
                                    Attribute::maxread, Attribute::maxwrite})
            v4::add(all, one);
        return all;
    }();
    return mask;
}

Told4 told4_in(const v4::Fattr& said, const v4::Bitmap& asked) {
    Telling4 telling(said.values);
    const bool well = v4::for_each(
        said.mask, [&](Attribute attribute) { return v4::has(asked, attribute) && telling.take(attribute); });
    if (!well) throw nonsense("the server says attributes that nobody has asked for");
    Told4 told = telling.end();
    told.is_whole = v4::for_each(of_all_files(), [&](Attribute attribute) { return v4::has(said.mask, attribute); });
    return told;
}

Told4 told4_of_file(const v4::Fattr& said, const v4::Bitmap& asked) {
    const Told4 told = told4_in(said, asked);
    if (!told.is_whole) throw nonsense("the server does not say what a file is, and how long");
    return told;
}

AnyHandle handle4_in(const GotHandle4& said) {
    check(said.status);
    if (said.object.bytes().empty()) throw nonsense("the server finds something without giving a handle of it");
    return said.object;
}

Setting4& Setting4::mode(std::uint32_t mode) {
    v4::add(mask_, Attribute::mode);
    xdr::Writer out(values_, xdr::any_length);
    out(mode);
    return *this;
}

Setting4& Setting4::now() {
    constexpr std::uint32_t servers_time = 0;  // SET_TO_SERVER_TIME4
    v4::add(mask_, Attribute::time_access_set);
    v4::add(mask_, Attribute::time_modify_set);
    xdr::Writer out(values_, xdr::any_length);
    out(servers_time, servers_time);
    return *this;
}

Setting4& Setting4::modified(std::uint32_t seconds) {
    constexpr std::uint32_t clients_time = 1, nanoseconds = 0;  // SET_TO_CLIENT_TIME4
    v4::add(mask_, Attribute::time_modify_set);
    xdr::Writer out(values_, xdr::any_length);
    out(clients_time, static_cast<std::int64_t>(seconds), nanoseconds);
    return *this;
}

}  // namespace strata::application::nfs::client
