// ReplyCache: the replies to calls that must not be done twice (RFC 5531 9, on xid). A client whose
// reply was lost calls again, with the same xid: over UDP from the same port, over TCP on another
// connection. It is answered with the reply that it did not get.
//
// A call is known by who sent it, its xid, its procedure and a digest of all that it says, so that
// an xid which is used again for something else is something else.
#pragma once

#include <list>
#include <unordered_map>

#include "strata/0_foundation/siphash.hpp"
#include "strata/0_foundation/time.hpp"
#include "strata/5_session/rpc/server/program.hpp"
#include "strata/5_session/rpc/server/way_back.hpp"

namespace strata::session::rpc {

// Beyond the bounds the oldest replies are forgotten. Calls that are being done count as well, but
// are never forgotten: they have a bound of their own, where they came in.
struct ReplyCacheOptions {
    std::size_t entries_max = 4096;
    std::size_t cached_bytes_max = 8 << 20;   // of replies
    std::size_t cached_reply_max = 64 << 10;  // a longer one is not kept
    Duration cached_for = 120s;               // how long a client may call again
};

class ReplyCache {
public:
    struct Key {
        IpAddress client;        // of a Unix socket none
        std::uint16_t port = 0;  // of UDP; a new connection has another
        Transport transport = Transport::stream;
        std::uint32_t xid = 0;
        Target target;
        std::uint64_t digest = 0;
        bool operator==(const Key&) const = default;
    };

    ReplyCache(Entropy& entropy, const ReplyCacheOptions& options) : key_(SipKey::random(entropy)), options_(options) {}

    // Of a whole message. Of a long one its length, its beginning and its end are looked at.
    [[nodiscard]] std::uint64_t digest_of(Bytes message) const noexcept;

    enum class Found : std::uint8_t { nothing, in_progress, reply };
    struct Begun {
        Found found = Found::nothing;  // nothing: it is in progress from now on
        std::shared_ptr<const Outgoing> reply{};
    };
    [[nodiscard]] Begun begin(const Key& key, Instant now);
    // It is in progress: who asked again last gets the reply as well.
    void also_answer(const Key& key, std::unique_ptr<WayBack> way);
    // It is done. Returns who asked again, if anybody did.
    [[nodiscard]] std::unique_ptr<WayBack> complete(const Key& key, const std::shared_ptr<const Outgoing>& reply,
                                                    Instant now);
    // It failed: whoever calls again may try again. Returns the same.
    [[nodiscard]] std::unique_ptr<WayBack> forget(const Key& key);

    [[nodiscard]] std::size_t entries() const noexcept { return entries_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Hash {
        SipKey key;
        [[nodiscard]] std::size_t operator()(const Key& of) const noexcept;
    };
    struct Entry;
    using Entries = std::unordered_map<Key, Entry, Hash>;
    struct Entry {
        std::shared_ptr<const Outgoing> reply;  // null while it is in progress
        std::unique_ptr<WayBack> also;
        Instant answered_at{};
        std::list<const Key*>::iterator place;
    };
    void evict(Instant now);
    void remove_oldest();

    SipKey key_;
    ReplyCacheOptions options_;
    Entries entries_{0, Hash{key_}};
    std::list<const Key*> answered_;  // the oldest first
    std::size_t bytes_ = 0;
};

}  // namespace strata::session::rpc
