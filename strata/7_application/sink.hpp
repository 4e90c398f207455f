// Sink: where a client puts the bytes that it receives. OutputFile is one, standard output another.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "strata/0_foundation/bytes.hpp"

namespace strata::application {

class Sink {
public:
    virtual ~Sink() = default;
    // How many bytes are there from an earlier, broken transfer.
    [[nodiscard]] virtual std::uint64_t offset() const = 0;
    // Throws Failure: the disk is full, say.
    virtual void write(Bytes bytes) = 0;
    // All anew, from the first byte: the server's file is not the one that we have a part of.
    virtual void restart() = 0;
    // What the server called the version that arrives (an entity tag or a date), and the one that was noted with the
    // part that is there.
    virtual void note_version(const std::string& version) = 0;
    [[nodiscard]] virtual std::string version() const = 0;
};

// Called as bytes arrive: how many are there, and how many there will be if the peer said so.
using Progress = std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)>;

}  // namespace strata::application
