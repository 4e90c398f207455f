#include "strata/7_application/users/remembered.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

namespace strata::application {

std::size_t RememberedLogins::DigestHash::operator()(const Digest& digest) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);  // keyed as it is
    return hash;
}

RememberedLogins::RememberedLogins(RememberedLoginsOptions options) : options_(options) { draw_key(); }

void RememberedLogins::draw_key() {
    if (::RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
        throw std::runtime_error("the system gives no random numbers");
}

// A name has no NUL: it ends the name.
RememberedLogins::Digest RememberedLogins::digest(std::string_view name, std::string_view password) const {
    std::vector<unsigned char> both(name.size() + 1 + password.size());
    std::memcpy(both.data(), name.data(), name.size());
    std::memcpy(both.data() + name.size() + 1, password.data(), password.size());
    Digest result{};
    const unsigned char* const made = ::HMAC(::EVP_sha256(), key_.data(), static_cast<int>(key_.size()), both.data(),
                                             both.size(), result.data(), nullptr);
    ::OPENSSL_cleanse(both.data(), both.size());
    if (made == nullptr) throw std::bad_alloc();
    return result;
}

std::shared_ptr<const User> RememberedLogins::find(const Digest& digest, Instant now) {
    const auto found = by_digest_.find(digest);
    if (found == by_digest_.end()) return nullptr;
    if (now < found->second->until) return found->second->user;
    by_age_.erase(found->second);
    by_digest_.erase(found);
    return nullptr;
}

void RememberedLogins::keep(const Digest& digest, std::shared_ptr<const User> user, Instant now) {
    if (options_.logins_max == 0) return;
    if (const auto found = by_digest_.find(digest); found != by_digest_.end()) {
        by_age_.erase(found->second);
        by_digest_.erase(found);
    }
    if (by_age_.size() >= options_.logins_max) {
        by_digest_.erase(by_age_.back().digest);
        by_age_.pop_back();
    }
    by_age_.push_front({digest, std::move(user), saturating_add(now, options_.kept_for)});
    by_digest_.emplace(digest, by_age_.begin());
}

void RememberedLogins::forget_all() {
    by_digest_.clear();
    by_age_.clear();
    draw_key();
}

}  // namespace strata::application
