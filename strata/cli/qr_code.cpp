#include "strata/cli/qr_code.hpp"

#include <qrencode.h>

#include <memory>

namespace strata::cli {
namespace {

constexpr int quiet_zone = 2;  // modules around it; the standard's four cost a small terminal too much

}  // namespace

std::string qr_code(std::string_view text) {
    const std::string owned(text);
    const std::unique_ptr<QRcode, void (*)(QRcode*)> code(QRcode_encodeString8bit(owned.c_str(), 0, QR_ECLEVEL_L),
                                                          QRcode_free);
    if (!code) return "";
    const auto dark = [&](int x, int y) {
        const bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
        return inside && (code->data[y * code->width + x] & 1) != 0;
    };
    std::string shown;
    for (int y = -quiet_zone; y < code->width + quiet_zone; y += 2) {
        shown += "\x1b[30;107m";
        for (int x = -quiet_zone; x < code->width + quiet_zone; ++x) {
            const bool upper = dark(x, y), lower = dark(x, y + 1);
            shown += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
        }
        shown += "\x1b[0m\n";
    }
    return shown;
}

}  // namespace strata::cli
