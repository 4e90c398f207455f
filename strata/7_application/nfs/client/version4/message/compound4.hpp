// COMPOUND, as a client says it: operations one after the other, and
// what came back for each (RFC 7530 14.2).
//
//     Compound4 asked;
//     asked.at(folder).op(v4::Op::lookup, name).op(v4::Op::getfh);
//     Heard4 heard(co_await ..., asked);
//     heard.next();                                              PUTFH
//     const auto looked_up = heard.next<v4::Ended>().status;     LOOKUP; behind one that failed nothing follows
#pragma once

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/nfs/client/session/failure.hpp"
#include "strata/7_application/nfs/v4/message/names.hpp"

namespace strata::application::nfs::client {

namespace xdr = presentation::xdr;

class Compound4 {
public:
    Compound4();
    // Arguments that refer to something are written at once.
    template <typename Arguments = v4::None>
    Compound4& op(v4::Op number, const Arguments& arguments = {}) {
        xdr::Writer out(bytes_, xdr::any_length);
        out(number, arguments);
        note(number, out.ok());
        return *this;
    }
    Compound4& at(const AnyHandle& handle) { return op(v4::Op::putfh, v4::PutfhArguments{handle.bytes()}); }

    // As the arguments of the procedure.
    [[nodiscard]] const std::vector<std::byte>& bytes() const noexcept { return bytes_; }
    [[nodiscard]] const std::vector<v4::Op>& asked() const noexcept { return asked_; }
    // False: an argument was longer than there can be.
    [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
    void note(v4::Op number, bool well);
    std::vector<std::byte> bytes_;
    std::vector<v4::Op> asked_;
    bool ok_ = true;
};

// Results, in the order of what was asked. Whatever does not fit it throws Failure: other
// operations, more of them, a status of the whole that is not the last one's.
class Heard4 {
public:
    Heard4() = default;
    Heard4(session::rpc::Results message, const Compound4& asked);

    [[nodiscard]] v4::Status4 status() const noexcept { return status_; }
    // Views into the message. Of an operation that the server has not
    // come to, the status of the whole.
    template <typename Results = v4::Ended>
    Results next() {
        Results results{};
        if (!begin()) {
            results.status = status_;
            return results;
        }
        reader_(results);
        end(results.status);
        return results;
    }
    [[nodiscard]] session::rpc::Results take_message() { return std::move(message_); }

private:
    [[nodiscard]] bool begin();
    void end(v4::Status4 status) const;

    session::rpc::Results message_;
    xdr::Reader reader_{Bytes()};
    std::vector<v4::Op> asked_;
    v4::Status4 status_ = v4::Status4::ok;
    std::uint32_t count_ = 0;
    std::size_t at_ = 0;
};

}  // namespace strata::application::nfs::client
