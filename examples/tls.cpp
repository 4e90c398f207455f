// TLS on our TCP: asio::ssl over a Stream, with a certificate made at the start.
//
//     asio::ssl::stream<Stream>    client            server      6   encrypted by OpenSSL
//     session::Stream                 └── our TCP ──────┘        5
//
// The client trusts that one certificate and tests the name in it; it
// then refuses a server with another one.
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "stage.hpp"

using namespace examples;
namespace ssl = asio::ssl;
using TlsStream = ssl::stream<Stream>;

constexpr const char* server_name = "server.strata.example";

template <auto free_it>
struct Freed {
    template <typename Type>
    void operator()(Type* object) const {
        free_it(object);
    }
};
struct Certificate {
    std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key{EVP_EC_gen("P-256")};
    std::unique_ptr<X509, Freed<X509_free>> certificate{X509_new()};
};

// Signed by itself, good for a day.
Certificate make_certificate() {
    Certificate made;
    X509* x509 = made.certificate.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(server_name), -1, -1,
                               0);
    X509_set_issuer_name(x509, name);
    X509_set_pubkey(x509, made.key.get());
    if (X509_sign(x509, made.key.get(), EVP_sha256()) == 0) throw std::runtime_error("OpenSSL signs no certificate");
    return made;
}

ssl::context server_context(const Certificate& certificate) {
    ssl::context context(ssl::context::tls_server);
    SSL_CTX_use_certificate(context.native_handle(), certificate.certificate.get());
    SSL_CTX_use_PrivateKey(context.native_handle(), certificate.key.get());
    return context;
}

ssl::context client_context(const Certificate& trusted) {
    ssl::context context(ssl::context::tls_client);
    context.set_verify_mode(ssl::verify_peer);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.native_handle()), trusted.certificate.get());
    return context;
}

awaitable<void> serve(session::Acceptor acceptor, ssl::context context) {
    for (;;) {
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        TlsStream tls(std::move(stream), context);
        error_code error;
        co_await tls.async_handshake(ssl::stream_base::server, asio::redirect_error(use_awaitable, error));
        if (error) continue;  // a client that does not trust us
        std::string line;
        co_await asio::async_read_until(tls, asio::dynamic_buffer(line), '\n', use_awaitable);
        const std::string answer = "you said: " + line;
        co_await asio::async_write(tls, asio::buffer(answer), use_awaitable);
        co_await tls.async_shutdown(asio::redirect_error(use_awaitable, error));
    }
}

awaitable<std::string> ask(Network& network, Address server, ssl::context& context, std::string question) {
    Stream stream = co_await network.async_connect(server, use_awaitable);
    TlsStream tls(std::move(stream), context);
    tls.set_verify_callback(ssl::host_name_verification(server_name));
    co_await tls.async_handshake(ssl::stream_base::client, use_awaitable);
    std::printf("%s, %s\n", SSL_get_version(tls.native_handle()), SSL_get_cipher_name(tls.native_handle()));
    co_await asio::async_write(tls, asio::buffer(question), use_awaitable);
    std::string answer;
    co_await asio::async_read_until(tls, asio::dynamic_buffer(answer), '\n', use_awaitable);
    error_code error;
    co_await tls.async_shutdown(asio::redirect_error(use_awaitable, error));
    co_return answer;
}

int main(int count, char** values) {
    return run_example(count, values, [](const Options& options) {
        const auto stage = set_stage(options);
        const Certificate certificate = make_certificate();
        const Certificate another = make_certificate();
        auto acceptor = stage->server().listen(stage->place(443));
        const Address there = acceptor.local();
        stage->beside(serve(std::move(acceptor), server_context(certificate)));
        ssl::context trusting = client_context(certificate);
        const std::string answer = stage->play(ask(stage->client(), there, trusting, "is this private?\n"));
        std::fputs(answer.c_str(), stdout);
        ssl::context suspicious = client_context(another);
        try {
            stage->play(ask(stage->client(), there, suspicious, "and now?\n"));
        } catch (const boost::system::system_error& refused) {
            std::printf("a client that trusts another certificate: %s\n", refused.code().message().c_str());
            return answer == "you said: is this private?\n" ? 0 : 1;
        }
        throw std::runtime_error("a certificate nobody vouched for was accepted");
    });
}
