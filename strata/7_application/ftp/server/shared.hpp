// What an FTP server's sessions have in common.
#pragma once

#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/files/listing.hpp"
#include "strata/7_application/ftp/server/server.hpp"
#include "strata/7_application/serving/turns.hpp"

namespace strata::application::ftp {

struct Shared {
    Shared(session::Network& on, const FileRoot& root, Server::Log tell, ServerOptions given)
        : network(on),
          files(root, given.files),
          listings(on, given.listings_at_once_max),
          digests(on, given.digests_at_once_max),
          charset(presentation::Charset::named(given.encoding)),
          log(std::move(tell)),
          options(std::move(given)) {}
    session::Network& network;
    OpenFiles files;    // of the folder that is everybody's
    SharedNames names;  // of its folders
    Turns listings;
    Turns digests;
    presentation::Charset charset;
    Server::Log log;
    ServerOptions options;
};

}  // namespace strata::application::ftp
