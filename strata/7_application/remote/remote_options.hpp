// What a Remote is told, whatever protocol it speaks, and what each protocol is beside that.
#pragma once

#include <string>

#include "strata/7_application/ftp/client/ftp_options.hpp"
#include "strata/7_application/http/client/http_options.hpp"
#include "strata/7_application/nfs/client/nfs_options.hpp"
#include "strata/7_application/tftp/client/client.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application {

struct RemoteOptions {
    RemoteOptions() = default;  // no aggregate: GCC 12 moves one that is made within a co_await as if it were bytes

    ClientOptions client{};
    std::size_t entries_max = 100'000;          // of a listing: some 20 MB; a longer one is an error
    std::size_t listing_bytes_max = 32u << 20;  // as it comes

    http::HttpOptions http{};
    tftp::RequestOptions tftp{};
    ftp::FtpOptions ftp{};
    nfs::NfsOptions nfs{};
    std::string fetch_encoding = "UTF-8";  // of names in the plain download protocol
};

}  // namespace strata::application
