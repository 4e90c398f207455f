// Certificates for tests: each signs itself, so that it is its own authority.
#pragma once

#include <filesystem>
#include <string>

namespace strata::test {

struct CertificateOptions {
    std::string names = "DNS:server.test,IP:10.0.0.2";  // subjectAltName
    std::string since = "20000101000000Z";
    std::string until = "21000101000000Z";
};

// Writes NAME.pem and NAME.key.
void write_certificate(const std::filesystem::path& folder, const std::string& name,
                       const CertificateOptions& options = {});

}  // namespace strata::test
