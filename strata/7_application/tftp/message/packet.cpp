#include "strata/7_application/tftp/message/packet.hpp"

namespace strata::application::tftp {
namespace {

enum class Operation : std::uint16_t { rrq = 1, wrq, data, ack, error, oack };

// Takes a text up to its NUL. Nothing if there is none.
std::optional<std::string_view> take_text(std::string_view& from) noexcept {
    const std::size_t end = from.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view text = from.substr(0, end);
    from.remove_prefix(end + 1);
    return text;
}

Result<OptionList> take_options(std::string_view from) {
    OptionList options;
    // Some boot ROMs fill their requests up with zeros: nothing but those is the end.
    while (from.find_first_not_of('\0') != std::string_view::npos && options.size() < options_most) {
        const auto name = take_text(from);
        const auto value = name ? take_text(from) : std::nullopt;
        if (!value) return fail(Error::truncated);
        if (name->empty()) return fail(Error::malformed);
        options.push_back({std::string(*name), std::string(*value)});
    }
    return options;
}

Result<Packet> parse_request(bool write, std::string_view body) {
    const auto file = take_text(body);
    const auto mode = file ? take_text(body) : std::nullopt;
    if (!mode) return fail(Error::truncated);
    if (mode->empty()) return fail(Error::malformed);
    auto options = take_options(body);
    if (!options) return std::unexpected(options.error());
    return Request{write, std::string(*file), std::string(*mode), std::move(*options)};
}

class Writer {
public:
    explicit Writer(Operation operation) { number(static_cast<std::uint16_t>(operation)); }
    void number(std::uint16_t value) {
        bytes.resize(bytes.size() + 2);
        store_be16(bytes.data() + bytes.size() - 2, value);
    }
    void text(std::string_view value) {
        add(bytes_of(value.substr(0, value.find('\0'))));
        bytes.push_back(std::byte{0});
    }
    void options(const OptionList& list) {
        for (const Option& option : list) {
            text(option.name);
            text(option.value);
        }
    }
    void add(Bytes more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

    std::vector<std::byte> bytes;
};

std::vector<std::byte> write(const Request& packet) {
    Writer writer(packet.write ? Operation::wrq : Operation::rrq);
    writer.text(packet.file);
    writer.text(packet.mode);
    writer.options(packet.options);
    return std::move(writer.bytes);
}

std::vector<std::byte> write(const Data& packet) {
    Writer writer(Operation::data);
    writer.number(packet.block);
    writer.add(packet.bytes);
    return std::move(writer.bytes);
}

std::vector<std::byte> write(const Acknowledgment& packet) {
    Writer writer(Operation::ack);
    writer.number(packet.block);
    return std::move(writer.bytes);
}

std::vector<std::byte> write(const ErrorMessage& packet) {
    Writer writer(Operation::error);
    writer.number(static_cast<std::uint16_t>(packet.code));
    writer.text(packet.text);
    return std::move(writer.bytes);
}

std::vector<std::byte> write(const OptionAcknowledgment& packet) {
    Writer writer(Operation::oack);
    writer.options(packet.options);
    return std::move(writer.bytes);
}

}  // namespace

Result<Packet> parse(Bytes datagram) {
    if (datagram.size() < 2) return fail(Error::truncated);
    const auto operation = static_cast<Operation>(load_be16(datagram.data()));
    const Bytes body = datagram.subspan(2);
    if (operation < Operation::rrq || operation > Operation::oack) return fail(Error::not_supported);
    if (operation == Operation::rrq || operation == Operation::wrq)
        return parse_request(operation == Operation::wrq, text_of(body));
    if (operation == Operation::oack) {
        auto options = take_options(text_of(body));
        if (!options) return std::unexpected(options.error());
        return OptionAcknowledgment{std::move(*options)};
    }
    if (body.size() < 2) return fail(Error::truncated);
    const std::uint16_t number = load_be16(body.data());
    if (operation == Operation::data) return Data{number, body.subspan(2)};
    if (operation == Operation::ack) return Acknowledgment{number};
    const std::string_view text = text_of(body.subspan(2));
    return ErrorMessage{static_cast<ErrorCode>(number), std::string(text.substr(0, text.find('\0')))};
}

std::vector<std::byte> serialize(const Packet& packet) {
    return std::visit([](const auto& one) { return write(one); }, packet);
}

void store_data_header(std::byte* to, std::uint16_t block) noexcept {
    store_be16(to, static_cast<std::uint16_t>(Operation::data));
    store_be16(to + 2, block);
}

}  // namespace strata::application::tftp
