// A certificate and its key, in memory: read from files, or made for whoever has none.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

struct x509_st;      // OpenSSL's X509
struct evp_pkey_st;  // and EVP_PKEY

namespace strata::presentation {

struct Certificate {
    std::shared_ptr<x509_st> leaf;
    std::vector<std::shared_ptr<x509_st>> chain;  // that lead from it to an authority
    std::shared_ptr<evp_pkey_st> key;

    // SHA-256 of the leaf (DER): "4F:0C:...", as browsers and `openssl x509 -fingerprint` show it.
    [[nodiscard]] std::string fingerprint() const;
};

// PEM files: the certificate and behind it those that lead to an authority; its key. Throws
// TlsError: one sentence.
[[nodiscard]] Certificate read_certificate(const std::string& certificates, const std::string& key);

// One that signs itself, ECDSA on P-256 (RFC 5480), for these names and addresses, from a day
// before `now` (clocks differ) for a year. Nobody trusts it unless he is told its fingerprint.
// Throws TlsError.
[[nodiscard]] Certificate make_certificate(const std::vector<std::string>& names,
                                           std::chrono::system_clock::time_point now);

}  // namespace strata::presentation
