// A hash that costs a test nothing: scrypt with 64 blocks, where a real one has 16,384.
#pragma once

#include <crypt.h>

#include <memory>
#include <string>

namespace strata::application::test {

inline std::string cheap_hash(const std::string& password) {
    const auto data = std::make_unique<crypt_data>();
    const char* const made = ::crypt_rn(password.c_str(), "$7$4/..../....SALT", data.get(), sizeof *data);
    return made == nullptr ? "" : made;
}

}  // namespace strata::application::test
