// TLS (RFC 8446, and RFC 5246 for peers that are older): a Stream over any Stream. What is written
// to it is sent encrypted through the one below, whichever network carries that; its user cannot
// tell it from another, but that a try-write always has to wait.
//
// The hands are shaken with the first read or write, whose error is that of the handshake if it
// fails: one of certificate_category() or tls_category(). OpenSSL's libssl is opened when the first
// conversation needs it: a program that has none does not carry it. Its keys come from the
// operating system, in virtual time too: what is encrypted never repeats from a seed.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include "strata/5_session/stream.hpp"
#include "strata/6_presentation/tls/certificate.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX
struct ssl_st;      // its SSL

namespace strata::presentation {

// One sentence without its end: libssl is not there, or a file of certificates cannot be used.
struct TlsError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What is wrong with a peer's certificate: values are OpenSSL's X509_V_ERR_*.
[[nodiscard]] const boost::system::error_category& certificate_category() noexcept;
// What else goes wrong: OpenSSL's codes, and these.
[[nodiscard]] const boost::system::error_category& tls_category() noexcept;
enum class TlsFault : int {
    truncated = 1,    // the peer's stream ended without its close_notify: more may have been meant (RFC 8446 6.1)
    broken = 2,       // OpenSSL does not say why
    not_resumed = 3,  // the client began a session of its own, where only that of another conversation is taken
};
[[nodiscard]] inline session::error_code make_error_code(TlsFault fault) noexcept {
    return {static_cast<int>(fault), tls_category()};
}

struct TlsOptions {
    bool verify = true;  // the peer's certificate: who signed it, for which host, when
    // A PEM file of those who may sign; empty: the system's
    // (SSL_CERT_FILE, SSL_CERT_DIR name others).
    std::string authorities{};
};

// A conversation whose session others with the same server go on with (RFC 8446 2.2, RFC 5077): the
// first that is made with it. FTP's data connections show by that whose they are.
struct TlsSession {
    std::weak_ptr<ssl_st> first;
};
struct TlsManner {
    std::string protocol = "http/1.1";      // that is spoken under it (RFC 7301)
    std::shared_ptr<TlsSession> session{};  // unset: it has one of its own
};

// Copies share what they know: the authorities are read once. As
// Asio's objects, they are for one thread at a time.
class TlsClient {
public:
    explicit TlsClient(TlsOptions options = {});
    // A conversation with `host`, a name in ASCII or an address, over
    // `below`. `now` is when certificates have to be good. Throws TlsError:
    // TLS or the authorities cannot be used, or this is no name of a host.
    [[nodiscard]] session::Stream over(session::Stream below, const std::string& host,
                                       std::chrono::system_clock::time_point now, const TlsManner& manner) const;
    [[nodiscard]] session::Stream over(session::Stream below, const std::string& host,
                                       std::chrono::system_clock::time_point now) const;

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

// What is known of a conversation once the hands are shaken.
struct TlsFacts {
    bool is_shaken = false;
    bool is_resumed = false;  // by a ticket of an earlier one (RFC 8446 2.2, RFC 5077)
    bool is_refused = false;  // not_resumed
};

// How a client shakes hands with us.
struct TlsAcceptance {
    // If not empty, sessions are gone on with only in conversations
    // of the same kin: up to 32 bytes.
    std::string kin{};
    // Only such are taken: whoever begins a session of his own fails with not_resumed.
    bool only_resumed = false;
};

// Copies share what they know, and may be used on several threads. Sessions are kept by the
// clients, as tickets, and take no memory here.
class TlsServer {
public:
    // Throws TlsError.
    explicit TlsServer(const Certificate& certificate);
    // PEM files, as of read_certificate(). Throws TlsError.
    TlsServer(const std::string& certificates, const std::string& key);
    // `facts`, if somebody wants them, are filled in before the first byte is read.
    [[nodiscard]] session::Stream over(session::Stream below, std::shared_ptr<TlsFacts> facts = {}) const;
    [[nodiscard]] session::Stream over(session::Stream below, const TlsAcceptance& how,
                                       std::shared_ptr<TlsFacts> facts = {}) const;

private:
    std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace strata::presentation

template <>
struct boost::system::is_error_code_enum<strata::presentation::TlsFault> : std::true_type {};
