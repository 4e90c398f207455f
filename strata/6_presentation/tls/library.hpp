// OpenSSL's libssl, opened by name when it is needed first: it and what it brings would cost a
// server of files its start time and memory. libcrypto is linked as ever. The functions have
// OpenSSL's names and types.
#pragma once

#include <openssl/ssl.h>

namespace strata::presentation {

struct TlsLibrary {
    // Throws TlsError if there is none.
    [[nodiscard]] static const TlsLibrary& get();

    // NOLINTBEGIN(readability-identifier-naming): as OpenSSL's manual names them
    decltype(&::TLS_client_method) TLS_client_method;
    decltype(&::TLS_server_method) TLS_server_method;
    decltype(&::SSL_CTX_new) SSL_CTX_new;
    decltype(&::SSL_CTX_free) SSL_CTX_free;
    decltype(&::SSL_CTX_ctrl) SSL_CTX_ctrl;
    decltype(&::SSL_CTX_set_options) SSL_CTX_set_options;
    decltype(&::SSL_CTX_set_verify) SSL_CTX_set_verify;
    decltype(&::SSL_CTX_set_default_verify_paths) SSL_CTX_set_default_verify_paths;
    decltype(&::SSL_CTX_load_verify_file) SSL_CTX_load_verify_file;
    decltype(&::SSL_CTX_use_cert_and_key) SSL_CTX_use_cert_and_key;
    decltype(&::SSL_session_reused) SSL_session_reused;
    decltype(&::SSL_set_session_id_context) SSL_set_session_id_context;
    decltype(&::SSL_set_cert_cb) SSL_set_cert_cb;
    decltype(&::SSL_new) SSL_new;
    decltype(&::SSL_free) SSL_free;
    decltype(&::SSL_set_alpn_protos) SSL_set_alpn_protos;
    decltype(&::SSL_get1_session) SSL_get1_session;
    decltype(&::SSL_set_session) SSL_set_session;
    decltype(&::SSL_SESSION_free) SSL_SESSION_free;
    decltype(&::SSL_ctrl) SSL_ctrl;
    decltype(&::SSL_set_bio) SSL_set_bio;
    decltype(&::SSL_set_connect_state) SSL_set_connect_state;
    decltype(&::SSL_set_accept_state) SSL_set_accept_state;
    decltype(&::SSL_get0_param) SSL_get0_param;
    decltype(&::SSL_get_verify_result) SSL_get_verify_result;
    decltype(&::SSL_is_init_finished) SSL_is_init_finished;
    decltype(&::SSL_read_ex) SSL_read_ex;
    decltype(&::SSL_peek_ex) SSL_peek_ex;
    decltype(&::SSL_write_ex) SSL_write_ex;
    decltype(&::SSL_shutdown) SSL_shutdown;
    decltype(&::SSL_get_error) SSL_get_error;
    // NOLINTEND(readability-identifier-naming)
};

}  // namespace strata::presentation
