#include "strata/7_application/http/content_type.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace strata::application::http {
namespace {

struct Entry {
    std::string_view ending;
    std::string_view type;
};

constexpr std::array entries{
    Entry{"7z", "application/x-7z-compressed"},
    Entry{"avif", "image/avif"},
    Entry{"bin", "application/octet-stream"},
    Entry{"bmp", "image/bmp"},
    Entry{"bz2", "application/x-bzip2"},
    Entry{"c", "text/plain; charset=utf-8"},
    Entry{"cfg", "text/plain; charset=utf-8"},
    Entry{"conf", "text/plain; charset=utf-8"},
    Entry{"cpp", "text/plain; charset=utf-8"},
    Entry{"css", "text/css; charset=utf-8"},
    Entry{"csv", "text/csv; charset=utf-8"},
    Entry{"deb", "application/vnd.debian.binary-package"},
    Entry{"efi", "application/efi"},
    Entry{"flac", "audio/flac"},
    Entry{"gif", "image/gif"},
    Entry{"gz", "application/gzip"},
    Entry{"h", "text/plain; charset=utf-8"},
    Entry{"hpp", "text/plain; charset=utf-8"},
    Entry{"htm", "text/html; charset=utf-8"},
    Entry{"html", "text/html; charset=utf-8"},
    Entry{"ico", "image/vnd.microsoft.icon"},
    Entry{"iso", "application/x-iso9660-image"},
    Entry{"jpeg", "image/jpeg"},
    Entry{"jpg", "image/jpeg"},
    Entry{"js", "text/javascript; charset=utf-8"},
    Entry{"json", "application/json"},
    Entry{"log", "text/plain; charset=utf-8"},
    Entry{"md", "text/markdown; charset=utf-8"},
    Entry{"mjs", "text/javascript; charset=utf-8"},
    Entry{"mp3", "audio/mpeg"},
    Entry{"mp4", "video/mp4"},
    Entry{"ogg", "audio/ogg"},
    Entry{"pcap", "application/vnd.tcpdump.pcap"},
    Entry{"pdf", "application/pdf"},
    Entry{"png", "image/png"},
    Entry{"py", "text/plain; charset=utf-8"},
    Entry{"sh", "text/plain; charset=utf-8"},
    Entry{"svg", "image/svg+xml"},
    Entry{"tar", "application/x-tar"},
    Entry{"tgz", "application/gzip"},
    Entry{"txt", "text/plain; charset=utf-8"},
    Entry{"wasm", "application/wasm"},
    Entry{"wav", "audio/wav"},
    Entry{"webm", "video/webm"},
    Entry{"webp", "image/webp"},
    Entry{"xml", "application/xml"},
    Entry{"xz", "application/x-xz"},
    Entry{"yaml", "application/yaml"},
    Entry{"yml", "application/yaml"},
    Entry{"zip", "application/zip"},
    Entry{"zst", "application/zstd"},
};
static_assert(std::ranges::is_sorted(entries, {}, &Entry::ending));

}  // namespace

std::string_view content_type(std::string_view name) noexcept {
    constexpr std::string_view unknown = "application/octet-stream";
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || name.size() - dot > 6) return unknown;
    std::string ending(name.substr(dot + 1));
    std::ranges::transform(ending, ending.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    });
    const auto found = std::ranges::lower_bound(entries, std::string_view(ending), {}, &Entry::ending);
    return found != entries.end() && found->ending == ending ? found->type : unknown;
}

}  // namespace strata::application::http
