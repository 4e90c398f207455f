// Arguments and results of the operations about handles, names and attributes (RFC 7530 16).
#pragma once

#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::v4 {

struct AccessArguments {
    std::uint32_t asked = 0;
    static void fields(auto& codec, auto& self) { codec(self.asked); }
};
struct AccessResults {
    Status4 status = Status4::ok;
    std::uint32_t supported = 0, granted = 0;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.supported, self.granted);
    }
};

// nfs_ftype4, as far as CREATE tells them apart.
enum class Type4 : std::uint32_t { file = 1, folder, block_device, character_device, link, socket, fifo };
struct CreateArguments {
    Type4 type = Type4::folder;
    xdr::Text<> link;
    std::uint32_t major = 0, minor = 0;
    Component name;
    Fattr attributes;
    static void fields(auto& codec, auto& self) {
        codec(self.type);
        if (self.type == Type4::link) codec(self.link);
        if (self.type == Type4::block_device || self.type == Type4::character_device) codec(self.major, self.minor);
        codec(self.name, self.attributes);
    }
};
struct CreateResults {
    Status4 status = Status4::ok;
    ChangeInfo folder;
    Bitmap set;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.folder, self.set);
    }
};

struct GetattrArguments {
    Bitmap asked;
    static void fields(auto& codec, auto& self) { codec(self.asked); }
};
struct GetattrResults {
    Status4 status = Status4::ok;
    Fattr attributes;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.attributes);
    }
};
struct GetfhResults {
    Status4 status = Status4::ok;
    Handle object;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.object);
    }
};
// nfs_fh4 has twice the room of version 3's; a longer one than ours was not made here.
struct PutfhArguments {
    xdr::Opaque<128> object;
    static void fields(auto& codec, auto& self) { codec(self.object); }
};

// Of LINK, LOOKUP, REMOVE, SECINFO.
struct NameArguments {
    Component name;
    static void fields(auto& codec, auto& self) { codec(self.name); }
};
// Of LINK, REMOVE.
struct ChangedResults {
    Status4 status = Status4::ok;
    ChangeInfo folder;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.folder);
    }
};
struct RenameArguments {
    Component from, to;
    static void fields(auto& codec, auto& self) { codec(self.from, self.to); }
};
struct RenameResults {
    Status4 status = Status4::ok;
    ChangeInfo source, target;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.source, self.target);
    }
};
// Of VERIFY, NVERIFY.
struct VerifyArguments {
    Fattr attributes;
    static void fields(auto& codec, auto& self) { codec(self.attributes); }
};
struct SetattrArguments {
    Stateid state;
    Fattr attributes;
    static void fields(auto& codec, auto& self) { codec(self.state, self.attributes); }
};
struct SetattrResults {
    Status4 status = Status4::ok;
    Bitmap set;
    static void fields(auto& codec, auto& self) { codec(self.status, self.set); }
};
struct ReadlinkResults {
    Status4 status = Status4::ok;
    xdr::Text<> text;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.text);
    }
};

struct ReaddirArguments {
    std::uint64_t cookie = 0;
    Verifier verifier{};
    std::uint32_t names_size = 0;  // dircount: a hint
    std::uint32_t count = 0;       // maxcount: bytes of the results
    Bitmap asked;
    static void fields(auto& codec, auto& self) {
        codec(self.cookie, self.verifier, self.names_size, self.count, self.asked);
    }
};
struct Entry {
    std::uint64_t cookie = 0;
    Component name;
    Fattr attributes;
    static void fields(auto& codec, auto& self) { codec(self.cookie, self.name, self.attributes); }
};
struct ReaddirResults {
    Status4 status = Status4::ok;
    Verifier verifier{};
    xdr::Chain<Entry> entries;
    bool end = false;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.verifier, self.entries, self.end);
    }
};

// The flavors that may be used; AUTH_SYS and AUTH_NONE have nothing more to say.
struct SecinfoResults {
    Status4 status = Status4::ok;
    xdr::List<std::uint32_t, 16> flavors;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.flavors);
    }
};

}  // namespace strata::application::nfs::v4
