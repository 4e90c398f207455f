// What can go wrong where a fetched file is written to, in words.
#pragma once

#include <stdexcept>
#include <string>

namespace strata::application {

// One sentence: what failed, with which file, and what to do.
struct OutputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// A signal came while whoever reads the output took nothing.
struct OutputInterrupted : OutputError {
    using OutputError::OutputError;
};

// "WHAT: the error's name; what to do about it". Throws OutputError.
[[noreturn]] void refuse(const std::string& what, int error);

}  // namespace strata::application
