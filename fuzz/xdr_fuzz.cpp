// Any bytes as a message in XDR: what is read is within its bounds and inside the message; what is
// written of it is read again as the same, and is no longer.
// links: presentation
#include <algorithm>
#include <cstdlib>

#include "strata/6_presentation/xdr/xdr.hpp"

namespace {

using namespace strata;
namespace xdr = presentation::xdr;

void require(bool holds) {
    if (!holds) std::abort();
}

enum class Kind : std::uint32_t { leaf, name, list };
constexpr bool declared(Kind kind) { return kind <= Kind::list; }

// Of each type one.
struct Item {
    Kind kind{};
    std::int64_t number = 0;
    xdr::Text<20> name;
    xdr::List<std::uint32_t, 10> numbers;
    static void fields(auto& codec, auto& self) {
        codec(self.kind);
        switch (self.kind) {
            case Kind::leaf: return codec(self.number);
            case Kind::name: return codec(self.name);
            case Kind::list: return codec(self.numbers);
        }
    }
};
struct Message {
    std::array<std::byte, 6> verifier{};
    std::optional<Item> first;
    xdr::Chain<Item, 12> chain;
    xdr::List<xdr::Opaque<>> blocks;
    bool end = false;
    xdr::TrailingOpaque<> data;
    static void fields(auto& codec, auto& self) {
        codec(self.verifier, self.first, self.chain, self.blocks, self.end, self.data);
    }
};

bool is_inside(Bytes part, Bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const Bytes input = std::as_bytes(std::span(data, size));
    const auto message = xdr::decode<Message>(input);
    if (!message) {
        require(static_cast<bool>(message.error()));
        return 0;
    }
    require(message->chain.size() <= 12 && is_inside(message->data, input));
    for (const Item& item : message->chain) {
        require(item.numbers.size() <= 10 && item.name.size() <= 20 && is_inside(bytes_of(item.name), input));
    }
    for (const auto& block : message->blocks) require(is_inside(block, input));
    const auto written = xdr::encode(*message, input.size());
    require(written && written->size() == input.size());
    require(!xdr::encode(*message, input.size() - 1));
    const auto again = xdr::decode<Message>(*written);
    require(again && std::ranges::equal(again->data, message->data) && again->chain.size() == message->chain.size());
    require(*xdr::encode(*again, input.size()) == *written);
    return 0;
}
