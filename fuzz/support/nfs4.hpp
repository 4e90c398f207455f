// Calls of NFS version 4 that an input describes: with good handles,
// clients and stateids where it wants them.
#pragma once

#include <optional>
#include <string_view>

#include "strata/5_session/rpc/message/message.hpp"
#include "strata/5_session/rpc/message/words.hpp"
#include "strata/7_application/nfs/v4/message/locks.hpp"
#include "strata/7_application/nfs/v4/message/opens.hpp"

namespace strata::fuzz {

namespace nfs4 = application::nfs::v4;

// What the server has said of whom it knows, picked up from its replies.
struct Known4 {
    nfs4::SetclientidResults client{};
    nfs4::Stateid open{}, lock{};

    // Replies whose last result is one of these; the harness asks for
    // each alone behind PUTFH or PUTROOTFH.
    void hear(Bytes message) {
        const auto reply = session::rpc::parse_reply(message);
        if (!reply || reply->results.size() < 20) return;
        presentation::xdr::Reader in(reply->results);
        nfs4::Status4 status{};
        presentation::xdr::Text<> tag;
        std::uint32_t count = 0;
        in(status, tag, count);
        while (count-- > 0 && in.ok()) {
            nfs4::Op op{};
            in(op);
            if (op == nfs4::Op::putfh || op == nfs4::Op::putrootfh)
                (void)in.unsigned_int();
            else if (op == nfs4::Op::setclientid)
                take(in, client, client);
            else if (op == nfs4::Op::open)
                take_state<nfs4::OpenResults>(in, open);
            else if (op == nfs4::Op::open_confirm)
                take_state<nfs4::StateResults>(in, open);
            else if (op == nfs4::Op::lock)
                take_state<nfs4::LockResults>(in, lock);
            else
                return;
        }
    }

private:
    template <typename Results>
    static void take(presentation::xdr::Reader& in, Results, Results& into) {
        Results results{};
        in(results);
        if (in.ok() && results.status == nfs4::Status4::ok) into = results;
    }
    template <typename Results>
    static void take_state(presentation::xdr::Reader& in, nfs4::Stateid& into) {
        Results results{};
        in(results);
        if (in.ok() && results.status == nfs4::Status4::ok) into = results.state;
    }
};

// A byte of the input is a word of the arguments, or stands for something that is good.
inline void append_word4(std::vector<std::byte>& to, unsigned char what, std::string_view& rest, const Known4& known,
                         Bytes handle) {
    const auto append = [&](const auto& value) { presentation::xdr::Writer(to, presentation::xdr::any_length)(value); };
    const auto next = [&] {
        if (rest.empty()) return std::uint32_t{0};
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        return std::uint32_t{byte};
    };
    const auto with_seqid = [&](nfs4::Stateid state) {
        if (const std::uint32_t more = next(); more < 128) state.seqid += more - std::min(more, 2u);
        append(state);
    };
    switch (what) {
        case 0xf0: return append(known.client.client);
        case 0xf1: return with_seqid(known.open);
        case 0xf2: return with_seqid(known.lock);
        case 0xf3: return append(presentation::xdr::Text<>("o"));
        case 0xf4: return append(presentation::xdr::Text<>("a.txt"));
        case 0xf5: return append(presentation::xdr::Opaque<>(handle));
        case 0xf6: return append(known.client.confirm);
        case 0xf7: return append(~0u);
        case 0xf8: return append(next() << 24u | next());
        default: return append(std::uint32_t{what});
    }
}

// The arguments of a COMPOUND with so many operations.
inline std::vector<std::byte> compound4(std::uint32_t count, std::string_view rest, const Known4& known, Bytes handle) {
    std::vector<std::byte> arguments;
    presentation::xdr::Writer(arguments, 64)(std::uint32_t{0}, std::uint32_t{0}, count);
    while (!rest.empty()) {
        const auto what = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        append_word4(arguments, what, rest, known, handle);
    }
    return arguments;
}

}  // namespace strata::fuzz
