// OutputFile: a file that comes into being whole or not at all.
//
// Bytes go to NAME.part beside the target, and only commit() renames it; a broken transfer leaves the part there to be resumed.
// NAME.part.version keeps what the server said of the version that it is a part of. An earlier part stays as it is until bytes arrive that
// belong elsewhere. An existing target is never overwritten without `force`.
// The path "-" is standard output: nothing is kept, nothing renamed.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "strata/0_foundation/bytes.hpp"
#include "strata/6_presentation/digest.hpp"
#include "strata/7_application/descriptor.hpp"

namespace strata::application {

struct OutputOptions {
    bool resume = false;  // go on behind the part that is there, if there is one
    bool force = false;   // replace the target
};

// What a server says of a file's version, by which a part is known to be of the same one (RFC 9110 8.8). Empty: it said nothing.
struct FileVersion {
    std::string etag;           // strong ones only
    std::string last_modified;  // as the server writes it
    std::optional<std::uint64_t> total;
    [[nodiscard]] bool known() const noexcept { return !etag.empty() || !last_modified.empty(); }
};

// One sentence: what failed, with which file, and what to do.
struct OutputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class OutputFile {
public:
    // Throws OutputError: the target exists, another program writes the same part, the folder cannot be written, …
    OutputFile(std::string path, const OutputOptions& options);
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile();  // without commit() the part stays; an empty one is removed

    // How many bytes are there, those of an earlier transfer included.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    // Throws OutputError: the disk is full, say.
    void write(Bytes bytes);
    // All anew, from the first byte: the server's file is not the one that we have a part of.
    void restart();
    // What the server says of the version that arrives, kept with the part.
    void note_version(const FileVersion& version);
    [[nodiscard]] const FileVersion& version() const noexcept { return version_; }
    // What to do after a transfer that broke off, in words.
    [[nodiscard]] std::string advice() const {
        return !is_stream() && size_ > 0 ? "what has arrived is kept: go on with --resume"
                                         : "nothing is kept; try again";
    }
    // How many of the bytes, which belong at `place`, stand there already.
    [[nodiscard]] std::size_t same_there(std::uint64_t place, Bytes bytes);
    // What stands behind `place` is of another version: it goes, and what was said of that version.
    void cut_to(std::uint64_t place);

    // SHA-256 of all bytes, as hexadecimal digits. Nothing is written after it.
    [[nodiscard]] std::string digest();
    // It is whole: gives it its name. Throws OutputError.
    void commit();
    // It is wrong: nobody may resume it.
    void discard();
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] const std::string& partial() const noexcept { return partial_; }

private:
    void open_part(bool resume);
    void hash_existing();
    // As many bytes of the part as there are at `place`; fewer only at its end.
    [[nodiscard]] std::size_t read_part(std::uint64_t place, MutableBytes buffer) const;
    void load_version();
    void empty_part();
    [[nodiscard]] bool is_stream() const noexcept { return partial_.empty(); }

    std::string path_;
    std::string partial_;  // empty for standard output
    std::string version_path_;
    FileVersion version_;
    bool force_;
    Descriptor file_;
    std::uint64_t size_ = 0;
    presentation::Sha256 sha256_;
    bool committed_ = false;
    bool ours_ = false;  // the part holds what this object speaks of, not what an earlier fetch, or the user, left
};

}  // namespace strata::application
