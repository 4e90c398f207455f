#include "strata/6_presentation/tls/certificate.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <system_error>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/6_presentation/tls/tls.hpp"

namespace strata::presentation {
namespace {

struct FreeOpenSsl {
    void operator()(BIO* bio) const noexcept { ::BIO_free(bio); }
    void operator()(X509_EXTENSION* extension) const noexcept { ::X509_EXTENSION_free(extension); }
};
template <typename T>
using OpenSslHandle = std::unique_ptr<T, FreeOpenSsl>;

std::shared_ptr<X509> owned(X509* certificate) { return {certificate, ::X509_free}; }
std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) { return {key, ::EVP_PKEY_free}; }

// Why OpenSSL would not take a file.
std::string reason_of_openssl() {
    const unsigned long code = ::ERR_peek_error();
    ::ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
    const char* const words = ::ERR_reason_error_string(code);
    return words == nullptr ? "it cannot be used" : words;
}

OpenSslHandle<BIO> open_file(const std::string& path, std::string_view what) {
    ::ERR_clear_error();
    OpenSslHandle<BIO> file(::BIO_new_file(path.c_str(), "r"));
    if (!file) throw TlsError(fmt::format("the {} in '{}' cannot be used: {}", what, path, reason_of_openssl()));
    return file;
}

// A key with a passphrase: nobody is there to be asked for it.
int no_passphrase(char*, int, int, void*) { return -1; }

void check_made(bool good) {
    if (!good) throw TlsError("a certificate cannot be made: " + reason_of_openssl());
}

// RFC 5280 4.2.1.6.
std::string alternative_names(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) {
        const bool is_address = Ipv4Address::parse(name) || Ipv6Address::parse(name);
        list += fmt::format("{}{}:{}", list.empty() ? "" : ",", is_address ? "IP" : "DNS", name);
    }
    return list;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const OpenSslHandle<X509_EXTENSION> extension(::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    check_made(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1);
}

// RFC 5280 4.1.2.2: of chance, positive, at most 20 octets.
void set_serial_number(X509* certificate) {
    std::uint64_t number = 0;
    check_made(::RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
    check_made(::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(certificate), (number >> 1) + 1) == 1);
}

}  // namespace

std::string Certificate::fingerprint() const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (::X509_digest(leaf.get(), ::EVP_sha256(), digest.data(), &size) != 1) throw std::bad_alloc();
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest.at(i));
    return text;
}

Certificate read_certificate(const std::string& certificates, const std::string& key) {
    Certificate read;
    const auto file = open_file(certificates, "certificate");
    read.leaf = owned(::PEM_read_bio_X509_AUX(file.get(), nullptr, no_passphrase, nullptr));
    if (!read.leaf) throw TlsError("the certificate in '" + certificates + "' cannot be used: " + reason_of_openssl());
    while (X509* const next = ::PEM_read_bio_X509(file.get(), nullptr, no_passphrase, nullptr))
        read.chain.push_back(owned(next));
    const auto key_file = open_file(key, "key");
    read.key = owned(::PEM_read_bio_PrivateKey(key_file.get(), nullptr, no_passphrase, nullptr));
    if (!read.key) throw TlsError("the key in '" + key + "' cannot be used: " + reason_of_openssl());
    ::ERR_clear_error();
    if (::X509_check_private_key(read.leaf.get(), read.key.get()) != 1)
        throw TlsError("the key in '" + key + "' cannot be used: " + reason_of_openssl());
    return read;
}

Certificate make_certificate(const std::vector<std::string>& names, std::chrono::system_clock::time_point now) {
    ::ERR_clear_error();
    Certificate made;
    made.key = owned(EVP_EC_gen("P-256"));
    made.leaf = owned(::X509_new());
    check_made(made.key && made.leaf);
    X509* const certificate = made.leaf.get();
    ::X509_set_version(certificate, X509_VERSION_3);
    set_serial_number(certificate);
    const auto at = [now](std::chrono::days days) { return std::chrono::system_clock::to_time_t(now + days); };
    check_made(::ASN1_TIME_set(::X509_getm_notBefore(certificate), at(std::chrono::days(-1))) != nullptr &&
               ::ASN1_TIME_set(::X509_getm_notAfter(certificate), at(std::chrono::days(365))) != nullptr);
    ::X509_set_pubkey(certificate, made.key.get());
    X509_NAME* const subject = ::X509_get_subject_name(certificate);
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("strata"), -1, -1,
                                 0);
    ::X509_set_issuer_name(certificate, subject);
    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, NID_ext_key_usage, "serverAuth");
    if (!names.empty()) add_extension(certificate, NID_subject_alt_name, alternative_names(names));
    check_made(::X509_sign(certificate, made.key.get(), ::EVP_sha256()) != 0);
    return made;
}

}  // namespace strata::presentation
