#include "strata/7_application/files/output/output_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace strata::application {
namespace {

constexpr unsigned rename_noreplace = 1;  // RENAME_NOREPLACE of renameat2(2)
constexpr std::size_t chunk = 256 << 10;
constexpr std::size_t lent_size = 1 << 20;
constexpr std::size_t worth_a_thread = 512 << 10;  // of a file

int rename_to_new(const std::string& from, const std::string& to) {
    const long result = ::syscall(SYS_renameat2, AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), rename_noreplace);
    if (result == 0 || (errno != EINVAL && errno != ENOSYS)) return static_cast<int>(result);
    // A file system without RENAME_NOREPLACE: link(2) does not replace either.
    if (::link(from.c_str(), to.c_str()) != 0) return -1;
    return ::unlink(from.c_str());
}

}  // namespace

OutputFile::OutputFile(const std::string& path, const OutputOptions& options)
    : target_(find_target(path, options)), force_(options.force), dated_(options.dated), digested_(options.digested) {
    if (!is_part()) return;
    partial_ = part_of(target_.path);
    version_path_ = partial_ + ".version";
    sections_path_ = partial_ + ".sections";
    open_part(options.resume);
}

OutputFile::~OutputFile() {
    if (part_ && !committed_ && ours_ && size_ == 0 && missing_.empty()) remove_part();
    if (part_ && !missing_.empty()) (void)save_sections(sections_path_, missing_);
}

std::string OutputFile::advice() const {
    if (is_finished()) return "the file that is there is left as it is; try again";
    return is_part() && (size_ > 0 || !missing_.empty()) ? "what has arrived is kept: go on with --resume"
                                                         : "nothing is kept; try again";
}

std::string OutputFile::destination() const {
    if (is_part()) return partial_;
    return target_.path == "-" ? "to standard output" : "into " + target_.path;
}

void OutputFile::open_part(bool resume) {
    constexpr int how = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    // What replaces a file is never readable for more people than
    // that is, not even while it arrives.
    const mode_t mode = target_.replaced ? 0600 : 0666;
    part_ = Descriptor{::open(partial_.c_str(), how | O_EXCL, mode)};
    const bool is_new = static_cast<bool>(part_);
    if (!part_ && errno == EEXIST) part_ = Descriptor{::open(partial_.c_str(), how, mode)};
    if (!part_) refuse("cannot write " + partial_, errno);
    struct stat found{};
    const bool is_alone = ::flock(part_.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(part_.get(), &found) == 0;
    if (!is_alone || !S_ISREG(found.st_mode)) {
        part_ = Descriptor{};
        throw OutputError(partial_ +
                          " is in use by another program, or is no file; wait, or choose another name with -o");
    }
    if (is_new || resume) claim();
    if (is_new) ::unlink(sections_path_.c_str());
    if (!resume) return;
    open_sections();
    if (size_ != 0 || !missing_.empty()) version_ = load_version(version_path_);
}

void OutputFile::claim() {
    ours_ = true;
    if (!target_.replaced) return;
    // Of another owner only root can make it; a stranger's bytes never run with an owner's rights.
    (void)!::fchown(part_.get(), target_.replaced->st_uid, target_.replaced->st_gid);
    if (::fchmod(part_.get(), target_.replaced->st_mode & 0777) != 0) refuse("cannot write " + partial_, errno);
}

std::size_t OutputFile::read_at(std::uint64_t place, MutableBytes buffer) const {
    std::size_t total = 0;
    while (total < buffer.size()) {
        const ssize_t count = ::pread(descriptor().get(), buffer.data() + total, buffer.size() - total,
                                      static_cast<off_t>(place + total));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse("cannot read " + (is_part() ? partial_ : target_.path), errno);
        if (count == 0) break;
        total += static_cast<std::size_t>(count);
    }
    return total;
}

void OutputFile::hash_existing(std::uint64_t end) {
    size_ = 0;
    sha256_.restart();
    hash_on(end);
}

void OutputFile::hash_on(std::uint64_t end) {
    if (!digested_) {
        struct stat found{};
        if (::fstat(descriptor().get(), &found) == 0)
            size_ = std::max(size_, std::min(end, static_cast<std::uint64_t>(found.st_size)));
        return;
    }
    std::vector<std::byte> buffer(chunk);
    while (size_ < end) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - size_));
        const std::size_t count = read_at(size_, MutableBytes(buffer).first(most));
        if (count == 0) return;
        sha256_.add(Bytes(buffer).first(count));
        size_ += count;
    }
}

std::string OutputFile::finished_digest() const {
    std::vector<std::byte> buffer(chunk);
    presentation::Sha256 sha256;
    std::uint64_t place = 0;
    while (const std::size_t count = read_at(place, buffer)) {
        sha256.add(Bytes(buffer).first(count));
        place += count;
    }
    return sha256.finish();
}

void OutputFile::write(Bytes bytes) {
    if (is_finished()) return compare(bytes);
    if (!bytes.empty() && is_part() && !ours_) empty_part();
    if (!missing_.empty()) give_up_sections();
    while (!bytes.empty()) write_some(bytes);
}

MutableBytes OutputFile::lend() {
    lent_ = (lent_ + 1) % buffers_.size();
    Buffer& buffer = buffers_[lent_];
    sha256_.wait(buffer.hashed);
    if (!buffer.bytes) buffer.bytes = std::make_unique_for_overwrite<std::byte[]>(lent_size);
    return {buffer.bytes.get(), lent_size};
}

// What is in a buffer of ours stays there for the worker.
void OutputFile::hash(Bytes bytes) {
    if (!digested_) return;
    Buffer& buffer = buffers_[lent_];
    const std::byte* const begin = buffer.bytes.get();
    const bool is_lent = begin != nullptr && bytes.data() >= begin && bytes.data() < begin + lent_size;
    if (is_lent && size_ >= worth_a_thread) {
        buffer.hashed = sha256_.hand_over(bytes);
    } else {
        sha256_.add(bytes);
    }
}

void OutputFile::write_some(Bytes& bytes) {
    const ssize_t count = is_part() ? ::pwrite(part_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_))
                                    : ::write(target_.descriptor.get(), bytes.data(), bytes.size());
    const bool full = count < 0 && errno == EAGAIN && !is_part();
    pollfd room{target_.descriptor.get(), POLLOUT, 0};
    if (count < 0 && (!full || ::poll(&room, 1, -1) < 0) && (errno != EINTR || !is_part())) {
        if (errno == EINTR) throw OutputInterrupted("interrupted while writing " + destination() + "; nothing is kept");
        refuse("cannot write " + destination(), errno);
    }
    const auto written = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
    hash(bytes.first(written));
    size_ += written;
    bytes = bytes.subspan(written);
    struct stat to{};
    // A pipe or a terminal takes all, however long it takes, unless a signal comes: the next write
    // would wait on, deaf to it.
    if (!is_part() && !bytes.empty() && ::fstat(target_.descriptor.get(), &to) == 0 && !S_ISREG(to.st_mode) &&
        (::fcntl(target_.descriptor.get(), F_GETFL) & O_NONBLOCK) == 0)
        throw OutputInterrupted("interrupted while writing " + destination() + "; nothing is kept");
}

void OutputFile::refuse_another() const {
    throw OutputError(target_.path + " is not the server's file as it is now; add --force to fetch that in its place");
}

void OutputFile::compare(Bytes bytes) {
    std::vector<std::byte> there(bytes.size());
    if (read_at(size_, there) != bytes.size() || !std::ranges::equal(there, bytes)) refuse_another();
    hash(bytes);
    size_ += bytes.size();
}

void OutputFile::refuse_to_take_back() const {
    throw OutputError("what was written " + destination() + " cannot be taken back; fetch it anew");
}

void OutputFile::restart() {
    if (is_part()) return empty_part();
    if (size_ != 0 && !is_finished()) refuse_to_take_back();
    size_ = 0;
    sha256_.restart();
}

void OutputFile::empty_part() {
    if (::ftruncate(part_.get(), 0) != 0) refuse("cannot empty " + partial_, errno);
    ::unlink(version_path_.c_str());
    ::unlink(sections_path_.c_str());
    missing_.clear();
    version_ = {};
    size_ = 0;
    sha256_.restart();
    claim();
}

std::size_t OutputFile::same_there(std::uint64_t place, Bytes bytes) {
    if (!is_part() || place >= size_) return 0;
    std::vector<std::byte> there(std::min<std::uint64_t>(bytes.size(), size_ - place));
    there.resize(read_at(place, there));
    return static_cast<std::size_t>(std::ranges::mismatch(there, bytes).in1 - there.begin());
}

void OutputFile::cut_to(std::uint64_t place) {
    if (!is_part()) refuse_to_take_back();
    ::unlink(sections_path_.c_str());
    missing_.clear();
    if (::ftruncate(part_.get(), static_cast<off_t>(place)) != 0) refuse("cannot shorten " + partial_, errno);
    note_version({});
    hash_existing();
}

void OutputFile::note_version(const FileVersion& version) {
    struct stat there{};
    if (is_finished() && version.total && ::fstat(target_.descriptor.get(), &there) == 0 &&
        static_cast<std::uint64_t>(there.st_size) != *version.total)
        refuse_another();
    // Of a stream it is known for as long as this lasts: another
    // attempt may go on behind what was written.
    if (!is_part() && !is_finished()) version_ = version;
    if (!is_part()) return;
    if (!ours_) empty_part();
    ::unlink(version_path_.c_str());
    version_ = version.known() && save_version(version_path_, version) ? version : FileVersion{};
}

std::string OutputFile::digest() { return digested_ ? sha256_.finish() : std::string(); }

void OutputFile::commit() {
    if (is_finished()) {
        std::byte more{};
        if (read_at(size_, {&more, 1}) != 0) refuse_another();
    }
    if (!is_part()) return;
    if (!ours_) empty_part();
    if (!missing_.empty()) give_up_sections();
    if (date_) {
        // A file system that keeps no such date has the file all the same.
        const timespec date{static_cast<time_t>(date_->time_since_epoch().count()), 0};
        const std::array<timespec, 2> times{timespec{0, UTIME_OMIT}, date};
        ::futimens(part_.get(), times.data());
    }
    const std::string& path = target_.path;
    const int result = force_ ? ::rename(partial_.c_str(), path.c_str()) : rename_to_new(partial_, path);
    if (result != 0 && errno == EEXIST) {
        throw OutputError(path + " has come into being meanwhile; what arrived is whole in " + partial_ +
                          ": rename it as you like");
    }
    if (result != 0) refuse("cannot rename " + partial_ + " to " + path, errno);
    ::unlink(version_path_.c_str());
    committed_ = true;
}

std::string OutputFile::discard() {
    if (is_finished()) return target_.path + ", which is the same, is left as it is";
    if (!is_part()) return "what was written " + destination() + " is not to be trusted";
    remove_part();
    return "it was thrown away";
}

void OutputFile::remove_part() {
    ::unlink(partial_.c_str());
    ::unlink(version_path_.c_str());
    ::unlink(sections_path_.c_str());
    part_ = Descriptor{};
}

}  // namespace strata::application
