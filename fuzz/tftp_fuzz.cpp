// Any bytes as a packet of TFTP: what is read is written and read again as the same; its options
// are within their bounds; its name is one of a folder's, or none; and as netascii they come back.
// links: application
#include <algorithm>
#include <cstdlib>

#include "strata/6_presentation/netascii/netascii.hpp"
#include "strata/7_application/tftp/message/name.hpp"
#include "strata/7_application/tftp/message/packet.hpp"

namespace {

using namespace strata;
namespace tftp = application::tftp;

void require(bool holds) {
    if (!holds) std::abort();
}

void look_at(const tftp::Request& request) {
    const tftp::OptionValues values = tftp::values_of(request.options);
    require(!values.blksize || (*values.blksize >= tftp::blksize_least && *values.blksize <= tftp::blksize_most));
    require(!values.windowsize || (*values.windowsize >= 1 && *values.windowsize <= tftp::windowsize_most));
    require(!values.timeout || (*values.timeout >= 1 && *values.timeout <= tftp::timeout_most));
    require(tftp::values_of(tftp::list_of(values)) == values);
    require(request.options.size() <= tftp::options_most);
    const auto name = tftp::file_name(request.file);
    if (!name) return require(!name.error().empty());
    require(!name->empty() && name->size() <= tftp::name_most && name->front() != '/');
    require(name->find('\\') == std::string::npos && name->find('\0') == std::string::npos);
}

// An answer to what was asked is no more than that.
void look_at(const tftp::OptionAcknowledgment& answer) {
    const tftp::OptionValues asked{1428, 16, 3, 0};
    const auto checked = tftp::check_answer(answer.options, asked);
    if (!checked.problem.empty()) return;
    require(!checked.values.blksize || *checked.values.blksize <= *asked.blksize);
    require(!checked.values.windowsize || *checked.values.windowsize <= *asked.windowsize);
    require(!checked.values.timeout || checked.values.timeout == asked.timeout);
}

void read_and_write(Bytes datagram) {
    const auto packet = tftp::parse(datagram);
    if (!packet) return;
    const auto written = tftp::serialize(*packet);
    require(written.size() <= datagram.size() + 1);  // an ERROR's text may have had no end
    const auto again = tftp::parse(written);
    require(again && again->index() == packet->index());
    require(tftp::serialize(*again) == written);
    if (const auto* request = std::get_if<tftp::Request>(&*packet)) {
        require(std::get<tftp::Request>(*again) == *request);
        look_at(*request);
    }
    if (const auto* answer = std::get_if<tftp::OptionAcknowledgment>(&*packet)) look_at(*answer);
}

// In pieces of `piece` bytes.
void translate(Bytes text, std::size_t piece) {
    presentation::NetasciiEncoder encoder;
    presentation::NetasciiDecoder decoder;
    std::vector<std::byte> room(piece), back;
    Bytes left = text;
    while (!left.empty() || encoder.has_more()) {
        const auto step = encoder.encode(left.first(std::min(left.size(), piece)), room);
        require(step.read + step.written > 0);
        left = left.subspan(step.read);
        decoder.decode(Bytes(room).first(step.written), back);
    }
    decoder.finish(back);
    require(std::ranges::equal(back, text));
    std::vector<std::byte> any;
    decoder.decode(text, any);
    decoder.finish(any);
    require(any.size() <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    const Bytes input = std::as_bytes(std::span(data, size));
    read_and_write(input);
    if (size > 0) translate(input.subspan(1), 1 + (data[0] & 15u));
    return 0;
}
