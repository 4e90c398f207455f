// asio::ssl, compiled once; the library strata_asio_ssl, which only users of TLS link.
#include <boost/asio/ssl/impl/src.hpp>
