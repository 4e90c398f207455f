// What goes out: a header of ours, and a body that may have large data by reference.
#pragma once

#include <boost/asio/buffer.hpp>
#include <memory>
#include <vector>

#include "strata/5_session/asio/any_handler.hpp"
#include "strata/5_session/rpc/message/message.hpp"

namespace strata::session::rpc {

// Arguments or results, as bytes.
struct Body {
    std::vector<std::byte> head{};  // a multiple of four
    // Follows the head, and is filled up with zeros to a multiple of four: what is too large to be
    // copied.
    Bytes data{};
    std::shared_ptr<const void> owner{};  // keeps the data for as long as it is needed; may be null if they outlive it

    [[nodiscard]] std::size_t size() const noexcept { return head.size() + data.size() + padding(); }
    [[nodiscard]] std::size_t padding() const noexcept { return (4 - data.size() % 4) % 4; }
};

class Outgoing {
public:
    static constexpr std::size_t mark_size = 4;
    static constexpr std::size_t pieces = 4;

    [[nodiscard]] static std::shared_ptr<const Outgoing> call(std::uint32_t xid, const Target& target,
                                                              const Credentials& credentials, Body arguments);
    [[nodiscard]] static std::shared_ptr<const Outgoing> reply(std::uint32_t xid, const Status& status,
                                                               Body results = {});

    // Bytes of the message, without a record mark.
    [[nodiscard]] std::size_t size() const noexcept { return header_.size() - mark_size + body_.size(); }
    // As a record of one fragment (RFC 5531 11): appends its pieces.
    void append_record(std::vector<asio::const_buffer>& to) const;
    // As one piece, for a datagram: appends its bytes.
    void append_message(std::vector<std::byte>& to) const;

private:
    Outgoing(std::vector<std::byte> header, Body body);
    std::vector<std::byte> header_;  // with the record mark before it
    Body body_;
};

}  // namespace strata::session::rpc
