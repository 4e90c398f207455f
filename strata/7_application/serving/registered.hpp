// Registered: a conversation's place among those of its server, for as long as it lasts, however it ends.
#pragma once

#include <cstdint>
#include <map>

namespace strata::application {

// By number: they end in the order in which they began.
template <typename Conversation>
using Conversations = std::map<std::uint64_t, Conversation*>;

template <typename Conversation>
class Registered {
public:
    // The map outlives it.
    Registered(Conversations<Conversation>& among, std::uint64_t number, Conversation& conversation)
        : among_(among), number_(number) {
        among.emplace(number, &conversation);
    }
    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;
    ~Registered() { among_.erase(number_); }

private:
    Conversations<Conversation>& among_;
    std::uint64_t number_;
};

}  // namespace strata::application
