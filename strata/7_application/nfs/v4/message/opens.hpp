// Arguments and results of the operations about clients and opens (RFC 7530 16.2, 16.16 to 16.19,
// 16.28, 16.33, 16.34, 16.37).
#pragma once

#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::v4 {

using OwnerName = xdr::Text<opaque_max>;
// open_owner4, lock_owner4.
struct OwnerId {
    std::uint64_t client = 0;
    OwnerName owner;
    static void fields(auto& codec, auto& self) { codec(self.client, self.owner); }
};

// Of CLOSE, OPEN_CONFIRM the other way round, as the RFC has them.
struct CloseArguments {
    std::uint32_t seqid = 0;
    Stateid state;
    static void fields(auto& codec, auto& self) { codec(self.seqid, self.state); }
};
struct OpenConfirmArguments {
    Stateid state;
    std::uint32_t seqid = 0;
    static void fields(auto& codec, auto& self) { codec(self.state, self.seqid); }
};
struct OpenDowngradeArguments {
    Stateid state;
    std::uint32_t seqid = 0, access = 0, deny = 0;
    static void fields(auto& codec, auto& self) { codec(self.state, self.seqid, self.access, self.deny); }
};
// Of CLOSE, OPEN_CONFIRM, OPEN_DOWNGRADE, LOCKU.
struct StateResults {
    Status4 status = Status4::ok;
    Stateid state;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.state);
    }
};

struct OpenArguments {
    enum class How : std::uint32_t { nocreate, create };  // opentype4
    friend constexpr bool declared(How value) noexcept { return value <= How::create; }
    enum class Mode : std::uint32_t { unchecked, guarded, exclusive };  // createmode4
    friend constexpr bool declared(Mode value) noexcept { return value <= Mode::exclusive; }
    enum class Claim : std::uint32_t { null, previous, delegate_cur, delegate_prev };  // open_claim_type4
    friend constexpr bool declared(Claim value) noexcept { return value <= Claim::delegate_prev; }

    std::uint32_t seqid = 0, access = 0, deny = 0;
    OwnerId owner;
    How how = How::nocreate;
    Mode mode = Mode::unchecked;
    Fattr attributes;
    Verifier verifier{};
    Claim claim = Claim::null;
    std::uint32_t delegation = 0;
    Stateid delegation_state;
    Component name;
    static void fields(auto& codec, auto& self) {
        codec(self.seqid, self.access, self.deny, self.owner, self.how);
        if (self.how == How::create) {
            codec(self.mode);
            if (self.mode == Mode::exclusive) codec(self.verifier);
            if (self.mode != Mode::exclusive) codec(self.attributes);
        }
        codec(self.claim);
        if (self.claim == Claim::previous) return codec(self.delegation);
        if (self.claim == Claim::delegate_cur) codec(self.delegation_state);
        codec(self.name);
    }
};
struct OpenResults {
    enum Flag : std::uint32_t { confirm = 2, posix_locks = 4 };
    Status4 status = Status4::ok;
    Stateid state;
    ChangeInfo folder;
    std::uint32_t flags = 0;
    Bitmap set;
    std::uint32_t delegation = 0;  // OPEN_DELEGATE_NONE
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.state, self.folder, self.flags, self.set, self.delegation);
    }
};

// clientaddr4.
struct ClientAddress {
    xdr::Text<> netid, address;
    static void fields(auto& codec, auto& self) { codec(self.netid, self.address); }
};
struct SetclientidArguments {
    Verifier verifier{};
    OwnerName id;
    std::uint32_t callback_program = 0;
    ClientAddress callback_address;
    std::uint32_t callback_ident = 0;
    static void fields(auto& codec, auto& self) {
        codec(self.verifier, self.id, self.callback_program, self.callback_address, self.callback_ident);
    }
};
struct SetclientidResults {
    Status4 status = Status4::ok;
    std::uint64_t client = 0;
    Verifier confirm{};
    ClientAddress in_use;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.client, self.confirm);
        if (self.status == Status4::clid_inuse) codec(self.in_use);
    }
};
struct SetclientidConfirmArguments {
    std::uint64_t client = 0;
    Verifier confirm{};
    static void fields(auto& codec, auto& self) { codec(self.client, self.confirm); }
};
// Of RENEW, DELEGPURGE.
struct ClientArguments {
    std::uint64_t client = 0;
    static void fields(auto& codec, auto& self) { codec(self.client); }
};
// Of DELEGRETURN.
struct StateArguments {
    Stateid state;
    static void fields(auto& codec, auto& self) { codec(self.state); }
};
struct OpenattrArguments {
    bool create = false;
    static void fields(auto& codec, auto& self) { codec(self.create); }
};
struct ReleaseLockownerArguments {
    OwnerId owner;
    static void fields(auto& codec, auto& self) { codec(self.owner); }
};

}  // namespace strata::application::nfs::v4
