// Work: a COMPOUND that is being done (RFC 7530 15.2): the current and the saved filehandle, and
// what the operation at hand has to say beside its results.
#pragma once

#include <deque>

#include "strata/7_application/nfs/v4/attributes/attributes.hpp"
#include "strata/7_application/nfs/v4/state/state.hpp"
#include "strata/7_application/nfs/work/waits.hpp"

namespace strata::application::nfs::v4 {

struct Work : nfs::Work {
    Work(Shared& with, State& of_clients, const session::rpc::Call& of) : nfs::Work(with, of), state(of_clients) {}
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    ~Work() {  // whoever failed in the midst of it is not in the way of the next
        if (owner) owner->busy = false;
    }

    // The current filehandle's, as it is now. Error: NOFILEHANDLE, or what looking at it says.
    [[nodiscard]] Status4 look();
    // And a folder. Error: NOTDIR.
    [[nodiscard]] Status4 look_folder();
    [[nodiscard]] const Node& node() const noexcept { return *current; }
    [[nodiscard]] Principal principal() const {
        return call.credentials ? Principal(call.credentials->uid) : std::nullopt;
    }

    // RFC 7530 9.1.7: whether it is this owner's turn. Where it is not,
    // the operation says nothing but what this returns: BAD_SEQID,
    // DELAY, or that it was done already and `replay` is its result.
    enum class Begun : std::uint8_t { yes, no };
    [[nodiscard]] Begun begin_turn(const std::shared_ptr<Owner>& of, std::uint32_t seqid, Status4& status);
    // With the operation's results, as bytes.
    void end_turn(Status4 status, Bytes results);

    State& state;
    std::shared_ptr<Node> current, saved;

    // Of the operation at hand.
    Op op = Op::illegal;
    Bytes arguments;       // as they came
    std::size_t room = 0;  // for its results
    bool is_last = false;
    NamesRead names;  // of READDIR
    std::shared_ptr<Owner> owner;
    std::uint32_t seqid = 0;
    std::uint64_t digest = 0;
    std::optional<std::vector<std::byte>> replay;
    std::optional<FileId> replay_file;
    // What results point to.
    std::string text;
    std::deque<Told> told;
    std::shared_ptr<const void> data;
};

// component4 (RFC 7530 13.2, 12.6): INVAL (empty, or no UTF-8),
// NAMETOOLONG, BADCHAR ('/', NUL), BADNAME (".", "..").
[[nodiscard]] Status4 check_component(std::string_view name) noexcept;
// A folder's change attribute before, and as it is now.
[[nodiscard]] ChangeInfo changed_since(std::uint64_t before, const Node& folder);

}  // namespace strata::application::nfs::v4
