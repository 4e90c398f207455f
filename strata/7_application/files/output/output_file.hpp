// OutputFile: a file that comes into being whole or not at all.
//
// Bytes go to NAME.part beside the target, and only commit() renames it; a broken
// transfer leaves the part there to be resumed. NAME.part.version keeps what the server
// said of the version that it is a part of; NAME.part.sections which bytes are missing,
// while several fetches fill it. An earlier part stays as it is until bytes arrive that
// belong elsewhere. An existing target is never overwritten without `force`; what
// replaces one has its mode. What is no regular file is written into (OutputTarget):
// nothing is kept, nothing renamed. To resume a file that is whole is to compare it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/6_presentation/digest_worker.hpp"
#include "strata/7_application/files/output/file_version.hpp"
#include "strata/7_application/files/output/output_error.hpp"
#include "strata/7_application/files/output/output_target.hpp"
#include "strata/7_application/files/output/sections.hpp"

namespace strata::application {

class OutputFile {
public:
    // Throws OutputError: the target exists, another program writes
    // the same part, the folder cannot be written, …
    OutputFile(const std::string& path, const OutputOptions& options);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();  // without commit() the part stays; an empty one is removed

    // How many bytes are there, those of an earlier transfer included.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    // A large buffer to read into. What is written from it is hashed by another thread, while the
    // next one fills; it holds until lend() was called twice more.
    [[nodiscard]] MutableBytes lend();
    // Throws OutputError: the disk is full, say, or these are not the
    // bytes of the file that is finished.
    void write(Bytes bytes);
    // All anew, from the first byte: the server's file is not the one that we have a part of.
    void restart();
    // What the server says of the version that arrives, kept with the part. Throws OutputError if
    // it is not that of the finished file.
    void note_version(const FileVersion& version);
    [[nodiscard]] const FileVersion& version() const noexcept { return version_; }
    // When the server's file was changed last: the file's date, once
    // it is in place. Nothing: it is that of its coming.
    void note_date(std::optional<std::chrono::sys_seconds> date) {
        if (dated_) date_ = date;
    }
    // What to do after a transfer that broke off, in words.
    [[nodiscard]] std::string advice() const;
    // How many of the bytes, which belong at `place`, are there already.
    [[nodiscard]] std::size_t same_there(std::uint64_t place, Bytes bytes);
    // What is behind `place` belongs to another version: it is cut off, and what was recorded of
    // that version is removed.
    void cut_to(std::uint64_t place);

    // --- filled at several places at once; size() is how many bytes are there from the first on

    // Whether it can be: not what is written into as it comes, nor what is compared only.
    [[nodiscard]] bool can_be_split() const noexcept { return is_part(); }
    // What is missing of this version, whose total is known, in `wanted` sections if each has
    // `least` bytes. What is there stays if it is known for a part of it, else all is begun anew.
    // Until join() it is filled by write_at() alone; write() gives up what is behind size(). Throws
    // OutputError.
    const std::vector<Section>& split(const FileVersion& version, std::size_t wanted, std::uint64_t least);
    [[nodiscard]] const std::vector<Section>& missing() const noexcept { return missing_; }
    // The next bytes of the section of this number: no more than it misses.
    void write_at(std::size_t section, Bytes bytes);
    // Nothing is missing any more.
    void join();

    // SHA-256 of all bytes, as hexadecimal digits; empty if OutputOptions say that nobody asks.
    // Nothing is written after it.
    [[nodiscard]] std::string digest();
    // It is whole: gives it its name. Throws OutputError.
    void commit();
    // It is wrong: nobody may resume it. What becomes of it, in words.
    std::string discard();
    // The file was there, whole: what comes is only compared with it.
    [[nodiscard]] bool is_finished() const noexcept { return target_.kind == OutputTarget::Kind::finished; }
    // SHA-256 of the file that is finished.
    [[nodiscard]] std::string finished_digest() const;

private:
    [[nodiscard]] bool is_part() const noexcept { return target_.kind == OutputTarget::Kind::file; }
    [[nodiscard]] const Descriptor& descriptor() const noexcept { return is_part() ? part_ : target_.descriptor; }
    // Behind "cannot write": "x.part", "into /dev/full", "to standard output".
    [[nodiscard]] std::string destination() const;
    void open_part(bool resume);
    // The part is this fetch's from now on.
    void claim();
    // size() is what is there, up to `end`, and hashed.
    void hash_existing(std::uint64_t end = std::numeric_limits<std::uint64_t>::max());
    void hash_on(std::uint64_t end);
    void open_sections();
    void give_up_sections();
    // As many bytes of the part, or the finished file, as there are
    // at `place`; fewer only at its end.
    [[nodiscard]] std::size_t read_at(std::uint64_t place, MutableBytes buffer) const;
    void write_some(Bytes& bytes);
    void hash(Bytes bytes);
    void compare(Bytes bytes);
    [[noreturn]] void refuse_another() const;
    [[noreturn]] void refuse_to_take_back() const;
    void empty_part();
    void remove_part();

    OutputTarget target_;
    bool force_;
    bool dated_;
    bool digested_;
    std::string partial_;
    std::string version_path_;
    std::string sections_path_;
    FileVersion version_;
    Descriptor part_;
    std::uint64_t size_ = 0;
    std::vector<Section> missing_;       // of a part that was split, in order
    std::uint64_t written_unsaved_ = 0;  // since they were kept last
    struct Buffer {
        std::unique_ptr<std::byte[]> bytes;
        std::uint64_t hashed = 0;  // when the worker has done this many, it is free
    };
    std::array<Buffer, 3> buffers_;
    std::size_t lent_ = 0;               // which of them
    presentation::Sha256Worker sha256_;  // stops before the buffers go
    std::optional<std::chrono::sys_seconds> date_;
    bool committed_ = false;
    bool ours_ = false;  // the part holds what this object speaks of, not what an earlier fetch, or the user, left
};

}  // namespace strata::application
