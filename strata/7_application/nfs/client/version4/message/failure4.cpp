#include "strata/7_application/nfs/client/version4/message/failure4.hpp"

namespace strata::application::nfs::client {

using enum v4::Status4;

namespace {

struct Words4 {
    const char* why = nullptr;
    const char* remedy = nullptr;
    bool may_pass = false;
};

Words4 words_of4(v4::Status4 status) {
    switch (status) {
        case moved:
            return {"it was moved to another server (NFS4ERR_MOVED)", "ask whoever runs the server where it is now"};
        case wrongsec:
            return {"the server wants Kerberos, or another proof of who calls (NFS4ERR_WRONGSEC)",
                    "let it allow sec=sys as well"};
        case minor_vers_mismatch:
            return {"the server has NFS version 4, but not its minor version 0 (NFS4ERR_MINOR_VERS_MISMATCH)",
                    "let whoever runs it allow version 4.0, or write version=3"};
        case resource: return {"the server has no room for what is asked (NFS4ERR_RESOURCE)", "try again later", true};
        case grace:
            return {"the server began anew, and lets nothing be opened yet (NFS4ERR_GRACE)", "try again later", true};
        case share_denied:
            return {"somebody else has it open, and denies others (NFS4ERR_SHARE_DENIED)", "wait until he is done",
                    true};
        case locked: return {"somebody else has locked it (NFS4ERR_LOCKED)", "wait until he is done", true};
        case file_open: return {"somebody has it open (NFS4ERR_FILE_OPEN)", "wait until he is done", true};
        case symlink: return {"it is a symbolic link, or no regular file (NFS4ERR_SYMLINK)", "name a file"};
        case badname:
        case badchar: return {"the server does not take such a name (NFS4ERR_BADNAME)", "choose another name"};
        case clid_inuse: return {"the server takes us for somebody else (NFS4ERR_CLID_INUSE)", "try again", true};
        case op_illegal:
        case attrnotsupp: return {"the server has no word for that (NFS4ERR_NOTSUPP)", "write version=3"};
        case expired:
        case stale_clientid:
        case stale_stateid:
        case old_stateid:
        case bad_stateid:
        case admin_revoked: return {"the server forgets what is open there, again and again", "try again", true};
        default: return {};
    }
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

}  // namespace

std::string in_words_of_version4(std::string text) {
    replace_all(text, "NFS3ERR_JUKEBOX", "NFS4ERR_DELAY");
    replace_all(text, "(NFS3ERR_ACCES)", "(NFS4ERR_ACCESS)");
    replace_all(text, "(NFS3ERR_", "(NFS4ERR_");
    return text;
}

Failure failure_of(v4::Status4 status) {
    if (status == fhexpired) status = stale;
    if (const Words4 words = words_of4(status); words.why != nullptr) return {words.why, words.remedy, words.may_pass};
    Failure failure = failure_of(static_cast<Status>(status));
    failure.why = in_words_of_version4(std::move(failure.why));
    return failure;
}

void check(v4::Status4 status) {
    if (status != ok) throw failure_of(status);
}

Status plain_status_of(v4::Status4 status) {
    const auto plain = static_cast<Status>(status);
    if (status == not_same || status == stale || status == badhandle || status == delay || !declared(plain))
        check(status);
    return plain;
}

bool will_pass(v4::Status4 status) noexcept { return status == delay || status == grace; }

bool is_forgotten(v4::Status4 status) noexcept {
    switch (status) {
        case expired:
        case stale_clientid:
        case stale_stateid:
        case old_stateid:
        case bad_stateid:
        case admin_revoked: return true;
        default: return false;
    }
}

}  // namespace strata::application::nfs::client
