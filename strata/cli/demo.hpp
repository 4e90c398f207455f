// What `strata serve --demo` shows: one of the served files fetched
// through itself, whole, and what to try next.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

#include "strata/7_application/files/file_root.hpp"

namespace strata::cli {

// Fetches the largest file at the top of the folder from the URL as any client of this machine
// would, and compares digests. Throws if it did not arrive whole.
boost::asio::awaitable<void> demo(boost::asio::io_context& io, const application::FileRoot& root, std::string http_url,
                                  std::string fetch_url);

}  // namespace strata::cli
