// What an FTP client is told beside what all clients are.
#pragma once

#include <string>

namespace strata::application::ftp {

struct FtpOptions {
    bool active = false;             // the server calls us for data (PORT, EPRT), where we can be called
    std::string encoding = "UTF-8";  // of names; another is taken though the server says that it has UTF-8
};

}  // namespace strata::application::ftp
