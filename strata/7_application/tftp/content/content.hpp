// What a transfer carries: where its bytes come from, where they go, and in which form.
//
//     Reading ──▶ Source, by blocks ──▶ Sending ═══ the network ═══ Receiving ──▶ Sink ──▶ Writing
//                 octet, netascii                                                octet, netascii
//
// Readings and Writings are a server's Files, or a client's own.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "strata/0_foundation/bytes.hpp"

namespace strata::application::tftp {

// "mail" should not be supported any more (RFC 1123 4.2.2.1).
enum class Mode : std::uint8_t { octet, netascii };

[[nodiscard]] std::optional<Mode> mode_of(std::string_view name) noexcept;
[[nodiscard]] std::string_view name_of(Mode mode) noexcept;

// Bytes that are read, at any place. One may serve many transfers at once.
class Reading {
public:
    virtual ~Reading() = default;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
    // Fills the buffer from `offset` on, up to size(). Less: what is read has become shorter.
    [[nodiscard]] virtual std::expected<std::size_t, std::error_code> read(std::uint64_t offset,
                                                                           MutableBytes buffer) const = 0;
};

// Bytes that are written, one behind the other. Without commit() nothing of them remains.
class Writing {
public:
    virtual ~Writing() = default;
    [[nodiscard]] virtual std::error_code write(Bytes bytes) = 0;
    // They are all there, and kept. operation_in_progress: whoever has made it tells the Transfer
    // by kept() when they are.
    [[nodiscard]] virtual std::error_code commit() = 0;
};

// Blocks, numbered from 1. They are read one after the other; a Source can begin anew from any
// block behind the one that it was told to forget last.
class Source {
public:
    virtual ~Source() = default;
    // Fills the block. Less: it is the last one. Errors: illegal_byte_sequence where the file
    // became shorter, else the Reading's.
    [[nodiscard]] virtual std::expected<std::size_t, std::error_code> read(std::uint64_t block, MutableBytes to) = 0;
    // Blocks up to this one have arrived.
    virtual void forget(std::uint64_t block) = 0;
};

class Sink {
public:
    virtual ~Sink() = default;
    [[nodiscard]] virtual std::error_code write(Bytes bytes) = 0;
    // That was all. Errors: as of Writing::commit().
    [[nodiscard]] virtual std::error_code finish() = 0;
};

// Of blocks that have `blksize` bytes. What is read outlives the source.
[[nodiscard]] std::unique_ptr<Source> make_source(Mode mode, const Reading& from, std::size_t blksize);
// What is written outlives the sink.
[[nodiscard]] std::unique_ptr<Sink> make_sink(Mode mode, Writing& to);

}  // namespace strata::application::tftp
