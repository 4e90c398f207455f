// Failure: an error for a person: one sentence that says what failed, with which address or file, and what to do.
// The applications throw it; the command line prints it.
#pragma once

#include <stdexcept>
#include <string>

namespace strata::application {

class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace strata::application
