// Doing: an operation that is being done, whichever it is: its
// results can be written, or taken back.
#pragma once

#include "strata/7_application/nfs/v4/table.hpp"

namespace strata::application::nfs::v4 {

class Doing {
public:
    virtual ~Doing() = default;
    // How it ended. `found`: what is wrong before it has begun.
    [[nodiscard]] virtual Status4 run(Work& work, Status4 found) = 0;
    // It did not end well after all.
    virtual void fail(Status4 status) = 0;
    virtual void write(xdr::Writer& out) const = 0;
};

// Null: there is no such operation.
[[nodiscard]] std::unique_ptr<Doing> doing_of(Op op);

}  // namespace strata::application::nfs::v4
