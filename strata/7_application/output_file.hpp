// OutputFile: a file that comes into being whole or not at all.
//
// Bytes go to NAME.part beside the target, and only commit() renames it; a broken transfer leaves the part there to be resumed.
// NAME.part.validator keeps what the server called that version. An existing target is never overwritten without `force`.
// The path "-" is standard output: nothing is kept, nothing renamed.
#pragma once

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
    // What the server called the version that arrives (an entity tag or a date), kept with the part.
    void note_validator(const std::string& validator);
    [[nodiscard]] const std::string& validator() const noexcept { return validator_; }

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
    void load_validator();
    [[nodiscard]] bool is_stream() const noexcept { return partial_.empty(); }

    std::string path_;
    std::string partial_;  // empty for standard output
    std::string validator_path_;
    std::string validator_;
    bool force_;
    Descriptor file_;
    std::uint64_t size_ = 0;
    presentation::Sha256 sha256_;
    bool committed_ = false;
};

}  // namespace strata::application
