#include "strata/6_presentation/netascii/line_ends.hpp"

#include <utility>

namespace strata::presentation {
namespace {

constexpr std::byte carriage_return{'\r'};
constexpr std::byte line_feed{'\n'};

}  // namespace

void LineEndsEncoder::encode(Bytes text, std::vector<std::byte>& to) {
    for (const std::byte each : text) {
        if (each == line_feed && !cr_) to.push_back(carriage_return);
        to.push_back(each);
        cr_ = each == carriage_return;
    }
}

void LineEndsDecoder::decode(Bytes wire, std::vector<std::byte>& to) {
    for (const std::byte each : wire) {
        if (std::exchange(cr_, each == carriage_return) && each != line_feed) to.push_back(carriage_return);
        if (each != carriage_return) to.push_back(each);
    }
}

void LineEndsDecoder::finish(std::vector<std::byte>& to) {
    if (std::exchange(cr_, false)) to.push_back(carriage_return);
}

}  // namespace strata::presentation
