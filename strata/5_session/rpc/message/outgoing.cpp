#include "strata/5_session/rpc/message/outgoing.hpp"

#include <array>

namespace strata::session::rpc {
namespace {

constexpr std::array<std::byte, 3> zeros{};
constexpr std::uint32_t last_fragment = 0x8000'0000;

std::vector<std::byte> header_with_room() {
    std::vector<std::byte> header;
    header.reserve(64);
    header.resize(Outgoing::mark_size);
    return header;
}

}  // namespace

Outgoing::Outgoing(std::vector<std::byte> header, Body body) : header_(std::move(header)), body_(std::move(body)) {
    store_be32(header_.data(), last_fragment | static_cast<std::uint32_t>(size()));
}

std::shared_ptr<const Outgoing> Outgoing::call(std::uint32_t xid, const Target& target, const Credentials& credentials,
                                               Body arguments) {
    std::vector<std::byte> header = header_with_room();
    append_call_header(header, xid, target, credentials);
    return std::shared_ptr<const Outgoing>(new Outgoing(std::move(header), std::move(arguments)));
}

std::shared_ptr<const Outgoing> Outgoing::reply(std::uint32_t xid, const Status& status, Body results) {
    std::vector<std::byte> header = header_with_room();
    append_reply_header(header, xid, status);
    return std::shared_ptr<const Outgoing>(new Outgoing(std::move(header), std::move(results)));
}

void Outgoing::append_record(std::vector<asio::const_buffer>& to) const {
    to.emplace_back(header_.data(), header_.size());
    if (!body_.head.empty()) to.emplace_back(body_.head.data(), body_.head.size());
    if (!body_.data.empty()) to.emplace_back(body_.data.data(), body_.data.size());
    if (body_.padding() > 0) to.emplace_back(zeros.data(), body_.padding());
}

void Outgoing::append_message(std::vector<std::byte>& to) const {
    to.reserve(to.size() + size());
    to.insert(to.end(), header_.begin() + mark_size, header_.end());
    to.insert(to.end(), body_.head.begin(), body_.head.end());
    to.insert(to.end(), body_.data.begin(), body_.data.end());
    to.resize(to.size() + body_.padding());
}

}  // namespace strata::session::rpc
