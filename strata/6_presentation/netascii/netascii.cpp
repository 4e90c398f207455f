#include "strata/6_presentation/netascii/netascii.hpp"

namespace strata::presentation {
namespace {

constexpr std::byte nul{0}, lf{'\n'}, cr{'\r'};

}  // namespace

NetasciiEncoder::Step NetasciiEncoder::encode(Bytes text, MutableBytes to) {
    Step step;
    while (step.written < to.size()) {
        if (second_) {
            to[step.written++] = *second_;
            second_.reset();
            continue;
        }
        if (step.read == text.size()) break;
        const std::byte next = text[step.read++];
        if (next == lf || next == cr) second_ = next == lf ? lf : nul;
        to[step.written++] = second_ ? cr : next;
    }
    return step;
}

void NetasciiDecoder::decode(Bytes netascii, std::vector<std::byte>& to) {
    for (const std::byte next : netascii) {
        if (cr_) {
            cr_ = false;
            if (next == lf || next == nul) {
                to.push_back(next == lf ? lf : cr);
                continue;
            }
            to.push_back(cr);
        }
        if (next == cr) {
            cr_ = true;
        } else {
            to.push_back(next);
        }
    }
}

void NetasciiDecoder::finish(std::vector<std::byte>& to) {
    if (cr_) to.push_back(cr);
    cr_ = false;
}

}  // namespace strata::presentation
