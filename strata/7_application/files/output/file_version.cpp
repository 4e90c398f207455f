#include "strata/7_application/files/output/file_version.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {
namespace {

constexpr std::size_t text_max = 4096;

// It becomes a header field.
bool is_one_line(const std::string& text) {
    for (const char letter : text) {
        if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f) return false;
    }
    return true;
}

}  // namespace

bool save_version(const std::string& path, const FileVersion& version) {
    const std::string text = version.etag + "\n" + version.last_modified + "\n" +
                             (version.total ? std::to_string(*version.total) : "") + "\n";
    if (text.size() > text_max) return false;
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (!file) return false;
    const bool whole = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!whole) ::unlink(path.c_str());  // half of it would be another one: then rather none
    return whole;
}

FileVersion load_version(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!file) return {};
    std::string text(text_max, '\0');
    const ssize_t count = ::read(file.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    std::array<std::string, 3> lines;
    for (std::size_t line = 0, begin = 0; line < lines.size(); ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) return {};
        lines[line] = text.substr(begin, end - begin);
        begin = end + 1;
        if (!is_one_line(lines[line])) return {};
    }
    FileVersion version{lines[0], lines[1], {}};
    std::uint64_t total = 0;
    const auto parsed = std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), total);
    if (parsed.ec == std::errc{}) version.total = total;
    return version;
}

}  // namespace strata::application
