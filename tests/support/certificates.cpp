#include "tests/support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace strata::test {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { ::X509_EXTENSION_free(extension); }
    void operator()(std::FILE* file) const { std::fclose(file); }
};
template <typename T>
using Handle = std::unique_ptr<T, Free>;

void check(bool good) {
    if (!good) throw std::runtime_error("a certificate cannot be made");
}

void add(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context{};
    ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Handle<X509_EXTENSION> extension(::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    check(extension && ::X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

void write_certificate(const std::filesystem::path& folder, const std::string& name,
                       const CertificateOptions& options) {
    const Handle<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const Handle<X509> certificate(::X509_new());
    check(key && certificate);
    ::X509_set_version(certificate.get(), X509_VERSION_3);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    check(::ASN1_TIME_set_string(::X509_getm_notBefore(certificate.get()), options.since.c_str()) == 1);
    check(::ASN1_TIME_set_string(::X509_getm_notAfter(certificate.get()), options.until.c_str()) == 1);
    ::X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const subject = ::X509_get_subject_name(certificate.get());
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("strata test"), -1,
                                 -1, 0);
    ::X509_set_issuer_name(certificate.get(), subject);
    add(certificate.get(), NID_subject_alt_name, options.names);
    check(::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) != 0);
    const Handle<std::FILE> public_file(std::fopen((folder / (name + ".pem")).c_str(), "w"));
    const Handle<std::FILE> key_file(std::fopen((folder / (name + ".key")).c_str(), "w"));
    check(public_file && key_file && ::PEM_write_X509(public_file.get(), certificate.get()) == 1);
    check(::PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

}  // namespace strata::test
