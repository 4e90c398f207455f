// Packet: bytes on their way through the floors.
//
// A move-only handle on a pooled node. Its bytes are a *front* (one contiguous piece with headroom
// before it, where each floor puts or reads its header) and any number of further slices that
// belong to somebody else too: TCP's send buffer, or the block a frame was read into. Going down, a
// floor pushes its header; going up, it trims it. The payload is never copied. Beside the bytes
// travel the offload facts.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cassert>
#include <cstdint>

#include "strata/0_foundation/buffer.hpp"

namespace strata {

// Who has done, or must do, the transport checksum.
enum class ChecksumState : std::uint8_t {
    unknown,   // the field is filled in; an arriving one has not been verified
    verified,  // arriving: whoever handed it up vouches for it
    partial,   // leaving: the field holds the pseudo-header's sum, the lowest place that can must complete it
};

// What a super-frame must be cut into.
enum class Segmentation : std::uint8_t { none, tcp_ipv4, tcp_ipv6 };

namespace detail {

struct PacketNode {
    PoolCore* pool = nullptr;
    PacketNode* next_free = nullptr;
    Slice front;
    boost::container::small_vector<Slice, 4> rest;
    std::size_t rest_bytes = 0;
    ChecksumState checksum = ChecksumState::unknown;
    Segmentation segmentation = Segmentation::none;
    std::uint16_t segment_size = 0;      // payload bytes a frame, if segmentation is not none
    std::uint16_t network_offset = 0;    // where the IP header begins, from the front block's first byte
    std::uint16_t transport_offset = 0;  // where the TCP or UDP header begins, likewise
    std::uint16_t checksum_field = 0;    // the checksum field's place within the transport header
};

}  // namespace detail

class Packet {
public:
    Packet() = default;
    Packet(Packet&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    Packet& operator=(Packet&& other) noexcept {
        if (this != &other) {
            reset();
            node_ = std::exchange(other.node_, nullptr);
        }
        return *this;
    }
    // Most packets that are destroyed were handed on: they need no call.
    ~Packet() {
        if (node_ != nullptr) reset();
    }

    // An empty packet with `headroom` bytes before it and at least `room` bytes for its front.
    [[nodiscard]] static Packet make(PacketPool& pool, std::size_t headroom, std::size_t room = 0);
    // A packet whose front is a slice of a block, as a driver reads
    // it. The slice must not be shared.
    [[nodiscard]] static Packet of(PacketPool& pool, Slice front);
    // A copy of the bytes given, with headroom.
    [[nodiscard]] static Packet copy_of(PacketPool& pool, Bytes bytes, std::size_t headroom = 0);

    [[nodiscard]] explicit operator bool() const noexcept { return node_ != nullptr; }
    void reset() noexcept;

    // --- size and bytes
    [[nodiscard]] std::size_t size() const noexcept { return node_->front.length + node_->rest_bytes; }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] Bytes front() const noexcept { return {node_->front.data(), node_->front.length}; }
    [[nodiscard]] MutableBytes mutable_front() noexcept { return {node_->front.data(), node_->front.length}; }
    [[nodiscard]] std::span<const Slice> rest() const noexcept { return {node_->rest.data(), node_->rest.size()}; }
    [[nodiscard]] std::size_t headroom() const noexcept { return node_->front.offset; }
    [[nodiscard]] std::size_t tailroom() const noexcept {
        return node_->front.buffer.capacity() - node_->front.offset - node_->front.length;
    }

    // --- memory
    // Bytes of memory that cannot be used otherwise while this packet waits: its blocks whole,
    // however little of them is its own, and its node. A block shared with others counts in full
    // for each of them. This is what a bound on memory counts.
    [[nodiscard]] std::size_t memory() const noexcept;
    // Copies the bytes into a block that fits if the packet keeps far more than it needs: for
    // whoever lets packets wait. What was trimmed before the front is forgotten.
    void compact();

    // --- going down
    // Makes the front `count` bytes longer at its beginning and
    // returns the new first byte. Needs count <= headroom().
    std::byte* push(std::size_t count) noexcept {
        assert(count <= headroom());
        node_->front.offset -= static_cast<std::uint32_t>(count);
        node_->front.length += static_cast<std::uint32_t>(count);
        return node_->front.data();
    }
    // As push(), but moves the front to a larger block if the headroom is too small.
    std::byte* push_or_grow(std::size_t count);
    // Makes the packet `count` bytes longer at its end and returns the first of them, in the front
    // if nothing follows it and there is room, else in a block of its own. Not initialised.
    std::byte* extend(std::size_t count);
    void append(Slice slice);  // merges with the last slice if it adjoins

    // --- going up
    // Drops bytes at the beginning or the end. Needs count <= size().
    void trim(std::size_t count) noexcept {
        assert(count <= size());
        if (count > node_->front.length) return trim_past_front(count);
        node_->front.offset += static_cast<std::uint32_t>(count);
        node_->front.length -= static_cast<std::uint32_t>(count);
    }
    void trim_end(std::size_t count) noexcept;
    // Makes the first `count` bytes contiguous, so that front() has
    // them. False if the packet is shorter.
    [[nodiscard]] bool pull(std::size_t count) { return count <= node_->front.length || gather(count); }
    // Takes all slices out, the front first; the packet is empty
    // afterwards. For TCP's receive queue.
    template <typename Taker>
    void take_slices(Taker&& taker) {
        if (node_->front.length != 0) taker(std::move(node_->front));
        for (Slice& slice : node_->rest) taker(std::move(slice));
        node_->front = {};
        node_->rest.clear();
        node_->rest_bytes = 0;
    }

    // --- whole
    // Calls visitor(Bytes) for each piece in order.
    template <typename Visitor>
    void for_each_piece(Visitor&& visitor) const {
        if (node_->front.length != 0) visitor(front());
        for (const Slice& slice : node_->rest) visitor(slice.bytes());
    }
    // Copies [offset, offset + to.size()) into `to`; returns how many bytes there were.
    std::size_t copy_to(MutableBytes to, std::size_t offset = 0) const noexcept;
    // Another packet with the same bytes: the front is copied, the
    // rest is shared. Same headroom and facts.
    [[nodiscard]] Packet clone() const;
    // Another packet with the bytes [offset, offset + count) as slices
    // behind an empty front with `headroom`. The front's bytes in that range
    // are shared too, so the source's front must not be written any more.
    [[nodiscard]] Packet part(std::size_t offset, std::size_t count, std::size_t headroom, std::size_t room) const;
    // All bytes copied into one front of its own with `headroom`, for whoever must write into them.
    [[nodiscard]] Packet flat_copy(std::size_t headroom = 0) const;

    // --- offload facts
    [[nodiscard]] ChecksumState checksum_state() const noexcept { return node_->checksum; }
    void set_checksum_state(ChecksumState state) noexcept { node_->checksum = state; }
    [[nodiscard]] Segmentation segmentation() const noexcept { return node_->segmentation; }
    [[nodiscard]] std::size_t segment_size() const noexcept { return node_->segment_size; }
    void set_segmentation(Segmentation kind, std::size_t segment_size) noexcept {
        node_->segmentation = kind;
        node_->segment_size = static_cast<std::uint16_t>(segment_size);
    }
    // Marks the present first byte as the beginning of the network or transport header. Asked for
    // later, the answer is relative to what is then the first byte. Headers must stay in the
    // front's block between the two.
    void mark_network_header() noexcept { node_->network_offset = static_cast<std::uint16_t>(node_->front.offset); }
    void mark_transport_header(std::size_t checksum_field) noexcept {
        node_->transport_offset = static_cast<std::uint16_t>(node_->front.offset);
        node_->checksum_field = static_cast<std::uint16_t>(checksum_field);
    }
    [[nodiscard]] std::size_t network_header() const noexcept { return node_->network_offset - node_->front.offset; }
    [[nodiscard]] std::size_t transport_header() const noexcept {
        return node_->transport_offset - node_->front.offset;
    }
    [[nodiscard]] std::size_t checksum_field() const noexcept { return node_->checksum_field; }
    // Takes back what was trimmed since mark_network_header(), for whoever answers a packet with
    // its header. False if nothing was marked behind this packet's first byte.
    [[nodiscard]] bool restore_network_header() noexcept {
        if (node_->network_offset > node_->front.offset) return false;
        push(node_->front.offset - node_->network_offset);
        return true;
    }
    // Completes a partial checksum in software, over everything from
    // the transport header on. See RFC 1071.
    void complete_checksum() noexcept;

private:
    void trim_past_front(std::size_t count) noexcept;
    [[nodiscard]] bool gather(std::size_t count);
    explicit Packet(detail::PacketNode* node) noexcept : node_(node) {}
    void copy_facts_from(const Packet& other) noexcept;
    detail::PacketNode* node_ = nullptr;
};

}  // namespace strata
