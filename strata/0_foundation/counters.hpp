// Counters: what a protocol counts, each one named once.
//
// A protocol lists its counters in a macro, each with its name and what it counts, and
// STRATA_COUNTERS makes a struct of the list: one std::uint64_t a counter, and a table in which
// names are found. So a drop is counted and traced under one and the same name, and whatever prints
// counters learns what they mean.
//
// An example is udp.hpp's. Then:
//
//     ++counters.udpInDatagrams;
//     name_of(&UdpCounters::udpNoPorts)  // "udpNoPorts"
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

template <typename Counters>
using CounterOf = std::uint64_t Counters::*;

template <typename Counters>
struct CounterField {
    CounterOf<Counters> counter = nullptr;
    std::string_view name;
    std::string_view meaning;
};

template <typename Counters>
inline constexpr auto counter_fields = Counters::fields();

// The counter's name; empty for null.
template <typename Counters>
[[nodiscard]] constexpr std::string_view name_of(CounterOf<Counters> counter) noexcept {
    for (const CounterField<Counters>& field : counter_fields<Counters>) {
        if (field.counter == counter) return field.name;
    }
    return {};
}

}  // namespace strata

#define STRATA_COUNTER_MEMBER(name, meaning) std::uint64_t name = 0
#define STRATA_COUNTER_FIELD(name, meaning) table[next++] = {&Self::name, #name, meaning}

// Defines the struct. for_each(visit) calls visit(name, value) for each counter, in the list's
// order; fields() has their meanings too.
#define STRATA_COUNTERS(Struct, LIST)                                                             \
    struct Struct {                                                                               \
        LIST(STRATA_COUNTER_MEMBER)                                                               \
                                                                                                  \
        [[nodiscard]] static constexpr auto fields() noexcept {                                   \
            using Self = Struct;                                                                  \
            std::array<strata::CounterField<Self>, sizeof(Self) / sizeof(std::uint64_t)> table{}; \
            std::size_t next = 0;                                                                 \
            LIST(STRATA_COUNTER_FIELD)                                                            \
            return table;                                                                         \
        }                                                                                         \
        template <typename Visitor>                                                               \
        void for_each(Visitor&& visit) const {                                                    \
            for (const strata::CounterField<Struct>& field : strata::counter_fields<Struct>) {    \
                visit(field.name, this->*field.counter);                                          \
            }                                                                                     \
        }                                                                                         \
    }
