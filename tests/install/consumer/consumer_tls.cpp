// The same with TLS, which has a library of its own.
#include <boost/asio/ssl/context.hpp>
#include <cstdio>

int main() {
    boost::asio::ssl::context context(boost::asio::ssl::context::tls_client);
    context.set_default_verify_paths();
    std::puts("consumer_tls: ran");
    return 0;
}
