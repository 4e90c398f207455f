// Any bytes as a message of RPC and as a stream of records: what is read is inside the message and
// within its bounds, what is written of it is read again as the same, and records are the same
// however the stream is cut.
// links: session
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "strata/5_session/rpc/message/message.hpp"
#include "strata/5_session/rpc/record/record_reader.hpp"

namespace {

using namespace strata;
namespace rpc = session::rpc;

void require(bool holds) {
    if (!holds) std::abort();
}

void look_at_call(Bytes message) {
    const auto heard = rpc::parse_call(message);
    if (!heard || !std::holds_alternative<rpc::CallMessage>(*heard)) return;
    const auto& call = std::get<rpc::CallMessage>(*heard);
    require(call.credentials.body.size() <= rpc::auth_body_max && call.verifier.body.size() <= rpc::auth_body_max);
    const auto credentials = rpc::credentials_of(call.credentials);
    if (!credentials) return require(credentials.error() != rpc::AuthStatus::ok);
    std::vector<std::byte> written;
    rpc::append_call_header(written, call.xid, call.target, *credentials);
    written.insert(written.end(), call.arguments.begin(), call.arguments.end());
    const auto again = rpc::parse_call(written);
    const auto& same = std::get<rpc::CallMessage>(*again);
    require(same.xid == call.xid && same.target == call.target);
    require(*rpc::credentials_of(same.credentials) == *credentials);
    require(std::ranges::equal(same.arguments, call.arguments));
}

void look_at_reply(Bytes message) {
    const auto reply = rpc::parse_reply(message);
    if (!reply) return;
    require(reply->results.empty() || reply->results.data() + reply->results.size() == message.data() + message.size());
    require(static_cast<bool>(rpc::error_of(reply->status)) == (reply->status.outcome != rpc::Outcome::success));
    std::vector<std::byte> written;
    rpc::append_reply_header(written, reply->xid, reply->status);
    require(rpc::parse_reply(written)->status == reply->status);
}

struct Records {
    std::vector<std::vector<std::byte>> all;
    std::error_code error;
    bool operator==(const Records&) const = default;
};

// In pieces of so many bytes; in place where there is room.
Records records_of(Bytes stream, std::size_t piece) {
    constexpr rpc::RecordOptions options{.record_max = 9000, .fragments_max = 6};
    rpc::RecordReader reader(options);
    Records found;
    const auto take = [&] {
        const rpc::Record record = reader.take();
        require(record.size() > 0 && record.size() <= options.record_max && reader.is_between_records());
        found.all.emplace_back(record.bytes().begin(), record.bytes().end());
    };
    while (!stream.empty()) {
        const MutableBytes room = reader.room();
        if (!room.empty()) {
            const Bytes part = stream.first(std::min({piece, room.size(), stream.size()}));
            std::ranges::copy(part, room.begin());
            stream = stream.subspan(part.size());
            if (reader.filled(part.size())) take();
            continue;
        }
        Bytes part = stream.first(std::min(piece, stream.size()));
        stream = stream.subspan(part.size());
        while (!part.empty()) {
            const auto whole = reader.feed(part);
            if (!whole) {
                found.error = whole.error();
                return found;
            }
            if (*whole) take();
        }
    }
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 20000) return 0;
    const Bytes input = std::as_bytes(std::span(data, size));
    look_at_call(input);
    look_at_reply(input);
    const Records whole = records_of(input, input.size() + 1);
    require(records_of(input, 1) == whole);
    require(records_of(input, 7 + size % 100) == whole);
    for (const auto& record : whole.all) {
        look_at_call(record);
        look_at_reply(record);
    }
    return 0;
}
