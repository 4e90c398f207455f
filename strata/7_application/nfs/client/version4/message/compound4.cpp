#include "strata/7_application/nfs/client/version4/message/compound4.hpp"

namespace strata::application::nfs::client {
namespace {
constexpr std::size_t count_at = 8;  // behind an empty tag and the minor version

Failure does_not_fit() { return nonsense("the server answers something else than it was asked"); }
}  // namespace

Compound4::Compound4() {
    xdr::Writer out(bytes_, xdr::any_length);
    const xdr::Text<> tag;
    constexpr std::uint32_t minor_version = 0, count = 0;
    out(tag, minor_version, count);
}

void Compound4::note(v4::Op number, bool well) {
    ok_ = ok_ && well;
    asked_.push_back(number);
    store_be32(bytes_.data() + count_at, static_cast<std::uint32_t>(asked_.size()));
}

Heard4::Heard4(session::rpc::Results message, const Compound4& asked)
    : message_(std::move(message)), reader_(message_.bytes()), asked_(asked.asked()) {
    xdr::Text<> tag;
    reader_(status_, tag, count_);
    if (!reader_.ok()) throw nonsense("what comes is not in the form of NFS");
    const bool is_whole = count_ == asked_.size();
    if (count_ > asked_.size() || (status_ == v4::Status4::ok && !is_whole)) throw does_not_fit();
}

// False: the whole ended before it.
bool Heard4::begin() {
    if (at_ >= count_) {
        if (status_ == v4::Status4::ok) throw does_not_fit();
        return false;
    }
    const auto number = static_cast<v4::Op>(reader_.unsigned_int());
    const bool is_unknown = number == v4::Op::illegal && status_ == v4::Status4::op_illegal;
    if (reader_.ok() && number != asked_[at_] && !is_unknown) throw does_not_fit();
    ++at_;
    return true;
}

void Heard4::end(v4::Status4 status) const {
    if (!reader_.ok()) throw nonsense("what comes is not in the form of NFS");
    const bool is_last = at_ == count_;
    if (status != v4::Status4::ok && (!is_last || status != status_)) throw does_not_fit();
    if (!is_last) return;
    const bool is_well = at_ == asked_.size() && status_ != v4::Status4::ok && status == v4::Status4::ok;
    if (is_well || !reader_.rest().empty()) throw does_not_fit();
}

}  // namespace strata::application::nfs::client
