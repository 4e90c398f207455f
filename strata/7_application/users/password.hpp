// Passwords as they are kept: hashed by libxcrypt, as crypt(5) writes it. New ones by scrypt (RFC
// 7914); what else counts as strong there is taken, so that lines of other programs can be used.
#pragma once

#include <string>
#include <string_view>

namespace strata::application {

constexpr std::size_t password_size_max = 511;  // bytes, CRYPT_MAX_PASSPHRASE_SIZE without its NUL

// Whether it is a hash that withstands guessing: scrypt, yescrypt, gost-yescrypt, bcrypt,
// SHA-crypt. DES, MD5 and NT are none.
[[nodiscard]] bool is_strong_hash(std::string_view hash);

// Whether it is that hash's password. Takes what the hash demands: scrypt as made here 0.1 s of a
// core and 64 MiB. A password that is too long, or has a NUL, is nobody's, and costs the same.
[[nodiscard]] bool is_password_of(std::string_view password, const std::string& hash);

// By scrypt, with a salt of its own. Throws std::invalid_argument (too long, or with a NUL) and
// std::runtime_error (the library can't).
[[nodiscard]] std::string hash_password(std::string_view password);

// Wipes the memory of what is no longer needed.
void forget(std::string& secret) noexcept;

}  // namespace strata::application
