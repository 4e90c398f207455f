#include "strata/6_presentation/tls/library.hpp"

#include <dlfcn.h>

#include <initializer_list>

#include "strata/6_presentation/tls/tls.hpp"

namespace strata::presentation {
namespace {

class Opened {
public:
    Opened() {
        // The one that our libcrypto belongs to.
        library_ = ::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
        if (library_ == nullptr)
            throw TlsError("TLS needs OpenSSL's libssl.so.3, which is not installed here (on Debian: libssl3)");
    }
    template <typename Function>
    void find(Function& function, const char* name) const {
        function = reinterpret_cast<Function>(::dlsym(library_, name));
        if (function == nullptr) throw TlsError(std::string("the libssl.so.3 that is installed here has no ") + name);
    }

private:
    void* library_;  // open until the end: OpenSSL cleans up behind itself at exit
};

TlsLibrary open_libssl() {
    const Opened opened;
    TlsLibrary library{};
#define STRATA_FIND(name) opened.find(library.name, #name)
    STRATA_FIND(TLS_client_method);
    STRATA_FIND(TLS_server_method);
    STRATA_FIND(SSL_CTX_new);
    STRATA_FIND(SSL_CTX_free);
    STRATA_FIND(SSL_CTX_ctrl);
    STRATA_FIND(SSL_CTX_set_options);
    STRATA_FIND(SSL_CTX_set_verify);
    STRATA_FIND(SSL_CTX_set_default_verify_paths);
    STRATA_FIND(SSL_CTX_load_verify_file);
    STRATA_FIND(SSL_CTX_use_cert_and_key);
    STRATA_FIND(SSL_session_reused);
    STRATA_FIND(SSL_set_session_id_context);
    STRATA_FIND(SSL_set_cert_cb);
    STRATA_FIND(SSL_new);
    STRATA_FIND(SSL_free);
    STRATA_FIND(SSL_set_alpn_protos);
    STRATA_FIND(SSL_get1_session);
    STRATA_FIND(SSL_set_session);
    STRATA_FIND(SSL_SESSION_free);
    STRATA_FIND(SSL_ctrl);
    STRATA_FIND(SSL_set_bio);
    STRATA_FIND(SSL_set_connect_state);
    STRATA_FIND(SSL_set_accept_state);
    STRATA_FIND(SSL_get0_param);
    STRATA_FIND(SSL_get_verify_result);
    STRATA_FIND(SSL_is_init_finished);
    STRATA_FIND(SSL_read_ex);
    STRATA_FIND(SSL_peek_ex);
    STRATA_FIND(SSL_write_ex);
    STRATA_FIND(SSL_shutdown);
    STRATA_FIND(SSL_get_error);
#undef STRATA_FIND
    return library;
}

}  // namespace

const TlsLibrary& TlsLibrary::get() {
    static const TlsLibrary library = open_libssl();
    return library;
}

}  // namespace strata::presentation
