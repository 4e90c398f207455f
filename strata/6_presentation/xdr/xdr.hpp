// XDR (RFC 4506), the form of what is said over RPC: numbers are big-endian, everything takes a
// multiple of four bytes, and what has no fixed length is preceded by it.
//
// A type describes its fields once, in the order of the RFC's declaration, and is both read and
// written by that:
//
//     struct LookupArguments {                   struct LOOKUP3args {
//         Opaque<64> folder;                         opaque folder<64>;
//         Text<255> name;                            string name<255>;
//         static void fields(auto& codec, auto& self) { codec(self.folder, self.name); }
//     };                                         };
//
// A discriminated union is an if, or a switch, on what was just read or is to be written:
//
//     static void fields(auto& codec, auto& self) {
//         codec(self.status);
//         if (self.status == Status::ok) codec(self.attributes);
//     }
//
// An enum has 32 bits; where a function `bool declared(Enum)` stands beside it, values that are not
// declared are refused. Numbers with a fraction are not there: no program of ours has any.
#pragma once

#include <utility>

#include "strata/6_presentation/xdr/reader.hpp"
#include "strata/6_presentation/xdr/writer.hpp"

namespace strata::presentation::xdr {

// The whole message as one value, whose views live as long as the message. Errors: Reader::error().
template <typename Value>
[[nodiscard]] Result<Value> decode(Bytes message) {
    Reader reader(message);
    Value value{};
    reader(value);
    if (const std::error_code error = reader.finish()) return std::unexpected(error);
    return value;
}

// A value as bytes, all of them: nothing stays outside. Errors: Writer::error().
template <typename Value>
[[nodiscard]] Result<std::vector<std::byte>> encode(const Value& value, std::size_t size_max) {
    std::vector<std::byte> bytes;
    Writer writer(bytes, size_max);
    writer(value);
    if (writer.error()) return std::unexpected(writer.error());
    const Bytes outside = writer.outside();
    bytes.insert(bytes.end(), outside.begin(), outside.end());
    bytes.resize(bytes.size() + padding_of(outside.size()));
    return bytes;
}

}  // namespace strata::presentation::xdr
