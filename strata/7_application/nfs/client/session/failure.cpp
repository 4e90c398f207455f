#include "strata/7_application/nfs/client/session/failure.hpp"

#include <boost/asio/error.hpp>

#include "strata/5_session/rpc/message/status.hpp"

namespace strata::application::nfs::client {
namespace {

constexpr const char* check_rights = "check who may do that there, and uid= and gid= in the URL";
constexpr const char* check_name_in_url = "check the name";
constexpr const char* once_more = "try again";

struct Words {
    const char* why;
    const char* remedy;
};

Words words_of(Status status) {
    switch (status) {
        case Status::perm: return {"the server does not let its owner be another (NFS3ERR_PERM)", check_rights};
        case Status::acces: return {"the server does not allow it (NFS3ERR_ACCES)", check_rights};
        case Status::rofs:
            return {"nothing may be changed there (NFS3ERR_ROFS)", "let whoever runs the server allow that"};
        case Status::noent: return {"it is not there (NFS3ERR_NOENT)", check_name_in_url};
        case Status::exist: return {"there is something of that name already (NFS3ERR_EXIST)", "choose another name"};
        case Status::notdir: return {"a part of its path is no folder (NFS3ERR_NOTDIR)", check_name_in_url};
        case Status::isdir: return {"it is a folder (NFS3ERR_ISDIR)", "name a file"};
        case Status::notempty: return {"the folder is not empty (NFS3ERR_NOTEMPTY)", "empty it first"};
        case Status::nametoolong: return {"the name is too long for the server (NFS3ERR_NAMETOOLONG)", "shorten it"};
        case Status::nospc: return {"the server's disk is full (NFS3ERR_NOSPC)", "make room there"};
        case Status::dquot: return {"the quota there is used up (NFS3ERR_DQUOT)", "make room there"};
        case Status::fbig: return {"it is too large for the server (NFS3ERR_FBIG)", "put it elsewhere"};
        case Status::stale:
        case Status::badhandle:
            return {"the server no longer knows the file (NFS3ERR_STALE): it was removed, or the server began anew",
                    once_more};
        case Status::jukebox: return {"the server is busy, and stays so (NFS3ERR_JUKEBOX)", "try again later"};
        case Status::xdev: return {"it would lead to another file system (NFS3ERR_XDEV)", "copy it"};
        case Status::notsupp: return {"the server has no word for that (NFS3ERR_NOTSUPP)", "use another protocol"};
        case Status::io: return {"the server's disk failed (NFS3ERR_IO)", "look into the server's log"};
        default: break;
    }
    return {nullptr, once_more};
}

}  // namespace

Failure failure_of(Status status) {
    const Words words = words_of(status);
    Failure failure(words.why != nullptr
                        ? words.why
                        : "the server refuses it with error " + std::to_string(static_cast<std::uint32_t>(status)),
                    words.remedy, status == Status::jukebox || status == Status::serverfault);
    failure.stale = status == Status::stale || status == Status::badhandle;
    failure.passing = failure.passing || failure.stale;
    return failure;
}

Failure failure_of(const boost::system::system_error& error) {
    const boost::system::error_code& code = error.code();
    if (code.category() != session::rpc::error_category()) {
        const bool is_late = code == boost::asio::error::timed_out;
        Failure failure(is_late ? "the server does not answer" : "the server is not reached: " + code.message(),
                        is_late ? "check that it runs, and that nothing on the way drops what is asked" : once_more,
                        true);
        failure.lost = true;
        return failure;
    }
    using session::rpc::Errc;
    switch (static_cast<Errc>(code.value())) {
        case Errc::bad_reply: return nonsense("what comes is not in the form of NFS");
        case Errc::program_unavailable:
        case Errc::program_mismatch: {
            Failure failure("there is no NFS of version 3 at that port",
                            "check the port, and which versions the server has");
            failure.other_version = true;
            return failure;
        }
        case Errc::bad_credentials:
        case Errc::rejected_credentials:
        case Errc::bad_verifier:
        case Errc::rejected_verifier:
        case Errc::too_weak:
        case Errc::auth_failed:
            return {"the server does not believe who calls: " + code.message(),
                    "let whoever runs it allow sec=sys, and calls from ports above 1023"};
        default: return {"the server refuses the call: " + code.message(), once_more};
    }
}

Failure failure_of(const std::string& sentence) {
    const std::size_t border = sentence.rfind("; ");
    if (border == std::string::npos) return {sentence, "change the URL"};
    return {sentence.substr(0, border), sentence.substr(border + 2)};
}

Failure nonsense(std::string what) {
    Failure failure(std::move(what), "the server is broken, or no server of NFS; try another");
    failure.lost = true;
    return failure;
}

void check(Status status) {
    if (status != Status::ok) throw failure_of(status);
}

}  // namespace strata::application::nfs::client
