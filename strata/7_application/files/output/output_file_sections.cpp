// A part that is filled at several places at once.
#include <unistd.h>

#include <cerrno>

#include "strata/7_application/files/output/output_file.hpp"

namespace strata::application {
namespace {

constexpr std::uint64_t saved_each = 16 << 20;  // bytes that a power cut may have to be fetched again

}  // namespace

// What the records say must be there; of a file that is shorter they say nothing.
void OutputFile::open_sections() {
    auto missing = load_sections(sections_path_);
    if (!missing) return hash_existing();
    const std::uint64_t first = missing->front().place;
    hash_existing(first);
    missing_ = std::move(*missing);
    if (size_ < first) give_up_sections();
}

// What is behind the first gap is nobody's any more.
void OutputFile::give_up_sections() {
    if (::ftruncate(part_.get(), static_cast<off_t>(size_)) != 0) refuse("cannot shorten " + partial_, errno);
    ::unlink(sections_path_.c_str());
    missing_.clear();
}

const std::vector<Section>& OutputFile::split(const FileVersion& version, std::size_t wanted, std::uint64_t least) {
    const bool continues = version.known() && version_ == version && size_ <= *version.total &&
                           (missing_.empty() || missing_.back().end <= *version.total);
    if (!ours_ || (!continues && (size_ != 0 || !missing_.empty()))) empty_part();
    if (missing_.empty() && size_ < *version.total) missing_ = {{size_, *version.total}};
    note_version(version);
    divide(missing_, wanted, least);
    // Before anything is written behind a gap: its length must not be taken for how much is there.
    if (!missing_.empty() && !save_sections(sections_path_, missing_)) refuse("cannot write " + sections_path_, errno);
    return missing_;
}

void OutputFile::write_at(std::size_t section, Bytes bytes) {
    Section& to = missing_.at(section);
    written_unsaved_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(part_.get(), bytes.data(), bytes.size(), static_cast<off_t>(to.place));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse("cannot write " + partial_, errno);
        to.place += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    if (written_unsaved_ < saved_each) return;
    (void)save_sections(sections_path_, missing_);  // the older one says less, and nothing wrong
    written_unsaved_ = 0;
}

void OutputFile::join() {
    hash_on(std::numeric_limits<std::uint64_t>::max());
    ::unlink(sections_path_.c_str());
    missing_.clear();
}

}  // namespace strata::application
