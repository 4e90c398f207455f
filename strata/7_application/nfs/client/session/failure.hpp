// What went wrong with a server of NFS, and what to do: the parts of a sentence.
#pragma once

#include <boost/system/system_error.hpp>
#include <exception>
#include <string>

#include "strata/7_application/nfs/attributes/status.hpp"

namespace strata::application::nfs::client {

struct Failure : std::exception {
    Failure(std::string reason, std::string advice, bool may_pass = false)
        : why(std::move(reason)), remedy(std::move(advice)), passing(may_pass) {}
    [[nodiscard]] const char* what() const noexcept override { return why.c_str(); }
    std::string why;
    std::string remedy;
    bool passing;                // another attempt may go well
    bool lost = false;           // a new session is needed for that
    bool stale = false;          // a handle is no longer good: names are to be looked up anew
    bool other_version = false;  // there is no NFS of this one
};

// What the server did not do, in words. jukebox is one that may pass.
[[nodiscard]] Failure failure_of(Status status);
// Of a call: refused, timed out, or what the network said.
[[nodiscard]] Failure failure_of(const boost::system::system_error& error);
// Of a sentence: "what is wrong; what to write".
[[nodiscard]] Failure failure_of(const std::string& sentence);
// What no honest server says.
[[nodiscard]] Failure nonsense(std::string what);
// Throws failure_of(status), unless it is ok.
void check(Status status);

}  // namespace strata::application::nfs::client
