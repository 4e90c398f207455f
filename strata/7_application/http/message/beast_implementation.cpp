// Boost.Beast, compiled once for the whole program (BOOST_BEAST_SEPARATE_COMPILATION).
// compiled alone: it defines what all others only declare
#include <boost/beast/src.hpp>
