// Certificates that are made, and read from files.
#include "strata/6_presentation/tls/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "strata/6_presentation/base64.hpp"
#include "strata/6_presentation/tls/tls.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::presentation {
namespace {

TEST(Certificates, OneIsMadeForItsNames) {
    const auto now = std::chrono::system_clock::now();
    const Certificate made = make_certificate({"localhost", "10.0.0.2", "::1"}, now);
    EXPECT_EQ(::X509_check_host(made.leaf.get(), "localhost", 0, 0, nullptr), 1);
    EXPECT_EQ(::X509_check_host(made.leaf.get(), "elsewhere", 0, 0, nullptr), 0);
    EXPECT_EQ(::X509_check_ip_asc(made.leaf.get(), "10.0.0.2", 0), 1);
    EXPECT_EQ(::X509_check_ip_asc(made.leaf.get(), "::1", 0), 1);
    EXPECT_EQ(::X509_verify(made.leaf.get(), made.key.get()), 1);
    EXPECT_EQ(made.fingerprint().size(), 32 * 3 - 1u);
    EXPECT_NE(made.fingerprint(), make_certificate({"localhost"}, now).fingerprint());
    EXPECT_NO_THROW(TlsServer{made});
    EXPECT_NO_THROW((void)make_certificate({}, now));
    EXPECT_THROW((void)make_certificate({"a,b=\n"}, now), TlsError);
}

TEST(Certificates, OneIsReadWithThoseBehindIt) {
    const strata::test::TemporaryFolder folder;
    strata::test::write_certificate(folder.path(), "a");
    strata::test::write_certificate(folder.path(), "b");
    folder.write("chain.pem", folder.read("a.pem") + folder.read("b.pem"));
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    const Certificate read = read_certificate(path("chain.pem"), path("a.key"));
    EXPECT_EQ(read.chain.size(), 1u);
    EXPECT_EQ(read.fingerprint(), read_certificate(path("a.pem"), path("a.key")).fingerprint());
    EXPECT_THROW((void)read_certificate(path("a.pem"), path("b.key")), TlsError);
    EXPECT_THROW((void)read_certificate(path("a.key"), path("a.key")), TlsError);
    EXPECT_THROW((void)read_certificate(path("missing"), path("a.key")), TlsError);
}

TEST(Base64, IsReadStrictly) {
    for (const std::string text : {"", "f", "fo", "foo", "foob", "\xff\xfe\x00"})
        EXPECT_EQ(from_base64(base64(text)), text);
    for (const char* wrong : {"Zg=", "Zg", "Zg==\n", " Zg==", "Z===", "====", "Zh==", "Zm9=", "Zg==Zg==", "Zm-_"})
        EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace strata::presentation
