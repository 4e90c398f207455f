#include "strata/7_application/output_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace strata::application {
namespace {

constexpr unsigned rename_noreplace = 1;  // RENAME_NOREPLACE of renameat2(2)
constexpr std::size_t validator_size_max = 1024;

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
    partial_ = path_ + ".part";
    validator_path_ = partial_ + ".validator";
    struct stat found{};
    if (::stat(path_.c_str(), &found) == 0) {
        if (S_ISDIR(found.st_mode)) throw OutputError(path_ + " is a folder; name a file with -o");
        if (!force_) throw OutputError(path_ + " exists already; add --force to replace it, or -o for another name");
    }
    open_part(options.resume);
}

OutputFile::~OutputFile() {
    if (!is_stream() && file_ && !committed_ && size_ == 0) discard();
}

void OutputFile::open_part(bool resume) {
    file_ = Descriptor{::open(partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666)};
    if (!file_) refuse("cannot write " + partial_, errno);
    struct stat found{};
    const bool is_ours = ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(file_.get(), &found) == 0;
    if (!is_ours || !S_ISREG(found.st_mode)) {
        file_ = Descriptor{};
        throw OutputError(partial_ +
                          " is in use by another program, or is no file; wait, or choose another name with -o");
    }
    if (!resume) return restart();
    hash_existing();
    if (size_ != 0) load_validator();
}

void OutputFile::hash_existing() {
    std::vector<std::byte> buffer(256 << 10);
    for (;;) {
        const ssize_t count = ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(size_));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse("cannot read " + partial_, errno);
        if (count == 0) break;
        sha256_.add({buffer.data(), static_cast<std::size_t>(count)});
        size_ += static_cast<std::uint64_t>(count);
    }
}

void OutputFile::write(Bytes bytes) {
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
    if (::ftruncate(file_.get(), 0) != 0) refuse("cannot empty " + partial_, errno);
    ::unlink(validator_path_.c_str());
    validator_.clear();
    size_ = 0;
    sha256_ = {};
}

void OutputFile::note_validator(const std::string& validator) {
    validator_.clear();
    if (is_stream()) return;
    ::unlink(validator_path_.c_str());
    if (validator.empty() || validator.size() > validator_size_max) return;
    const Descriptor file{::open(validator_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666)};
    if (!file) return;
    const ssize_t written = ::write(file.get(), validator.data(), validator.size());
    // Half a validator would be another one: then rather none.
    if (written != static_cast<ssize_t>(validator.size())) {
        ::unlink(validator_path_.c_str());
    } else {
        validator_ = validator;
    }
}

void OutputFile::load_validator() {
    const Descriptor file{::open(validator_path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!file) return;
    std::string text(validator_size_max, '\0');
    const ssize_t count = ::read(file.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    // It becomes a header field: a line break in it would be another one.
    for (const char letter : text) {
        if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f) return;
    }
    validator_ = text;
}

std::string OutputFile::digest() { return sha256_.finish(); }

void OutputFile::commit() {
    if (is_stream()) return;
    const int result = force_ ? ::rename(partial_.c_str(), path_.c_str()) : rename_to_new(partial_, path_);
    if (result != 0 && errno == EEXIST) {
        throw OutputError(path_ + " has come into being meanwhile; what arrived is whole in " + partial_ +
                          ": rename it as you like");
    }
    if (result != 0) refuse("cannot rename " + partial_ + " to " + path_, errno);
    ::unlink(validator_path_.c_str());
    committed_ = true;
}

void OutputFile::discard() {
    if (is_stream()) return;
    ::unlink(partial_.c_str());
    ::unlink(validator_path_.c_str());
    file_ = Descriptor{};
}

}  // namespace strata::application
