#include "strata/7_application/files/content_type.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "strata/0_foundation/ascii.hpp"

namespace strata::application {
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
    Entry{"c", "text/plain"},
    Entry{"cfg", "text/plain"},
    Entry{"conf", "text/plain"},
    Entry{"cpp", "text/plain"},
    Entry{"css", "text/css"},
    Entry{"csv", "text/csv"},
    Entry{"deb", "application/vnd.debian.binary-package"},
    Entry{"efi", "application/efi"},
    Entry{"flac", "audio/flac"},
    Entry{"gif", "image/gif"},
    Entry{"gz", "application/gzip"},
    Entry{"h", "text/plain"},
    Entry{"hpp", "text/plain"},
    Entry{"htm", "text/html"},
    Entry{"html", "text/html"},
    Entry{"ico", "image/vnd.microsoft.icon"},
    Entry{"iso", "application/x-iso9660-image"},
    Entry{"jpeg", "image/jpeg"},
    Entry{"jpg", "image/jpeg"},
    Entry{"js", "text/javascript"},
    Entry{"json", "application/json"},
    Entry{"log", "text/plain"},
    Entry{"md", "text/markdown"},
    Entry{"mjs", "text/javascript"},
    Entry{"mp3", "audio/mpeg"},
    Entry{"mp4", "video/mp4"},
    Entry{"ogg", "audio/ogg"},
    Entry{"pcap", "application/vnd.tcpdump.pcap"},
    Entry{"pdf", "application/pdf"},
    Entry{"png", "image/png"},
    Entry{"py", "text/plain"},
    Entry{"sh", "text/plain"},
    Entry{"svg", "image/svg+xml"},
    Entry{"tar", "application/x-tar"},
    Entry{"tgz", "application/gzip"},
    Entry{"txt", "text/plain"},
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
    const std::string ending = in_lower_case(name.substr(dot + 1));
    const auto found = std::ranges::lower_bound(entries, std::string_view(ending), {}, &Entry::ending);
    return found != entries.end() && found->ending == ending ? found->type : unknown;
}

}  // namespace strata::application
