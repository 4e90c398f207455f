// A client of NFS version 4: says a COMPOUND, and looks at the
// results of its operations one by one.
#pragma once

#include <algorithm>

#include "strata/7_application/nfs/v4/ops/ops.hpp"
#include "tests/7_application/nfs/bench.hpp"

namespace strata::application::nfs::v4 {

using test_bytes = std::vector<std::byte>;

// A COMPOUND that is being put together: arguments with their operation's number in front.
struct Saying {
    test_bytes bytes;
    std::uint32_t count = 0;
    template <typename Arguments = None>
    Saying& op(Op number, const Arguments& arguments = {}) {
        xdr::Writer out(bytes, xdr::any_length);
        out(number, arguments);
        ++count;
        return *this;
    }
    Saying& putfh(const Handle& handle) { return op(Op::putfh, PutfhArguments{handle.bytes()}); }
    Saying& root() { return op(Op::putrootfh); }
    Saying& lookup(std::string_view name) { return op(Op::lookup, NameArguments{name}); }
    static void fields(auto&, auto&) {}
};
struct CompoundArguments {
    xdr::Text<> tag;
    std::uint32_t minor_version = 0, count = 0;
    Bytes operations;
    static void fields(auto& codec, auto& self) {
        codec(self.tag, self.minor_version, self.count);
        codec.fixed_opaque(self.operations);
    }
};
// What came back: the results are read in their order.
struct Heard {
    Status4 status = Status4::serverfault;
    std::string tag;
    std::uint32_t count = 0;
    test_bytes bytes;
    std::size_t at = 0;
    template <typename Results = Ended>
    Results next(Op expected) {
        xdr::Reader in(Bytes(bytes).subspan(at));
        const std::uint32_t number = in.unsigned_int();
        EXPECT_EQ(number, static_cast<std::uint32_t>(expected));
        Results results{};
        in(results);
        EXPECT_TRUE(in.ok());
        at = bytes.size() - in.rest().size();
        return results;
    }
};
struct CompoundResults {
    Status4 status = Status4::ok;
    xdr::Text<> tag;
    std::uint32_t count = 0;
    test_bytes rest;
    static void fields(auto& codec, auto& self) {
        codec(self.status, self.tag, self.count);
        if constexpr (requires { codec.rest(); }) {
            const Bytes rest = codec.rest();
            self.rest.assign(rest.begin(), rest.end());
            (void)codec.fixed_opaque(rest.size());
        }
    }
};

[[nodiscard]] inline Bitmap mask_of(std::initializer_list<Attribute> attributes) {
    Bitmap mask;
    for (const Attribute attribute : attributes) add(mask, attribute);
    return mask;
}

struct Nfs4Served : NfsServed {
    Heard say(const Saying& saying, std::uint32_t minor = 0, std::string_view tag = "tag") {
        return say_raw({tag, minor, saying.count, saying.bytes});
    }
    Heard say_raw(const CompoundArguments& arguments) {
        const auto results = ask<CompoundResults>({program_number, version, compound_procedure}, arguments);
        return {refusal.empty() ? results.status : Status4::serverfault, std::string(results.tag), results.count,
                results.rest};
    }
    Status4 status_of(const Saying& saying) { return say(saying).status; }

    // The root, then down.
    static Saying at_path(std::string_view path) {
        Saying saying;
        saying.root();
        while (!path.empty()) {
            const std::size_t slash = std::min(path.find('/'), path.size());
            saying.lookup(path.substr(0, slash));
            path.remove_prefix(std::min(slash + 1, path.size()));
        }
        return saying;
    }
    Handle handle4(std::string_view path) {
        Saying saying = at_path(path);
        Heard heard = say(saying.op(Op::getfh));
        if (heard.status != Status4::ok) return {};
        (void)heard.next(Op::putrootfh);
        for (std::uint32_t lookups = heard.count - 2; lookups > 0; --lookups) (void)heard.next(Op::lookup);
        return heard.next<GetfhResults>(Op::getfh).object;
    }

    // A client that was confirmed.
    SetclientidResults set_client(std::string_view id, std::uint8_t verifier = 1) {
        SetclientidArguments arguments;
        arguments.id = id;
        arguments.verifier = {std::byte{verifier}};
        arguments.callback_address = {"tcp", "0.0.0.0.0.0"};
        Heard heard = say(Saying().op(Op::setclientid, arguments));
        return heard.next<SetclientidResults>(Op::setclientid);
    }
    Status4 confirm_client(const SetclientidResults& set) {
        return status_of(Saying().op(Op::setclientid_confirm, SetclientidConfirmArguments{set.client, set.confirm}));
    }
    std::uint64_t new_client(std::string_view id, std::uint8_t verifier = 1) {
        const auto set = set_client(id, verifier);
        EXPECT_EQ(set.status, Status4::ok);
        EXPECT_EQ(confirm_client(set), Status4::ok);
        return set.client;
    }
    Status4 renew(std::uint64_t client_id) { return status_of(Saying().op(Op::renew, ClientArguments{client_id})); }

    struct Opened {
        OpenResults results;
        Handle file;
        [[nodiscard]] Stateid state() const { return results.state; }
    };
    OpenArguments opening(std::uint64_t client_id, std::string_view owner, std::uint32_t seqid, std::string_view name,
                          std::uint32_t access = share_read, std::uint32_t deny = 0) {
        OpenArguments arguments;
        arguments.seqid = seqid;
        arguments.access = access;
        arguments.deny = deny;
        arguments.owner = {client_id, owner};
        arguments.name = name;
        return arguments;
    }
    Opened open(const OpenArguments& arguments, std::string_view folder_path = "") {
        Saying saying = at_path(folder_path);
        saying.op(Op::open, arguments).op(Op::getfh);
        Heard heard = say(saying);
        (void)heard.next(Op::putrootfh);
        for (std::size_t i = 0; i < folder_path.size(); ++i) {
            if (i == 0 || folder_path[i - 1] == '/') (void)heard.next(Op::lookup);
        }
        Opened opened;
        opened.results = heard.next<OpenResults>(Op::open);
        if (opened.results.status == Status4::ok) opened.file = heard.next<GetfhResults>(Op::getfh).object;
        return opened;
    }
    // Opened, and its owner confirmed: the next seqid is 3.
    Opened open_confirmed(std::uint64_t client_id, std::string_view owner, std::string_view name,
                          std::uint32_t access = share_read, std::uint32_t deny = 0) {
        Opened opened = open(opening(client_id, owner, 1, name, access, deny));
        EXPECT_EQ(opened.results.status, Status4::ok);
        EXPECT_NE(opened.results.flags & OpenResults::confirm, 0u);
        opened.results.state = confirm(opened, 2).state;
        return opened;
    }
    StateResults confirm(const Opened& opened, std::uint32_t seqid) {
        Heard heard =
            say(Saying().putfh(opened.file).op(Op::open_confirm, OpenConfirmArguments{opened.state(), seqid}));
        (void)heard.next(Op::putfh);
        return heard.next<StateResults>(Op::open_confirm);
    }
    StateResults close(const Handle& file, const Stateid& state, std::uint32_t seqid) {
        Heard heard = say(Saying().putfh(file).op(Op::close, CloseArguments{seqid, state}));
        (void)heard.next(Op::putfh);
        return heard.next<StateResults>(Op::close);
    }
    ReadResults read4(const Handle& file, const Stateid& state = {}, std::uint64_t offset = 0,
                      std::uint32_t count = 4096) {
        Heard heard = say(Saying().putfh(file).op(Op::read, ReadArguments{state, offset, count}));
        if (heard.next(Op::putfh).status != Status4::ok) return {heard.status, false, false, {}, {}};
        kept.push_back(std::move(heard));
        return kept.back().next<ReadResults>(Op::read);
    }
    std::string text4(const Handle& file, const Stateid& state = {}) {
        return std::string(text_of(read4(file, state).data));
    }
    WriteResults write4(const Handle& file, const Stateid& state, std::uint64_t offset, std::string_view text,
                        WriteArguments::Stable stable = WriteArguments::Stable::unstable) {
        const WriteArguments arguments{state, offset, stable, xdr::Opaque<>(bytes_of(text))};
        Heard heard = say(Saying().putfh(file).op(Op::write, arguments));
        (void)heard.next(Op::putfh);
        return heard.next<WriteResults>(Op::write);
    }
    // What GETATTR says of one attribute.
    template <typename Value>
    Value attribute(const Handle& of, Attribute which) {
        Heard heard = say(Saying().putfh(of).op(Op::getattr, GetattrArguments{mask_of({which})}));
        (void)heard.next(Op::putfh);
        const auto results = heard.next<GetattrResults>(Op::getattr);
        EXPECT_TRUE(has(results.attributes.mask, which));
        xdr::Reader in(results.attributes.values);
        Value value{};
        in(value);
        return value;
    }
    // Of a lock owner that is new: locks with an open.
    LockResults lock(const Opened& opened, std::uint32_t open_seqid, const OwnerId& owner, std::uint64_t offset,
                     std::uint64_t length, LockType type = LockType::write, bool reclaim = false) {
        LockArguments arguments{type, reclaim, offset, length, true, open_seqid, opened.state(), 1, owner, {}};
        return lock(opened.file, arguments);
    }
    LockResults lock(const Handle& file, const LockArguments& arguments) {
        Heard heard = say(Saying().putfh(file).op(Op::lock, arguments));
        (void)heard.next(Op::putfh);
        kept.push_back(std::move(heard));
        return kept.back().next<LockResults>(Op::lock);
    }
    LockResults lock_more(const Handle& file, const Stateid& state, std::uint32_t seqid, std::uint64_t offset,
                          std::uint64_t length, LockType type = LockType::write) {
        return lock(file, {type, false, offset, length, false, 0, {}, seqid, {}, state});
    }
    StateResults unlock(const Handle& file, const Stateid& state, std::uint32_t seqid, std::uint64_t offset,
                        std::uint64_t length) {
        const LockuArguments arguments{LockType::write, seqid, state, offset, length};
        Heard heard = say(Saying().putfh(file).op(Op::locku, arguments));
        (void)heard.next(Op::putfh);
        return heard.next<StateResults>(Op::locku);
    }
    LocktResults test_lock(const Handle& file, const OwnerId& owner, std::uint64_t offset, std::uint64_t length,
                           LockType type = LockType::write) {
        Heard heard = say(Saying().putfh(file).op(Op::lockt, LocktArguments{type, offset, length, owner}));
        (void)heard.next(Op::putfh);
        kept.push_back(std::move(heard));
        return kept.back().next<LocktResults>(Op::lockt);
    }

    std::deque<Heard> kept;  // what results point into
};

}  // namespace strata::application::nfs::v4
