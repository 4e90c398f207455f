// Registry: which programs are where. What rpcbind's server answers from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "strata/5_session/rpc/server/program.hpp"
#include "strata/7_application/rpcbind/message.hpp"

namespace strata::application::rpcbind {

struct Registration {
    std::uint32_t program = 0;
    std::uint32_t version = 0;
    session::rpc::Transport transport = session::rpc::Transport::stream;
    session::Address address;  // any address of the machine, or one; or a Unix path
    std::string owner{};
    bool fixed = false;  // by the program that has the registry: nobody else removes it

    [[nodiscard]] std::string_view netid() const noexcept;
};

// Of rpcbind itself.
inline constexpr session::rpc::Versions offered_versions{2, 4};

struct RegistryOptions {
    std::size_t registrations_max = 256;
};

class Registry {
public:
    explicit Registry(const RegistryOptions& options = {}) : options_(options) {}

    // False: there is another for the same program, version and netid, or there are too many. One
    // that is there already, the same, is well.
    bool add(Registration registration);
    // All versions of a program of our own, fixed: at its port over TCP and UDP, or at a Unix path;
    // at any address of IPv6 it is found by IPv4, too. False if one of them was not taken.
    bool add_program(const session::rpc::Program& program, const session::Address& at) {
        return add_program(program.number(), program.versions(), at);
    }
    bool add_program(std::uint32_t number, const session::rpc::Versions& versions, const session::Address& at);
    // For any netid, if it is empty. False if there was none; what is fixed stays.
    bool remove(std::uint32_t program, std::uint32_t version, std::string_view netid);
    // The one with this version; or with any, if there is none: then the program says which it has.
    [[nodiscard]] const Registration* find(std::uint32_t program, std::uint32_t version, std::string_view netid,
                                           bool any_version = true) const noexcept;
    [[nodiscard]] const std::vector<Registration>& all() const noexcept { return registrations_; }

private:
    RegistryOptions options_;
    std::vector<Registration> registrations_;
};

}  // namespace strata::application::rpcbind
