#include "strata/7_application/users/password.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>

namespace strata::application {
namespace {

constexpr std::array<std::string_view, 8> strong{"$7$", "$y$", "$gy$", "$2b$", "$2y$", "$2a$", "$6$", "$5$"};

bool can_be_one(std::string_view password) {
    return password.size() <= password_size_max && password.find('\0') == std::string_view::npos;
}

// crypt_data has the password in it, and what was made of it.
struct WipeCryptData {
    void operator()(crypt_data* data) const noexcept {
        ::OPENSSL_cleanse(data, sizeof *data);
        delete data;
    }
};

// Empty if the library can't.
std::string hash_by(std::string_view password, const std::string& setting) {
    static_assert(password_size_max + 1 == CRYPT_MAX_PASSPHRASE_SIZE);
    const std::unique_ptr<crypt_data, WipeCryptData> data(new crypt_data{});
    std::string phrase(password);
    const char* const made = ::crypt_rn(phrase.c_str(), setting.c_str(), data.get(), sizeof *data);
    std::string hash = made == nullptr ? "" : made;
    forget(phrase);
    return hash;
}

bool are_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

bool is_strong_hash(std::string_view hash) {
    const auto begins = [&](std::string_view prefix) { return hash.starts_with(prefix); };
    return std::ranges::any_of(strong, begins) && ::crypt_checksalt(std::string(hash).c_str()) == CRYPT_SALT_OK;
}

bool is_password_of(std::string_view password, const std::string& hash) {
    const bool possible = can_be_one(password);
    const std::string made = hash_by(possible ? password : "", hash);
    return are_equal(made, hash) && possible && !made.empty();
}

std::string hash_password(std::string_view password) {
    if (!can_be_one(password))
        throw std::invalid_argument("a password has at most " + std::to_string(password_size_max) +
                                    " bytes, and none of them is 0");
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    const bool salted =
        ::crypt_gensalt_rn("$7$", 0, nullptr, 0, setting.data(), static_cast<int>(setting.size())) != nullptr;
    std::string hash = salted ? hash_by(password, setting.data()) : "";
    if (hash.empty()) throw std::runtime_error("libcrypt has no scrypt here (on Debian: libcrypt1)");
    return hash;
}

void forget(std::string& secret) noexcept {
    ::OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

}  // namespace strata::application
