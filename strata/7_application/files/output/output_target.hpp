// OutputTarget: what is where a fetched file shall be written, and so how
// it gets there. OutputFile asks first.
//
// A link is followed, to the end: the file that it names is written, also one that is not there
// yet. What is no regular file (a FIFO, a terminal, /dev/null, an open descriptor by its name in
// /proc) is written into, as standard output is, and stays what it is.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {

struct OutputOptions {
    bool resume =
        false;  // go on behind the part that is there, or see that the whole file that is there is the server's
    bool force = false;    // replace the target, or write onto a block device
    bool dated = true;     // the file gets the date that the server says
    bool digested = true;  // false: nobody asks for digest()
};

struct OutputTarget {
    enum class Kind : std::uint8_t {
        file,      // to come into being, or to be replaced: `replaced` is what is there now
        stream,    // bytes go into `descriptor` as they come
        finished,  // `descriptor` is a whole file, to be compared with what comes
    };
    Kind kind = Kind::file;
    std::string path;  // behind all links; "-" for standard output
    Descriptor descriptor;
    std::optional<struct stat> replaced;
};

// NAME.part for the file of this name: with a digest instead of its
// end, where a file system would find that too long.
[[nodiscard]] std::string part_of(const std::string& path);

// "-" is standard output. A FIFO that nobody reads is waited for. Throws OutputError: the target
// exists, is a folder, cannot be written, …
[[nodiscard]] OutputTarget find_target(const std::string& path, const OutputOptions& options);

}  // namespace strata::application
