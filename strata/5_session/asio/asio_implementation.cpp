// Boost.Asio, compiled once for the whole program (BOOST_ASIO_SEPARATE_COMPILATION).
// compiled alone: it defines what all others only declare
#include <boost/asio/impl/src.hpp>
