// Commands of FTP, as they come on the control connection (RFC 959 4.1 and 5.3; 2228, 2389, 2428,
// 3659): a verb of three or four letters in any case, and behind one space its argument.
//
//     RETR notes.txt CR LF  ──▶  {Verb::retr, "RETR", "notes.txt"}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata::application::ftp {

enum class Verb : std::uint8_t {
    unknown,
    abor,
    acct,
    allo,
    appe,
    auth,
    ccc,
    cdup,
    clnt,
    cwd,
    dele,
    eprt,
    epsv,
    feat,
    hash,
    help,
    list,
    mdtm,
    mfmt,
    mkd,
    mlsd,
    mlst,
    mode,
    nlst,
    noop,
    opts,
    pass,
    pasv,
    pbsz,
    port,
    prot,
    pwd,
    quit,
    rein,
    rest,
    retr,
    rmd,
    rnfr,
    rnto,
    site,
    size,
    smnt,
    stat,
    stor,
    stou,
    stru,
    syst,
    type,
    user,
};

struct Command {
    Verb verb = Verb::unknown;
    std::string name;      // as it was said, in upper case; of one that is unknown no more than its beginning
    std::string argument;  // in the encoding of the conversation
};

// A line without its end. XMKD and its like (RFC 775) are what they stand for.
[[nodiscard]] Command parse_command(std::string_view line);

}  // namespace strata::application::ftp
