#include "strata/6_presentation/tls/tls.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <system_error>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/6_presentation/tls/library.hpp"
#include "strata/6_presentation/tls/tls_stream.hpp"

namespace strata::presentation {
namespace {

class CertificateCategory final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "strata.certificate"; }
    [[nodiscard]] std::string message(int value) const override {
        return std::string("the server's certificate is not good: ") + ::X509_verify_cert_error_string(value);
    }
};

class TlsCategory final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "strata.tls"; }
    [[nodiscard]] std::string message(int value) const override {
        if (value == static_cast<int>(TlsFault::truncated)) return "the peer's stream was cut off";
        if (value == static_cast<int>(TlsFault::broken)) return "TLS failed";
        if (value == static_cast<int>(TlsFault::not_resumed)) return "the client began a TLS session of its own";
        const char* const reason = ::ERR_reason_error_string(static_cast<unsigned>(value));
        return std::string("TLS failed: ") + (reason == nullptr ? "a fault without a name" : reason);
    }
};

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
    const TlsLibrary& library = TlsLibrary::get();
    std::shared_ptr<SSL_CTX> context(library.SSL_CTX_new(method), library.SSL_CTX_free);
    // RFC 8996: nothing older. A renegotiation is of no use to anybody here.
    if (!context || library.SSL_CTX_ctrl(context.get(), SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr) != 1)
        throw TlsError("TLS cannot be set up");
    library.SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    library.SSL_CTX_ctrl(context.get(), SSL_CTRL_MODE,
                         SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS,
                         nullptr);
    return context;
}

// Why OpenSSL would not take a file.
std::string reason() {
    const unsigned long code = ::ERR_peek_error();
    ::ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
    const char* const words = ::ERR_reason_error_string(code);
    return words == nullptr ? "it cannot be used" : words;
}

std::shared_ptr<SSL_CTX> make_client_context(const TlsOptions& options) {
    const TlsLibrary& library = TlsLibrary::get();
    std::shared_ptr<SSL_CTX> context = make_context(library.TLS_client_method());
    library.SSL_CTX_set_verify(context.get(), options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    ::ERR_clear_error();
    if (!options.authorities.empty()) {
        if (library.SSL_CTX_load_verify_file(context.get(), options.authorities.c_str()) != 1)
            throw TlsError("the authorities in '" + options.authorities + "' cannot be used: " + reason());
    } else if (options.verify && library.SSL_CTX_set_default_verify_paths(context.get()) != 1) {
        throw TlsError("the system's authorities cannot be used: " + reason());
    }
    return context;
}

// Not of what is on it: that is the certificate's.
struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};

SslHandle make_handle(SSL_CTX* context) {
    SslHandle handle(TlsLibrary::get().SSL_new(context));
    if (!handle) throw std::bad_alloc();
    return handle;
}

// Which host the certificate has to be for (RFC 9525): a name, in the handshake too (RFC 6066 3),
// or an address. What OpenSSL does not take for either it would not look for.
void expect_host(SSL* ssl, const std::string& host) {
    const TlsLibrary& library = TlsLibrary::get();
    X509_VERIFY_PARAM* const wanted = library.SSL_get0_param(ssl);
    ::X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    std::string name = host;
    bool is_taken = false;
    if (Ipv4Address::parse(host) || Ipv6Address::parse(host)) {
        is_taken = ::X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    } else {
        if (name.ends_with('.')) name.pop_back();
        is_taken = !name.empty() && ::X509_VERIFY_PARAM_set1_host(wanted, name.data(), name.size()) == 1 &&
                   library.SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1;
    }
    if (!is_taken) throw TlsError("no certificate can be for '" + host + "'");
}

// A list of one (RFC 7301 3.1). A server that speaks another refuses it, and no answer is taken for
// that of another protocol.
void offer(SSL* ssl, const std::string& protocol) {
    std::vector<unsigned char> list{static_cast<unsigned char>(protocol.size())};
    list.insert(list.end(), protocol.begin(), protocol.end());
    TlsLibrary::get().SSL_set_alpn_protos(ssl, list.data(), static_cast<unsigned>(list.size()));
}

// Tickets have come by the time that somebody asks: behind the hands'
// shaking, with what was read since.
void go_on_with(SSL* ssl, const std::shared_ptr<SSL>& first) {
    const TlsLibrary& library = TlsLibrary::get();
    const std::unique_ptr<SSL_SESSION, decltype(library.SSL_SESSION_free)> session(
        library.SSL_get1_session(first.get()), library.SSL_SESSION_free);
    if (session) library.SSL_set_session(ssl, session.get());
}

// Asked for a certificate, which nobody needs who goes on with a session: so a whole handshake is
// not even begun. The stream keeps the facts.
int refuse_own_session(SSL*, void* facts) {
    static_cast<TlsFacts*>(facts)->is_refused = true;
    return 0;
}

}  // namespace

const boost::system::error_category& certificate_category() noexcept {
    static const CertificateCategory category;
    return category;
}

const boost::system::error_category& tls_category() noexcept {
    static const TlsCategory category;
    return category;
}

struct TlsClient::Shared {
    TlsOptions options;
    std::shared_ptr<SSL_CTX> context;
};

TlsClient::TlsClient(TlsOptions options) : shared_(std::make_shared<Shared>(std::move(options))) {}

session::Stream TlsClient::over(session::Stream below, const std::string& host,
                                std::chrono::system_clock::time_point now, const TlsManner& manner) const {
    if (!shared_->context) shared_->context = make_client_context(shared_->options);
    const std::shared_ptr<SSL> ssl = make_handle(shared_->context.get());
    expect_host(ssl.get(), host);
    ::X509_VERIFY_PARAM_set_time(TlsLibrary::get().SSL_get0_param(ssl.get()),
                                 std::chrono::system_clock::to_time_t(now));
    TlsLibrary::get().SSL_set_connect_state(ssl.get());
    offer(ssl.get(), manner.protocol);
    if (manner.session) {
        if (const auto first = manner.session->first.lock()) {
            go_on_with(ssl.get(), first);
        } else {
            manner.session->first = ssl;
        }
    }
    return make_tls_stream(std::move(below), ssl);
}

session::Stream TlsClient::over(session::Stream below, const std::string& host,
                                std::chrono::system_clock::time_point now) const {
    return over(std::move(below), host, now, TlsManner{});
}

TlsServer::TlsServer(const Certificate& certificate) : context_(make_context(TlsLibrary::get().TLS_server_method())) {
    const TlsLibrary& library = TlsLibrary::get();
    ::ERR_clear_error();
    const std::unique_ptr<STACK_OF(X509), FreeStack> chain(sk_X509_new_null());
    for (const auto& next : certificate.chain) sk_X509_push(chain.get(), next.get());
    if (library.SSL_CTX_use_cert_and_key(context_.get(), certificate.leaf.get(), certificate.key.get(), chain.get(),
                                         1) != 1)
        throw TlsError("the certificate cannot be used: " + reason());
    // Strangers would fill it.
    library.SSL_CTX_ctrl(context_.get(), SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
}

TlsServer::TlsServer(const std::string& certificates, const std::string& key)
    : TlsServer(read_certificate(certificates, key)) {}

session::Stream TlsServer::over(session::Stream below, std::shared_ptr<TlsFacts> facts) const {
    return over(std::move(below), TlsAcceptance{}, std::move(facts));
}

session::Stream TlsServer::over(session::Stream below, const TlsAcceptance& how,
                                std::shared_ptr<TlsFacts> facts) const {
    const TlsLibrary& library = TlsLibrary::get();
    SslHandle ssl = make_handle(context_.get());
    library.SSL_set_accept_state(ssl.get());
    if (!how.kin.empty() &&
        library.SSL_set_session_id_context(ssl.get(), reinterpret_cast<const unsigned char*>(how.kin.data()),
                                           static_cast<unsigned>(how.kin.size())) != 1)
        throw TlsError("a kin of sessions has 32 bytes at the most");
    if (how.only_resumed) {
        if (!facts) facts = std::make_shared<TlsFacts>();
        library.SSL_set_cert_cb(ssl.get(), refuse_own_session, facts.get());
    }
    return make_tls_stream(std::move(below), std::move(ssl), std::move(facts));
}

}  // namespace strata::presentation
