#include "strata/7_application/output_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <vector>

namespace strata::application {
namespace {

constexpr unsigned rename_noreplace = 1;  // RENAME_NOREPLACE of renameat2(2)
constexpr std::size_t version_size_max = 4096;

int rename_to_new(const std::string& from, const std::string& to) {
    const long result = ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), rename_noreplace);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return static_cast<int>(result);
    // A file system without RENAME_NOREPLACE: link(2) does not replace either.
    if (::link(from.c_str(), to.c_str()) != 0) return -1;
    return ::unlink(from.c_str());
}

std::string advice(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT: return "make room there and go on with --resume, or choose another place with -o";
        case EFBIG: return "files there may not grow so large; choose another place with -o";
        case EACCES:
        case EPERM:
        case EROFS: return "choose a place that you may write to with -o";
        case ENOENT:
        case ENOTDIR: return "make the folder first, or choose another with -o";
        case EPIPE: return "who read it has gone";
        default: return "choose another place with -o";
    }
}

// What the part's name begins with: that of the file, or of one that is too long for a suffix its beginning and a digest.
std::string stem_of(const std::string& path) {
    constexpr std::size_t stem_max = 255 - std::string_view(".part.version").size();
    const std::size_t slash = path.rfind('/');
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    const std::string name = path.substr(begin);
    if (name.size() <= stem_max) return path;
    presentation::Sha256 sha256;
    sha256.add(bytes_of(name));
    const std::string mark = "~" + sha256.finish().substr(0, 16);
    std::size_t kept = stem_max - mark.size();
    while (kept > 0 && (static_cast<unsigned char>(name[kept]) & 0xc0) == 0x80) --kept;  // no half of a character
    return path.substr(0, begin) + name.substr(0, kept) + mark;
}

[[noreturn]] void refuse(const std::string& what, int error) {
    throw OutputError(what + ": " + std::generic_category().message(error) + "; " + advice(error));
}

}  // namespace

OutputFile::OutputFile(std::string path, const OutputOptions& options) : path_(std::move(path)), force_(options.force) {
    if (path_ == "-") {
        file_ = Descriptor{::dup(STDOUT_FILENO)};
        if (!file_) refuse("cannot write to standard output", errno);
        return;
    }
    partial_ = stem_of(path_) + ".part";
    version_path_ = partial_ + ".version";
    struct stat found{};
    if (::stat(path_.c_str(), &found) == 0) {
        if (S_ISDIR(found.st_mode)) throw OutputError(path_ + " is a folder; name a file with -o");
        if (!force_) throw OutputError(path_ + " exists already; add --force to replace it, or -o for another name");
    }
    open_part(options.resume);
}

OutputFile::~OutputFile() {
    if (!is_stream() && file_ && !committed_ && ours_ && size_ == 0) discard();
}

void OutputFile::open_part(bool resume) {
    constexpr int how = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    file_ = Descriptor{::open(partial_.c_str(), how | O_EXCL, 0666)};
    ours_ = static_cast<bool>(file_);
    if (!file_ && errno == EEXIST) file_ = Descriptor{::open(partial_.c_str(), how, 0666)};
    if (!file_) refuse("cannot write " + partial_, errno);
    struct stat found{};
    const bool is_ours = ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(file_.get(), &found) == 0;
    if (!is_ours || !S_ISREG(found.st_mode)) {
        file_ = Descriptor{};
        throw OutputError(partial_ +
                          " is in use by another program, or is no file; wait, or choose another name with -o");
    }
    if (!resume) return;
    hash_existing();
    ours_ = true;
    if (size_ != 0) load_version();
}

std::size_t OutputFile::read_part(std::uint64_t place, MutableBytes buffer) const {
    std::size_t total = 0;
    while (total < buffer.size()) {
        const ssize_t count =
            ::pread(file_.get(), buffer.data() + total, buffer.size() - total, static_cast<off_t>(place + total));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse("cannot read " + partial_, errno);
        if (count == 0) break;
        total += static_cast<std::size_t>(count);
    }
    return total;
}

void OutputFile::hash_existing() {
    std::vector<std::byte> buffer(256 << 10);
    size_ = 0;
    sha256_ = {};
    while (const std::size_t count = read_part(size_, buffer)) {
        sha256_.add(Bytes(buffer).first(count));
        size_ += count;
    }
}

void OutputFile::write(Bytes bytes) {
    if (!bytes.empty() && !is_stream() && !ours_) empty_part();
    while (!bytes.empty()) {
        const ssize_t count = is_stream()
                                  ? ::write(file_.get(), bytes.data(), bytes.size())
                                  : ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse("cannot write " + (is_stream() ? "to standard output" : partial_), errno);
        sha256_.add(bytes.first(static_cast<std::size_t>(count)));
        size_ += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void OutputFile::restart() {
    if (is_stream()) {
        if (size_ != 0) throw OutputError("what was written to standard output cannot be taken back; fetch it anew");
        return;
    }
    empty_part();
}

void OutputFile::empty_part() {
    if (::ftruncate(file_.get(), 0) != 0) refuse("cannot empty " + partial_, errno);
    ::unlink(version_path_.c_str());
    version_ = {};
    size_ = 0;
    sha256_ = {};
    ours_ = true;
}

std::size_t OutputFile::same_there(std::uint64_t place, Bytes bytes) {
    if (is_stream() || place >= size_) return 0;
    std::vector<std::byte> there(std::min<std::uint64_t>(bytes.size(), size_ - place));
    there.resize(read_part(place, there));
    return static_cast<std::size_t>(std::ranges::mismatch(there, bytes).in1 - there.begin());
}

void OutputFile::cut_to(std::uint64_t place) {
    if (::ftruncate(file_.get(), static_cast<off_t>(place)) != 0) refuse("cannot shorten " + partial_, errno);
    note_version({});
    hash_existing();
}

void OutputFile::note_version(const FileVersion& version) {
    if (is_stream()) return;
    if (!ours_) empty_part();
    version_ = {};
    ::unlink(version_path_.c_str());
    if (!version.known()) return;
    const std::string text = version.etag + "\n" + version.last_modified + "\n" +
                             (version.total ? std::to_string(*version.total) : "") + "\n";
    if (text.size() > version_size_max) return;
    const Descriptor file{::open(version_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (!file) return;
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    // Half of it would be another one: then rather none.
    if (written != static_cast<ssize_t>(text.size())) {
        ::unlink(version_path_.c_str());
    } else {
        version_ = version;
    }
}

void OutputFile::load_version() {
    const Descriptor file{::open(version_path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!file) return;
    std::string text(version_size_max, '\0');
    const ssize_t count = ::read(file.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    std::array<std::string, 3> lines;
    for (std::size_t line = 0, begin = 0; line < lines.size(); ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) return;
        lines[line] = text.substr(begin, end - begin);
        begin = end + 1;
        // The first becomes a header field.
        for (const char letter : lines[line]) {
            if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f) return;
        }
    }
    version_ = {lines[0], lines[1], {}};
    std::uint64_t total = 0;
    const auto parsed = std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), total);
    if (parsed.ec == std::errc{}) version_.total = total;
}

std::string OutputFile::digest() { return sha256_.finish(); }

void OutputFile::commit() {
    if (is_stream()) return;
    if (!ours_) empty_part();
    const int result = force_ ? ::rename(partial_.c_str(), path_.c_str()) : rename_to_new(partial_, path_);
    if (result != 0 && errno == EEXIST) {
        throw OutputError(path_ + " has come into being meanwhile; what arrived is whole in " + partial_ +
                          ": rename it as you like");
    }
    if (result != 0) refuse("cannot rename " + partial_ + " to " + path_, errno);
    ::unlink(version_path_.c_str());
    committed_ = true;
}

void OutputFile::discard() {
    if (is_stream()) return;
    ::unlink(partial_.c_str());
    ::unlink(version_path_.c_str());
    file_ = Descriptor{};
}

}  // namespace strata::application
