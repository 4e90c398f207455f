// UserTable: who gets packets of which EtherType, and so who is told of what concerns the link.
// Each link::Service has one.
#pragma once

#include <algorithm>
#include <vector>

#include "strata/2_link/service.hpp"

namespace strata::link {

class UserTable {
public:
    // As Service::attach.
    void attach(EtherType type, User* user) {
        std::erase_if(attached_, [&](const Attached& attached) { return attached.type == type; });
        if (user != nullptr) attached_.push_back({type, user});
        users_.clear();
        for (const Attached& attached : attached_) {
            if (std::ranges::find(users_, attached.user) == users_.end()) users_.push_back(attached.user);
        }
    }
    // Null if there is none. A host has two or three: the network floor's packets come first.
    [[nodiscard]] User* find(EtherType type) const noexcept {
        for (const Attached& attached : attached_) {
            if (attached.type == type) return attached.user;
        }
        return nullptr;
    }
    // Calls visit(user) for each, once. A user may attach and detach meanwhile.
    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        for (std::size_t i = 0; i < users_.size(); ++i) visit(*users_[i]);
    }

private:
    struct Attached {
        EtherType type;
        User* user;
    };
    std::vector<Attached> attached_;
    std::vector<User*> users_;  // the same, each once
};

}  // namespace strata::link
