#include "strata/6_presentation/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>
#include <string_view>

namespace strata::presentation {

struct Sha256::Context {
    Context() : context(EVP_MD_CTX_new()) {
        if (context == nullptr) throw std::bad_alloc();
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { EVP_MD_CTX_free(context); }
    EVP_MD_CTX* context;
};

namespace {

std::string hexadecimal(const std::array<std::uint8_t, 32>& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace

Sha256::Sha256() : context_(std::make_unique<Context>()) {
    if (EVP_DigestInit_ex(context_->context, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(Bytes bytes) { EVP_DigestUpdate(context_->context, bytes.data(), bytes.size()); }

std::string Sha256::finish() {
    std::array<std::uint8_t, 32> value{};
    EVP_DigestFinal_ex(context_->context, value.data(), nullptr);
    return hexadecimal(value);
}

}  // namespace strata::presentation
