#include "strata/7_application/nfs/v4/compound.hpp"

#include <algorithm>

#include "strata/7_application/nfs/v4/table.hpp"

namespace strata::application::nfs::v4 {
namespace {

template <typename Arguments, typename Results>
bool skip_arguments(void (*)(Work&, const Arguments&, Results&), xdr::Reader& in) {
    Arguments arguments{};
    in(arguments);
    return in.ok();
}

// Whether what is behind it can be read as well.
bool parse_operation(xdr::Reader& in, Operation& into) {
    into.number = in.unsigned_int();
    into.is_whole = in.ok();
    if (!in.ok()) return false;
    const Bytes before = in.rest();
    const auto skip = [&](auto* operation) { return skip_arguments(operation, in); };
    bool is_there = true;
    const auto illegal = [&] { return is_there = false; };
    into.is_whole = with_operation(static_cast<Op>(into.number), skip, illegal);
    if (!is_there) {
        into.is_whole = true;
        return false;
    }
    into.op = static_cast<Op>(into.number);
    if (into.is_whole) into.arguments = before.first(before.size() - in.rest().size());
    return into.is_whole;
}

}  // namespace

std::optional<Compound> parse_compound(Bytes arguments, std::size_t operations_max, std::uint32_t tag_max) {
    Compound compound;
    xdr::Reader in(arguments);
    compound.tag = text_of(in.opaque(tag_max));
    compound.minor_version = in.unsigned_int();
    compound.count = in.unsigned_int();
    if (!in.ok()) return std::nullopt;
    // Of another minor version the operations are others; of too many none is done.
    if (compound.minor_version != 0 || compound.count > operations_max) return compound;
    while (compound.operations.size() < compound.count) {
        if (!parse_operation(in, compound.operations.emplace_back())) return compound;
    }
    if (in.finish()) return std::nullopt;
    return compound;
}

bool is_idempotent(const Compound& compound) noexcept {
    return std::ranges::all_of(compound.operations, [](const Operation& operation) {
        switch (operation.op) {
            case Op::close:
            case Op::create:
            case Op::link:
            case Op::lock:
            case Op::locku:
            case Op::open:
            case Op::open_confirm:
            case Op::open_downgrade:
            case Op::remove:
            case Op::rename:
            case Op::setattr:
            case Op::setclientid:
            case Op::setclientid_confirm:
            case Op::write:
            case Op::release_lockowner: return false;
            default: return true;
        }
    });
}

}  // namespace strata::application::nfs::v4
