#include "strata/5_session/rpc/server/reply_cache.hpp"

#include <array>

namespace strata::session::rpc {
namespace {

// What is hashed of either end of a long message: a WRITE's offset is at its beginning.
constexpr std::size_t digested_of_an_end = 2048;

}  // namespace

std::uint64_t ReplyCache::digest_of(Bytes message) const noexcept {
    if (message.size() <= 2 * digested_of_an_end) return siphash(key_, message);
    std::array<std::byte, 2 * digested_of_an_end + sizeof(std::uint64_t)> ends;
    std::memcpy(ends.data(), message.data(), digested_of_an_end);
    std::memcpy(ends.data() + digested_of_an_end, message.last(digested_of_an_end).data(), digested_of_an_end);
    store_big_endian(ends.data() + 2 * digested_of_an_end, std::uint64_t{message.size()});
    return siphash(key_, ends);
}

// The digest and the xid are most of what tells calls apart; the rest is compared.
std::size_t ReplyCache::Hash::operator()(const Key& of) const noexcept {
    std::array<std::byte, IpAddress::size + 16> bytes;
    of.client.store(bytes.data());
    store_big_endian(bytes.data() + IpAddress::size, of.digest);
    store_be32(bytes.data() + IpAddress::size + 8, of.xid);
    store_be32(bytes.data() + IpAddress::size + 12, of.port);
    return siphash(key, bytes);
}

ReplyCache::Begun ReplyCache::begin(const Key& key, Instant now) {
    evict(now);
    const auto [found, is_new] = entries_.try_emplace(key);
    if (is_new) return {};
    if (!found->second.reply) return {Found::in_progress};
    return {Found::reply, found->second.reply};
}

void ReplyCache::also_answer(const Key& key, std::unique_ptr<WayBack> way) {
    if (const auto found = entries_.find(key); found != entries_.end()) found->second.also = std::move(way);
}

std::unique_ptr<WayBack> ReplyCache::complete(const Key& key, const std::shared_ptr<const Outgoing>& reply,
                                              Instant now) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    if (reply->size() > options_.cached_reply_max) return forget(key);
    Entry& entry = found->second;
    entry.reply = reply;
    entry.answered_at = now;
    entry.place = answered_.insert(answered_.end(), &found->first);
    bytes_ += reply->size();
    auto also = std::move(entry.also);
    evict(now);
    return also;
}

std::unique_ptr<WayBack> ReplyCache::forget(const Key& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    auto also = std::move(found->second.also);
    entries_.erase(found);
    return also;
}

void ReplyCache::remove_oldest() {
    const auto found = entries_.find(*answered_.front());
    answered_.pop_front();
    bytes_ -= found->second.reply->size();
    entries_.erase(found);
}

void ReplyCache::evict(Instant now) {
    const auto too_old = [&] {
        return now - entries_.find(*answered_.front())->second.answered_at >= options_.cached_for;
    };
    while (!answered_.empty() &&
           (entries_.size() > options_.entries_max || bytes_ > options_.cached_bytes_max || too_old())) {
        remove_oldest();
    }
}

}  // namespace strata::session::rpc
