// Digest: SHA-256 (FIPS 180-4) of bytes as they come, by OpenSSL.
#pragma once

#include <memory>
#include <string>

#include "strata/0_foundation/bytes.hpp"

namespace strata::presentation {

class Sha256 {
public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    ~Sha256();
    void add(Bytes bytes);
    // Ends it: 64 lower-case hexadecimal digits.
    [[nodiscard]] std::string finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace strata::presentation
