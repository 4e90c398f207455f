// Caller: whose rights a call has (RFC 1813 4.4, RFC 5531 appendix A). Where everybody is squashed,
// it is the user that the server runs as; where root's rights were kept, whoever the caller says
// that he is.
//
// A thread's file system ids alone are changed (setfsuid(2)), for one deed at a time; with
// another's the kernel takes root's rights over files from it, and gives them back afterwards.
#pragma once

#include <optional>
#include <vector>

#include "strata/5_session/rpc/message/authentication.hpp"
#include "strata/7_application/nfs/shared/options.hpp"

namespace strata::application::nfs {

struct Caller {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups{};
};
// Nothing: the server itself. Who says nothing is nobody, and so is root, unless he is left one.
[[nodiscard]] std::optional<Caller> caller_of(const session::rpc::Credentials& credentials, Squash squash);

// This thread is the caller for as long as it is there. Nothing is awaited meanwhile.
class ActingAs {
public:
    explicit ActingAs(const std::optional<Caller>& caller) noexcept;
    ActingAs(const ActingAs&) = delete;
    ActingAs& operator=(const ActingAs&) = delete;
    ~ActingAs();
    // False: the kernel does not allow it, and nothing may be done.
    [[nodiscard]] bool is_he() const noexcept { return is_he_; }

private:
    bool changed_ = false;
    bool is_he_ = true;
};
// In the midst of it: the server itself.
class ActingAsServer {
public:
    explicit ActingAsServer(const std::optional<Caller>& caller) noexcept;
    ActingAsServer(const ActingAsServer&) = delete;
    ActingAsServer& operator=(const ActingAsServer&) = delete;
    ~ActingAsServer();

private:
    bool changed_;
    std::uint32_t before_ = 0;
};

// Whether this process may be others: root may, where nobody took that from it.
[[nodiscard]] bool can_act_as_others() noexcept;

}  // namespace strata::application::nfs
