#include "strata/7_application/ftp/message/command.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "strata/0_foundation/ascii.hpp"

namespace strata::application::ftp {
namespace {

struct Named {
    std::string_view name;
    Verb verb;
};

constexpr std::array verbs{
    Named{"ABOR", Verb::abor}, Named{"ACCT", Verb::acct}, Named{"ALLO", Verb::allo}, Named{"APPE", Verb::appe},
    Named{"AUTH", Verb::auth}, Named{"CCC", Verb::ccc},   Named{"CDUP", Verb::cdup}, Named{"CLNT", Verb::clnt},
    Named{"CWD", Verb::cwd},   Named{"DELE", Verb::dele}, Named{"EPRT", Verb::eprt}, Named{"EPSV", Verb::epsv},
    Named{"FEAT", Verb::feat}, Named{"HASH", Verb::hash}, Named{"HELP", Verb::help}, Named{"LIST", Verb::list},
    Named{"MDTM", Verb::mdtm}, Named{"MFMT", Verb::mfmt}, Named{"MKD", Verb::mkd},   Named{"MLSD", Verb::mlsd},
    Named{"MLST", Verb::mlst}, Named{"MODE", Verb::mode}, Named{"NLST", Verb::nlst}, Named{"NOOP", Verb::noop},
    Named{"OPTS", Verb::opts}, Named{"PASS", Verb::pass}, Named{"PASV", Verb::pasv}, Named{"PBSZ", Verb::pbsz},
    Named{"PORT", Verb::port}, Named{"PROT", Verb::prot}, Named{"PWD", Verb::pwd},   Named{"QUIT", Verb::quit},
    Named{"REIN", Verb::rein}, Named{"REST", Verb::rest}, Named{"RETR", Verb::retr}, Named{"RMD", Verb::rmd},
    Named{"RNFR", Verb::rnfr}, Named{"RNTO", Verb::rnto}, Named{"SITE", Verb::site}, Named{"SIZE", Verb::size},
    Named{"SMNT", Verb::smnt}, Named{"STAT", Verb::stat}, Named{"STOR", Verb::stor}, Named{"STOU", Verb::stou},
    Named{"STRU", Verb::stru}, Named{"SYST", Verb::syst}, Named{"TYPE", Verb::type}, Named{"USER", Verb::user},
    Named{"XCUP", Verb::cdup}, Named{"XCWD", Verb::cwd},  Named{"XMKD", Verb::mkd},  Named{"XPWD", Verb::pwd},
    Named{"XRMD", Verb::rmd},
};

constexpr std::size_t shown_most = 12;  // letters of a verb that is none

}  // namespace

Command parse_command(std::string_view line) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view name = line.substr(0, space);
    Command command;
    const auto found =
        std::ranges::find_if(verbs, [name](const Named& one) { return equal_ignoring_case(one.name, name); });
    if (found == verbs.end()) {
        command.name = name.substr(0, shown_most);
    } else {
        command.verb = found->verb;
        command.name = found->name;
    }
    // What is behind the first space is the argument: a file's name may begin with one.
    if (space < line.size()) command.argument = line.substr(space + 1);
    return command;
}

}  // namespace strata::application::ftp
